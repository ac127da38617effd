/**
 * The public face of the OVSDB client: RFC 7047 and Open vSwitch's extensions of it.
 *
 *   const listener = await listenOvsdb({ host, port: 6640, clock, log }, (client) => { … });
 *   const [uuid] = await client.transact(OPEN_VSWITCH, [vswitch.insert('Bridge', { name })]);
 *   const replica = await client.monitor(OPEN_VSWITCH, { Interface: { columns: ['ofport'] } });
 */
export { type ConnectionOptions, OvsdbClient } from './client.ts';
export type { Condition } from './condition.ts';
export {
  type DialOptions,
  dialOvsdb,
  keepDialing,
  type ListenOptions,
  listenOvsdb,
  type OvsdbDialer,
  type OvsdbListener,
} from './connection.ts';
export { type NamedUuid, namedUuid, type UuidRef } from './datum/named-uuid.ts';
export { isUuid, type Uuid } from './datum/uuid.ts';
export * from './errors.ts';
export type { Limits } from './limits.ts';
export * from './models/index.ts';
export type { MonitoredRows, MonitorSpec, RowChange } from './monitor-spec.ts';
export type { Mutation } from './mutation.ts';
export {
  abort,
  assertLock,
  comment,
  commit,
  type Operation,
  type Results,
} from './operations.ts';
export { Replica } from './replica.ts';
export type { DatabaseSchema } from './schema.ts';
