/** `list_dbs` (RFC 7047 4.1.1). */
import { DecodeError } from '../decode-error.ts';
import type { PeerRequest } from '../wire/peer.ts';

export function listDbs(): PeerRequest<string[]> {
  return { method: 'list_dbs', params: [], decode };
}

function decode(result: unknown): string[] {
  if (!Array.isArray(result) || !result.every((name) => typeof name === 'string')) {
    throw new DecodeError('the names of databases', result);
  }
  return result;
}
