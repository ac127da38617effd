/** `get_schema` (RFC 7047 4.1.2). */
import { type DatabaseSchema, parseSchema } from '../schema.ts';
import type { PeerRequest } from '../wire/peer.ts';

export function getSchema(database: string): PeerRequest<DatabaseSchema> {
  return { method: 'get_schema', params: [database], decode: parseSchema };
}
