/**
 * The public face of the OVSDB client: RFC 7047 and Open vSwitch's extensions of it.
 *
 *   const listener = await listenOvsdb({ host, port: 6640, clock, log }, (client) => { … });
 *   const [uuid] = await client.transact(OPEN_VSWITCH, [vswitch.insert('Bridge', { name })]);
 *   const replica = await client.monitor(OPEN_VSWITCH, { Interface: { columns: ['ofport'] } });
 *
 * What is marked as public is for callers that write signatures of their own.
 */

/** @public */
export type { ConnectionOptions } from './client.ts';
export { OvsdbClient } from './client.ts';
/** @public */
export type { Condition } from './condition.ts';
/** @public */
export type { DialOptions, ListenOptions, OvsdbDialer } from './connection.ts';
export { dialOvsdb, keepDialing, listenOvsdb, type OvsdbListener } from './connection.ts';
/** @public */
export type { NamedUuid } from './datum/named-uuid.ts';
export { namedUuid, type UuidRef } from './datum/named-uuid.ts';
export type { Uuid } from './datum/uuid.ts';
export * from './errors.ts';
/** @public */
export type { Limits } from './limits.ts';
export * from './models/index.ts';
/** @public */
export type { MonitoredRows, MonitorSpec, RowChange } from './monitor-spec.ts';
/** @public */
export type { Mutation } from './mutation.ts';
/** @public */
export type { Results } from './operations.ts';
export { abort, assertLock, comment, commit, type Operation } from './operations.ts';
export { Replica } from './replica.ts';
/** @public */
export type { DatabaseSchema } from './schema.ts';
