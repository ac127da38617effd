/** `monitor_cond` (ovsdb-server(7) 4.1.12): like `monitor`, with updates that are differences. */
import type { PeerRequest } from '../wire/peer.ts';
import type { MonitorCall } from './monitor-call.ts';
import { type Beginning, encodeMonitorRequests } from './monitored.ts';
import { decodeTableUpdates2 } from './update2.ts';

export function monitorCond({ database, id, tables }: MonitorCall): PeerRequest<Beginning> {
  return {
    method: 'monitor_cond',
    params: [database, id, encodeMonitorRequests(tables)],
    decode: (result) => ({
      updates: decodeTableUpdates2(tables, result),
      continued: false,
      transactionId: undefined,
    }),
  };
}
