/**
 * A region's Redis in memory, and the store of each controller: commits, changes and leases cross a
 * wire that takes its time, and that breaks with commits in flight. What the store promises holds
 * (docs/store.md): a commit is answered when the subscriber has its change; what was in flight is
 * settled after the next session has read the stream.
 */
import type { Clock } from '../../src/lib/clock.ts';
import {
  ClaimTakenError,
  type CommitRequest,
  LeaseLostError,
  MissingError,
  StaleError,
  StoreUnavailableError,
  type Subscriber,
} from '../../src/store/index.ts';
import {
  type AnyRecord,
  type Change,
  identify,
  type RecordKey,
  Tables,
} from '../../src/topology/index.ts';
import { MemoryCounters } from './memory-counters.ts';
import type { SeededRandom } from './world-random.ts';

const AT = '2026-01-01T00:00:00Z';
const WIRE_MS_MAX = 4;

interface Lease {
  readonly holder: string;
  readonly epoch: number;
  readonly expiresAt: number;
}

export class SimulatedRedis {
  readonly records = new Map<RecordKey, { value: AnyRecord; revision: number }>();
  readonly counters = new MemoryCounters();
  readonly stores = new Set<SimulatedStore>();
  revision = 1;
  readonly #clock: Clock;
  readonly #changes: Change[] = [];
  readonly #claims = new Map<string, string>();
  readonly #leases = new Map<string, Lease>();
  readonly #epochs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Applies all of it, or throws as the store does. */
  commit(request: CommitRequest): number {
    this.#check(request);
    for (const claim of request.release?.keys() ?? []) this.#claims.delete(claim);
    for (const [claim, owner] of request.take ?? []) this.#claims.set(claim, owner);
    this.revision += 1;
    const { revision } = this;
    const deletes = request.delete ?? [];
    for (const key of deletes) this.records.delete(key);
    for (const [key, value] of request.put) this.records.set(key, { value, revision });
    const puts = [...request.put].map(([key, value]) => ({ key, value }));
    this.#changes.push({ revision, at: AT, puts, deletes });
    for (const store of this.stores) store.news();
    return revision;
  }

  changesAfter(revision: number): Change[] {
    return this.#changes.filter((change) => change.revision > revision);
  }

  tables(): Tables {
    const tables = new Tables();
    for (const [key, { value, revision }] of this.records) {
      tables.put(identify(key, value), value, revision);
    }
    return tables;
  }

  acquire(name: string, holder: string, ttlMs: number): Lease | undefined {
    const held = this.#held(name);
    if (held !== undefined && held.holder !== holder) return undefined;
    const epoch = held?.epoch ?? (this.#epochs.get(name) ?? 0) + 1;
    this.#epochs.set(name, epoch);
    const lease = { holder, epoch, expiresAt: this.#clock.now() + ttlMs };
    this.#leases.set(name, lease);
    return lease;
  }

  renew(name: string, holder: string, ttlMs: number): boolean {
    return this.#held(name)?.holder === holder && this.acquire(name, holder, ttlMs) !== undefined;
  }

  release(name: string, holder: string): void {
    if (this.#held(name)?.holder === holder) this.#leases.delete(name);
  }

  #held(name: string): Lease | undefined {
    const lease = this.#leases.get(name);
    return lease !== undefined && lease.expiresAt > this.#clock.now() ? lease : undefined;
  }

  #check({ lease, take, require: needed = [], delete: deletes = [], ...versions }: CommitRequest) {
    if (lease !== undefined && this.#held(lease.name)?.epoch !== lease.epoch) {
      throw new LeaseLostError(lease.name);
    }
    this.#checkVersions(versions);
    for (const key of [...needed, ...deletes]) {
      if (!this.records.has(key)) throw new MissingError(key);
    }
    for (const [claim, owner] of take ?? []) {
      const holder = this.#claims.get(claim) ?? owner;
      if (holder !== owner) throw new ClaimTakenError(claim, holder);
    }
  }

  #checkVersions({ expect, absent = [] }: Pick<CommitRequest, 'expect' | 'absent'>): void {
    for (const [key, read] of expect ?? []) {
      if (this.records.get(key)?.revision !== read) throw new StaleError(key);
    }
    for (const key of absent) if (this.records.has(key)) throw new StaleError(key);
  }
}

interface InFlight {
  readonly resolve: (revision: number) => void;
  readonly reject: (error: Error) => void;
  /** What Redis made of it. */
  outcome?: number | Error;
}

