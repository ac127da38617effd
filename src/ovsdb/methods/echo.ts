/** `echo` (RFC 7047 4.1.11), ours to the server; the server's to us are answered by the peer. */
import type { PeerRequest } from '../wire/peer.ts';

export function echo(): PeerRequest<void> {
  return { method: 'echo', params: [], decode: () => {} };
}
