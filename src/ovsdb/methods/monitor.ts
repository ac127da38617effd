/** `monitor` (RFC 7047 4.1.5): what every server knows. */
import type { PeerRequest } from '../wire/peer.ts';
import type { MonitorCall } from './monitor-call.ts';
import { type Beginning, encodeMonitorRequests } from './monitored.ts';
import { decodeTableUpdates } from './update.ts';

export function monitor({ database, id, tables }: MonitorCall): PeerRequest<Beginning> {
  return {
    method: 'monitor',
    params: [database, id, encodeMonitorRequests(tables)],
    decode: (result) => ({
      updates: decodeTableUpdates(tables, result),
      continued: false,
      transactionId: undefined,
    }),
  };
}