const nobody = { publish: () => {}, listen: () => () => {} };

export class SimulatedStore {
  readonly counters: MemoryCounters;
  readonly connections = nobody;
  readonly inspections = nobody;
  readonly #redis: SimulatedRedis;
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #inFlight = new Set<InFlight>();
  #subscriber: Subscriber | undefined;
  #session = 0;
  #isConnected = false;
  #position = 0;
  #arrivesAt = 0;

  constructor(redis: SimulatedRedis, { clock, random }: { clock: Clock; random: SeededRandom }) {
    this.#redis = redis;
    this.#clock = clock;
    this.#random = random;
    this.counters = redis.counters;
    redis.stores.add(this);
  }

  get available(): boolean {
    return this.#isConnected;
  }

  get commitsUnderWay(): number {
    return this.#inFlight.size;
  }

  /** Begins a session: a snapshot, the first time and where the stream was trimmed, or changes. */
  connect(subscriber: Subscriber): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    const isFirst = this.#subscriber === undefined;
    this.#subscriber = subscriber;
    if (isFirst || this.#random.chance(0.3)) {
      this.#position = this.#redis.revision;
      subscriber.snapshot(this.#position, this.#redis.tables());
    } else {
      this.#read();
    }
    this.#settleDoubts();
  }

  /** The session ends; what Redis has not been reached by yet, it never is. */
  disconnect(): void {
    this.#isConnected = false;
    this.#session += 1;
  }

  /** Nothing is heard of it any more. */
  die(): void {
    this.disconnect();
    this.#redis.stores.delete(this);
  }

  /** Redis has changes for it. */
  news(): void {
    if (this.#isConnected) this.#afterWire(() => this.#read());
  }

  commit(request: CommitRequest): Promise<number> {
    if (!this.#isConnected) return Promise.reject(new StoreUnavailableError('Redis is away'));
    return new Promise((resolve, reject) => {
      const inFlight: InFlight = { resolve, reject };
      this.#inFlight.add(inFlight);
      this.#afterWire(() => {
        inFlight.outcome = attempt(() => this.#redis.commit(request));
        if (inFlight.outcome instanceof Error) this.#afterWire(() => this.#settle(inFlight));
      });
    });
  }

  acquire(name: string, holder: string, ttlMs: number): Promise<{ epoch: number } | undefined> {
    return this.#ask(() => this.#redis.acquire(name, holder, ttlMs));
  }

  renew(name: string, holder: string, ttlMs: number): Promise<boolean> {
    return this.#ask(() => this.#redis.renew(name, holder, ttlMs));
  }

  release(name: string, holder: string): Promise<void> {
    return this.#ask(() => this.#redis.release(name, holder));
  }

  #ask<T>(work: () => T): Promise<T> {
    if (!this.#isConnected) return Promise.reject(new StoreUnavailableError('Redis is away'));
    return new Promise((resolve, reject) => {
      const lost = () => reject(new StoreUnavailableError('the session ended'));
      this.#afterWire(() => {
        const result = work();
        this.#afterWire(() => resolve(result), lost);
      }, lost);
    });
  }

  #read(): void {
    for (const change of this.#redis.changesAfter(this.#position)) {
      this.#position = change.revision;
      this.#subscriber?.change(change);
      for (const inFlight of this.#inFlight) {
        if (inFlight.outcome === change.revision) this.#settle(inFlight);
      }
    }
  }

  #settleDoubts(): void {
    for (const inFlight of this.#inFlight) {
      inFlight.outcome ??= new StoreUnavailableError('Redis went away before the commit');
      this.#settle(inFlight);
    }
  }

  #settle(inFlight: InFlight): void {
    this.#inFlight.delete(inFlight);
    if (typeof inFlight.outcome === 'number') inFlight.resolve(inFlight.outcome);
    else inFlight.reject(inFlight.outcome ?? new StoreUnavailableError('no answer'));
  }

  /** In order, as a connection has it; `lost` when the session has ended by then. */
  #afterWire(arrive: () => void, lost: () => void = () => {}): void {
    const session = this.#session;
    const now = this.#clock.now();
    this.#arrivesAt = Math.max(this.#arrivesAt, now + this.#random.integer(WIRE_MS_MAX));
    this.#clock.setTimer(this.#arrivesAt - now, () => {
      if (session === this.#session) arrive();
      else lost();
    });
  }
}

function attempt(work: () => number): number | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}
