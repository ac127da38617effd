/** `monitor_cancel` (RFC 7047 4.1.7). */
import type { PeerRequest } from '../wire/peer.ts';

/** `ended` is called in the turn of the reply: no update of the monitor can follow it. */
export function monitorCancel(id: number, ended: () => void): PeerRequest<void> {
  return { method: 'monitor_cancel', params: [id], decode: ended };
}
