/** A connection to one OVSDB server, whoever opened it: requests, monitors, locks. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { DecodeError } from './decode-error.ts';
import { UnknownMethodError } from './errors.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { echo } from './methods/echo.ts';
import { getSchema } from './methods/get-schema.ts';
import { decodeNotification } from './methods/index.ts';
import { listDbs } from './methods/list-dbs.ts';
import { lock, steal, unlock } from './methods/lock.ts';
import { monitor } from './methods/monitor.ts';
import { monitorCancel } from './methods/monitor-cancel.ts';
import { monitorCond } from './methods/monitor-cond.ts';
import { monitorCondSince } from './methods/monitor-cond-since.ts';
import type { Beginning } from './methods/monitored.ts';
import { setDbChangeAware } from './methods/set-db-change-aware.ts';
import { transact } from './methods/transact.ts';
import type { DatabaseModel, Shapes } from './model.ts';
import type { MonitoredRows, MonitorSpec } from './monitor-spec.ts';
import type { Operation, Results } from './operations.ts';
import { Replica } from './replica.ts';
import type { DatabaseSchema } from './schema.ts';
import type { ByteBudget } from './wire/byte-budget.ts';
import type { Call } from './wire/envelope.ts';
import { Peer } from './wire/peer.ts';

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
  /** Milliseconds of silence before an echo; as many again and the connection is closed. */
  readonly probeIntervalMs?: number;
  /** Of a listener: what the unfinished messages of all its peers share. */
  readonly budget?: ByteBudget;
}

/** A connected `net.Socket`, or what behaves like one. */
export type ServerSocket = Duplex & {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
};

/** As ovsdb-server's own default. */
export const DEFAULT_PROBE_INTERVAL_MS = 5000;

/** What feeds a replica needs of it; every `Replica` is one. */
export type ReplicaFeed = Pick<
  Replica<unknown>,
  'database' | 'tables' | 'lastTransactionId' | 'begin' | 'apply'
>;

/** From what resumes best to what every server knows. */
const MONITOR_METHODS = [monitorCondSince, monitorCond, monitor] as const;

type LockListener = (lock: string, held: boolean) => void;

/**
 * Every request rejects with an `OvsdbError` when the server refuses and with a `ConnectionError`
 * when there is no answer to come.
 */
export class OvsdbClient {
  /** The peer's IP address; empty on a unix socket. */
  readonly remoteAddress: string;
  /** Our own IP address as the peer sees it; empty on a unix socket. */
  readonly localAddress: string;
  readonly #peer: Peer;
  readonly #limits: Limits;
  readonly #monitors = new Map<unknown, ReplicaFeed>();
  readonly #lockListeners: LockListener[] = [];
  #lastMonitorId = 0;

  /** Takes the socket over. */
  constructor(socket: ServerSocket, options: ConnectionOptions) {
    this.remoteAddress = withoutMapping(socket.remoteAddress);
    this.localAddress = withoutMapping(socket.localAddress);
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    const peerOptions = {
      clock: options.clock,
      log: options.log.child({ remote: this.remoteAddress }),
      limits: this.#limits,
      probeIntervalMs: options.probeIntervalMs ?? DEFAULT_PROBE_INTERVAL_MS,
      budget: options.budget,
    };
    this.#peer = new Peer(socket, peerOptions, (call) => this.#notified(call));
  }

  listDbs(): Promise<string[]> {
    return this.#peer.request(listDbs());
  }

  getSchema(database: string): Promise<DatabaseSchema> {
    return this.#peer.request(getSchema(database));
  }

  /** Does all the operations or none. An OvsdbError names the operation that stopped it. */
  async transact<const L extends readonly Operation[]>(
    database: { readonly schema: DatabaseSchema },
    operations: L,
  ): Promise<Results<L>> {
    const outcome = await this.#peer.request(transact(database.schema.name, operations));
    if ('refusal' in outcome) throw outcome.refusal;
    return outcome.results as Results<L>;
  }

