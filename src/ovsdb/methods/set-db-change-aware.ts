/** `set_db_change_aware` (ovsdb-server(7) 4.1.18): keeps the connection when databases change. */
import type { PeerRequest } from '../wire/peer.ts';

export function setDbChangeAware(aware: boolean): PeerRequest<void> {
  return { method: 'set_db_change_aware', params: [aware], decode: () => {} };
}
