/**
 * Keeps the counts of rules: whoever owns a host reads what its switch has counted, now and then
 * and when somebody asks, and takes it down in the store, where every controller finds it.
 *
 *     switch ──reading──▶ ledger of the host ──report──▶ store: of the host, and of the region
 *
 * A reading is two small requests beside the lanes of a host, and waits while the host has work.
 */
import { cookieOf } from '../../compiler/index.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { hashText } from '../../lib/hash.ts';
import type { Logger } from '../../lib/log.ts';
import type { Counters } from '../../store/index.ts';
import {
  type Change,
  type RecordKey,
  recordKey,
  splitKey,
  type Topology,
} from '../../topology/index.ts';
import type { FleetControl } from '../fleet-control.ts';
import { leaseName } from '../hosts.ts';
import { HostLedger, type Reading } from './host-ledger.ts';

export type CounterStore = Pick<
  Counters,
  'byHost' | 'counted' | 'forget' | 'forgetHost' | 'ofHost' | 'readAt' | 'report' | 'sums'
>;

export interface HitKeeperOptions {
  readonly topology: Topology;
  readonly counters: CounterStore;
  readonly fleet: Pick<FleetControl, 'count' | 'status'>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface OwnHost {
  readonly id: string;
  readonly epoch: bigint;
  ledger: HostLedger | undefined;
  /** Ends with the last reading that was asked for. */
  tail: Promise<void>;
  waiting: number;
  /** Monotonic milliseconds. */
  askedMs: number;
  dueMs: number;
}

/** Between two readings of a host: so long, and longer the more there is to read. */
const PERIOD_MS = 10_000;
const PERIOD_PER_FLOW_MS = 10;
const TICK_MS = 1_000;
/** Readings at once that nobody asked for. */
const UNASKED_MAX = 8;
/** Readings of one host that wait for one another. */
const WAITING_MAX = 4;
/** What is younger is not read again for whoever asks. */
const FRESH_MS = 1_000;
/** Hosts that one question reads, and how long it waits for them. */
const REFRESHED_MAX = 64;
const REFRESH_MS = 1_000;

export class HitKeeper {
  readonly #options: HitKeeperOptions;
  readonly #hosts = new Map<string, OwnHost>();
  /** Rules by the cookie of their flows. */
  readonly #rules = new Map<bigint, RecordKey>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: HitKeeperOptions) {
    this.#options = options;
    this.#schedule();
  }

  /** The host is ours, or ours anew. */
  adopt(hostId: string, epoch: bigint): void {
    if (this.#hosts.get(hostId)?.epoch === epoch) return;
    const now = this.#options.clock.now();
    // The readings of many hosts must not fall together.
    const dueMs = now + ((hashText(hostId).lo >>> 0) % PERIOD_MS);
    const tail = Promise.resolve();
    const host = { id: hostId, epoch, ledger: undefined, tail, waiting: 0, askedMs: -1e9, dueMs };
    this.#hosts.set(hostId, host);
  }

  release(hostId: string): void {
    this.#hosts.delete(hostId);
  }

  /** Everything was read anew. */
  reset(): void {
    this.#rules.clear();
    for (const { id } of this.#options.topology.list('security_group_rule')) this.#addRule(id);
    this.#quietly(this.#sweep());
  }

  /** After a change was applied. */
  change({ puts, deletes }: Change): void {
    for (const { key } of puts) {
      const { kind, id } = splitKey(key);
      if (kind === 'security_group_rule') this.#addRule(id);
    }
    const gone: RecordKey[] = [];
    for (const key of deletes) {
      const { kind, id } = splitKey(key);
      if (kind === 'host') this.#quietly(this.#options.counters.forgetHost(id));
      if (kind !== 'security_group_rule') continue;
      this.#rules.delete(cookieOf('security-group-rule', id));
      gone.push(key);
    }
    if (gone.length > 0) this.#forget(gone);
  }

  /** A host is about to lose flows of rules that live on: what they have counted is read first. */
  leaving(hostId: string): void {
    const host = this.#hosts.get(hostId);
    if (host !== undefined) this.#quietly(this.#count(host));
  }

  /** Reads those of these hosts that are ours; resolves when it is taken down, or soon. */
  async refresh(hostIds: Iterable<string>): Promise<void> {
    const { clock } = this.#options;
    const readings: Promise<void>[] = [];
    for (const id of hostIds) {
      const host = this.#hosts.get(id);
      if (host === undefined) continue;
      const isFresh = clock.now() - host.askedMs < FRESH_MS;
      readings.push(isFresh ? host.tail : this.#count(host));
      if (readings.length === REFRESHED_MAX) break;
    }
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = clock.setTimer(REFRESH_MS, resolve);
    });
    await Promise.race([Promise.allSettled(readings), late]);
    timer?.cancel();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#hosts.clear();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(TICK_MS, () => {
      this.#tick();
      if (!this.#stopped) this.#schedule();
    });
  }