  /** Keeps a copy of some tables. It stays as it is when the connection ends: see `resume`. */
  async monitor<S extends Shapes<S>, const M extends MonitorSpec<S>>(
    database: DatabaseModel<S>,
    spec: M,
  ): Promise<Replica<MonitoredRows<S, M>>> {
    const requests = Object.entries<{ readonly columns: readonly string[] } | undefined>(spec);
    const columns = requests.map(([table, wanted]) => [table, wanted?.columns ?? []] as const);
    const replica = new Replica<MonitoredRows<S, M>>({
      schema: database.schema,
      columns: new Map(columns),
      bytesMax: this.#limits.replicaBytesMax,
    });
    await this.resume(replica);
    return replica;
  }

  /**
   * Feeds a replica whose connection was lost from this one. What changed meanwhile is reported to
   * its listeners, whether or not the server could tell us no more than that.
   */
  resume(replica: ReplicaFeed): Promise<void> {
    return this.#start(replica, MONITOR_METHODS);
  }

  /** Ends the monitor behind a replica, which keeps what it has. */
  async cancel(replica: ReplicaFeed): Promise<void> {
    for (const [id, fed] of this.#monitors) {
      if (fed !== replica) continue;
      await this.#peer.request(monitorCancel(Number(id), () => this.#monitors.delete(id)));
    }
  }

  /** Asks for a lock; false: `onLock` will tell when it is ours. */
  lock(name: string): Promise<boolean> {
    return this.#peer.request(lock(name));
  }

  /** Takes a lock, from another client if need be, who is told. */
  steal(name: string): Promise<boolean> {
    return this.#peer.request(steal(name));
  }

  unlock(name: string): Promise<void> {
    return this.#peer.request(unlock(name));
  }

  /** Calls `listener` when a lock that we asked for becomes ours, and when one is stolen. */
  onLock(listener: LockListener): void {
    this.#lockListeners.push(listener);
  }

  /** Keeps the connection when the server's databases change, instead of being dropped. */
  setDbChangeAware(aware: boolean): Promise<void> {
    return this.#peer.request(setDbChangeAware(aware));
  }

  echo(): Promise<void> {
    return this.#peer.request(echo());
  }

  /** Calls `listener` once, when the connection has ended; at once if it already has. */
  onClose(listener: (reason: string) => void): void {
    this.#peer.onClose(listener);
  }

  close(reason: string): void {
    this.#peer.close(reason);
  }

  async #start(
    replica: ReplicaFeed,
    [method, ...simpler]: readonly (typeof MONITOR_METHODS)[number][],
  ): Promise<void> {
    if (method === undefined) return;
    const { database, tables, lastTransactionId: since } = replica;
    const id = ++this.#lastMonitorId;
    const request = method({ database, id, tables, since });
    const begin = (result: unknown) => this.#begun(id, replica, request.decode(result));
    try {
      await this.#peer.request({ ...request, decode: begin });
    } catch (error) {
      if (!(error instanceof UnknownMethodError) || simpler.length === 0) throw error;
      await this.#start(replica, simpler);
    }
  }

  /** Runs in the turn of the reply: the first update may stand right behind it. */
  #begun(id: number, replica: ReplicaFeed, beginning: Beginning): void {
    this.#monitors.set(id, replica);
    replica.begin(beginning);
  }

  #notified(call: Call): void {
    const event = decodeNotification(call);
    switch (event.kind) {
      case 'update': {
        const replica = this.#monitors.get(event.monitorId);
        if (replica === undefined) throw new DecodeError('the id of a monitor', event.monitorId);
        replica.apply(event.updates(replica.tables), event.transactionId);
        break;
      }
      case 'lock':
        for (const listener of this.#lockListeners) listener(event.lock, event.held);
        break;
      case 'canceled':
        // A replica that is no longer fed would go stale in silence; a new connection starts over.
        this.#peer.close('the server canceled a monitor');
        break;
    }
  }
}

/** A dual-stack listener sees IPv4 peers as `::ffff:192.0.2.1`. */
function withoutMapping(address = ''): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
