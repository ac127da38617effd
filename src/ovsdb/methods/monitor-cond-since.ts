/** `monitor_cond_since` (ovsdb-server(7) 4.1.15): goes on after a transaction that we have seen. */
import { isUuid, type Uuid, ZERO_UUID } from '../datum/uuid.ts';
import { DecodeError } from '../decode-error.ts';
import type { PeerRequest } from '../wire/peer.ts';
import type { MonitorCall } from './monitor-call.ts';
import { type Beginning, encodeMonitorRequests } from './monitored.ts';
import { decodeTableUpdates2 } from './update2.ts';

export function monitorCondSince(call: MonitorCall): PeerRequest<Beginning> {
  const { database, id, tables, since } = call;
  return {
    method: 'monitor_cond_since',
    params: [database, id, encodeMonitorRequests(tables), since ?? ZERO_UUID],
    decode: (result) => {
      if (!Array.isArray(result) || typeof result[0] !== 'boolean') {
        throw new DecodeError('the reply to monitor_cond_since', result);
      }
      const [continued, transactionId, updates]: unknown[] = result;
      return {
        continued: continued === true,
        transactionId: decodeTransactionId(transactionId),
        updates: decodeTableUpdates2(tables, updates),
      };
    },
  };
}

/** The zero UUID stands for a database that does not count its transactions. */
export function decodeTransactionId(json: unknown): Uuid | undefined {
  if (!isUuid(json)) throw new DecodeError('the id of a transaction', json);
  return json === ZERO_UUID ? undefined : json;
}
