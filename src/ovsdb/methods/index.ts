/** The registry of notifications: everything that a server says without being asked. */
import type { Uuid } from '../datum/uuid.ts';
import { DecodeError } from '../decode-error.ts';
import type { Call } from '../wire/envelope.ts';
import { decodeLockName } from './lock.ts';
import { decodeTransactionId } from './monitor-cond-since.ts';
import type { MonitoredTables, RowUpdate } from './monitored.ts';
import { decodeTableUpdates } from './update.ts';
import { decodeTableUpdates2 } from './update2.ts';

export type ServerEvent =
  | {
      readonly kind: 'update';
      readonly monitorId: unknown;
      /** Reads the updates by the columns of the monitor that they belong to. */
      readonly updates: (tables: MonitoredTables) => RowUpdate[];
      readonly transactionId: Uuid | undefined;
    }
  | { readonly kind: 'lock'; readonly lock: string; readonly held: boolean }
  | { readonly kind: 'canceled'; readonly monitorId: unknown };

type Decode = (params: readonly unknown[]) => ServerEvent;

const NOTIFICATIONS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  [
    'update',
    ([monitorId, json]) => ({
      kind: 'update',
      monitorId,
      updates: (tables) => decodeTableUpdates(tables, json),
      transactionId: undefined,
    }),
  ],
  [
    'update2',
    ([monitorId, json]) => ({
      kind: 'update',
      monitorId,
      updates: (tables) => decodeTableUpdates2(tables, json),
      transactionId: undefined,
    }),
  ],
  [
    'update3',
    ([monitorId, transactionId, json]) => ({
      kind: 'update',
      monitorId,
      updates: (tables) => decodeTableUpdates2(tables, json),
      transactionId: decodeTransactionId(transactionId),
    }),
  ],
  ['locked', (params) => ({ kind: 'lock', lock: decodeLockName(params), held: true })],
  ['stolen', (params) => ({ kind: 'lock', lock: decodeLockName(params), held: false })],
  // A server that converts or drops a database tells the clients that are aware of such changes.
  ['monitor_canceled', ([monitorId]) => ({ kind: 'canceled', monitorId })],
]);

export function decodeNotification({ method, params }: Call): ServerEvent {
  const decode = NOTIFICATIONS.get(method);
  if (decode === undefined) throw new DecodeError('a notification of a server', method);
  return decode(params);
}
