/** The public face of the OVSDB client (RFC 7047 and Open vSwitch's extensions). */
export type { Clock } from '../lib/clock.ts';
export { type NamedUuid, namedUuid, type UuidRef } from './datum/named-uuid.ts';
export { isUuid, type Uuid } from './datum/uuid.ts';
export * from './models/index.ts';
export type { MonitoredRows, MonitorSpec, RowChange } from './monitor-spec.ts';
export {
  abort,
  assertLock,
  comment,
  commit,
  type Operation,
  Operations,
  type Results,
} from './operations.ts';

import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Uuid } from './datum/uuid.ts';
import type { DatabaseModel, Shapes } from './model.ts';
import type { MonitoredRows, MonitorSpec, RowChange } from './monitor-spec.ts';
import type { Operation, Results } from './operations.ts';
import type { DatabaseSchema } from './schema.ts';

export interface Limits {
  readonly messageBytesMax: number;
  readonly depthMax: number;
  readonly pendingMax: number;
  readonly sendBytesMax: number;
  readonly replicaBytesMax: number;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
  /** Milliseconds of silence before an echo; as many again and the connection is closed. */
  readonly probeIntervalMs?: number;
}

export type ListenOptions = ConnectionOptions &
  ({ readonly host: string; readonly port: number } | { readonly path: string });

export interface OvsdbListener {
  /** Where it listens: `tcp:HOST:PORT` or `unix:PATH`. */
  readonly port: number;
  close(): Promise<void>;
}

export interface OvsdbClient {
  readonly remoteAddress: string;
  readonly localAddress: string;
  listDbs(): Promise<string[]>;
  getSchema(database: string): Promise<DatabaseSchema>;
  transact<const L extends readonly Operation[]>(
    database: { readonly schema: DatabaseSchema },
    operations: L,
  ): Promise<Results<L>>;
  monitor<S extends Shapes<S>, const M extends MonitorSpec<S>>(
    database: DatabaseModel<S>,
    spec: M,
  ): Promise<Replica<MonitoredRows<S, M>>>;
  /** Feeds a replica of a connection that was lost from this one; changes since are reported. */
  resume(replica: Replica<object>): Promise<void>;
  setDbChangeAware(aware: boolean): Promise<void>;
  echo(): Promise<void>;
  onClose(listener: (reason: string) => void): void;
  close(reason: string): void;
}

export interface Replica<Rows> {
  readonly lastTransactionId: Uuid | undefined;
  rows<N extends keyof Rows & string>(table: N): ReadonlyMap<Uuid, Rows[N]>;
  /** Called once a server's update, after it was applied; returns the way to stop. */
  onUpdate(listener: (changes: readonly RowChange<Rows>[]) => void): () => void;
  /** Ends the monitor. */
  cancel(): Promise<void>;
}

export declare function listenOvsdb(
  options: ListenOptions,
  onConnection: (client: OvsdbClient) => void,
): Promise<OvsdbListener>;

/** Connects once to `tcp:HOST:PORT` or `unix:PATH`. */
export declare function dialOvsdb(
  options: ConnectionOptions & { readonly target: string },
): Promise<OvsdbClient>;