  #tick(): void {
    const now = this.#options.clock.now();
    let running = 0;
    for (const { waiting } of this.#hosts.values()) if (waiting > 0) running += 1;
    for (const host of this.#hosts.values()) {
      if (running >= UNASKED_MAX) return;
      if (host.dueMs > now || host.waiting > 0 || !this.#isIdle(host.id)) continue;
      running += 1;
      this.#quietly(this.#count(host));
    }
  }

  /** Whether there is something to be read, and nothing to be done. */
  #isIdle(hostId: string): boolean {
    const { fleet, topology } = this.#options;
    if (topology.groupPlaces.groupsOf(hostId).size === 0) return false;
    const status = fleet.status(hostId);
    return status?.state === 'ready' && status.pending === 0;
  }

  /** Asks at once; what is told is added in the order of asking. */
  #count(host: OwnHost): Promise<void> {
    if (host.waiting >= WAITING_MAX) return host.tail;
    const { clock, fleet } = this.#options;
    const askedMs = clock.now();
    const asked = fleet.count(host.id, 'rules').then(
      (flows): Reading => ({
        flows,
        askedMs,
        toldMs: clock.now(),
        wallMs: clock.wallTimeMs(),
      }),
    );
    host.waiting += 1;
    host.askedMs = askedMs;
    host.dueMs = askedMs + PERIOD_MS;
    const added = Promise.allSettled([asked, host.tail]).then(async () =>
      this.#add(host, await asked),
    );
    host.tail = added.then(
      () => this.#ended(host),
      () => this.#ended(host),
    );
    return added;
  }

  #ended(host: OwnHost): void {
    host.waiting -= 1;
  }

  async #add(host: OwnHost, reading: Reading): Promise<void> {
    if (this.#hosts.get(host.id) !== host) return;
    const { counters } = this.#options;
    const wallAheadMs = reading.wallMs - reading.toldMs;
    const ledger = host.ledger ?? (await this.#open(host, wallAheadMs));
    ledger.add(reading, (cookie) => this.#rules.get(cookie));
    host.dueMs = reading.askedMs + PERIOD_MS + reading.flows.length * PERIOD_PER_FLOW_MS;
    const counts = ledger.take(wallAheadMs);
    const lease = { name: leaseName(host.id), epoch: host.epoch };
    try {
      await counters.report({ hostId: host.id, lease, atMs: Math.floor(reading.wallMs), counts });
    } catch (error) {
      ledger.putBack(counts);
      throw error;
    }
  }

  /** What the owners before us have taken down. */
  async #open(host: OwnHost, wallAheadMs: number): Promise<HostLedger> {
    const { counters } = this.#options;
    const ledger = new HostLedger(await counters.ofHost(host.id), wallAheadMs);
    host.ledger = ledger;
    const dead = this.#unknown(ledger.keys);
    ledger.forget(dead);
    this.#quietly(counters.forget(dead, [host.id]));
    return ledger;
  }

  /** A host whose ledger is not open yet forgets what has gone when it is opened. */
  #forget(keys: readonly RecordKey[]): void {
    const hosts = [...this.#hosts.values()].filter(({ ledger }) => ledger?.forget(keys));
    const ids = hosts.map(({ id }) => id);
    this.#quietly(this.#options.counters.forget(keys, ids));
  }

  /** Rules may have gone while nobody was there. */
  async #sweep(): Promise<void> {
    const { counters } = this.#options;
    await counters.forget(this.#unknown(await counters.counted()), [...this.#hosts.keys()]);
  }

  #unknown(keys: Iterable<RecordKey>): RecordKey[] {
    const { topology } = this.#options;
    return [...keys].filter((key) => {
      const { kind, id } = splitKey(key);
      return topology.get(kind, id) === undefined;
    });
  }

  #addRule(id: string): void {
    this.#rules.set(cookieOf('security-group-rule', id), recordKey('security_group_rule', id));
  }

  /** What fails is tried again with the next reading. */
  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (this.#stopped) return;
      this.#options.log.debug('Counts of rules were not taken down.', { reason: String(error) });
    });
  }
}
