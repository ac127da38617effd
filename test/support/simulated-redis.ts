/** A region's Redis in memory, which may lose what it has acknowledged last. */
import type { Clock } from '../../src/lib/clock.ts';
import {
  ClaimTakenError,
  type CommitRequest,
  LeaseLostError,
  MissingError,
  StaleError,
} from '../../src/store/index.ts';
import {
  type AnyRecord,
  type Change,
  identify,
  type RecordKey,
  Tables,
} from '../../src/topology/index.ts';
import { MemoryCounters } from './memory-counters.ts';
import type { SimulatedStore } from './simulated-store.ts';

const AT = '2026-01-01T00:00:00Z';
/** Commits that can be lost at once. */
const PAST_MAX = 8;

interface Lease {
  readonly holder: string;
  readonly epoch: number;
  readonly expiresAt: number;
}

/** All that it holds after one commit. */
class Content {
  revision: number;
  readonly records: Map<RecordKey, { value: AnyRecord; revision: number }>;
  readonly changes: Change[];
  readonly claims: Map<string, string>;
  readonly leases: Map<string, Lease>;
  readonly epochs: Map<string, number>;

  constructor(from?: Content) {
    this.revision = from?.revision ?? 0;
    this.records = new Map(from?.records);
    this.changes = [...(from?.changes ?? [])];
    this.claims = new Map(from?.claims);
    this.leases = new Map(from?.leases);
    this.epochs = new Map(from?.epochs);
  }
}

export class SimulatedRedis {
  readonly counters = new MemoryCounters();
  readonly stores = new Set<SimulatedStore>();
  readonly #clock: Clock;
  /** What it held before the last commits, the oldest first. */
  readonly #past: Content[] = [];
  #content = new Content();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get revision(): number {
    return this.#content.revision;
  }

  get records(): Content['records'] {
    return this.#content.records;
  }

  /** Applies all of it, or throws as the store does. */
  commit(request: CommitRequest): number {
    this.#check(request);
    this.#past.push(this.#content);
    if (this.#past.length > PAST_MAX) this.#past.shift();
    this.#content = new Content(this.#content);
    const { claims, records, changes } = this.#content;
    for (const claim of request.release?.keys() ?? []) claims.delete(claim);
    for (const [claim, owner] of request.take ?? []) claims.set(claim, owner);
    this.#content.revision += 1;
    const { revision } = this.#content;
    const deletes = request.delete ?? [];
    for (const key of deletes) records.delete(key);
    for (const [key, value] of request.put) records.set(key, { value, revision });
    const puts = [...request.put].map(([key, value]) => ({ key, value }));
    changes.push({ revision, at: AT, puts, deletes });
    for (const store of this.stores) store.news();
    return revision;
  }

  /** Forgets the last commits, and the terms that began with them; or everything there is. */
  rewind(commits: number | 'all'): void {
    const kept = commits === 'all' ? 0 : Math.max(0, this.#past.length - commits);
    const [found] = this.#past.splice(kept);
    this.#content = commits === 'all' ? new Content() : (found ?? this.#content);
  }

  /** The change that made a revision; undefined when it has none such. */
  changeAt(revision: number): Change | undefined {
    return this.#content.changes.find((change) => change.revision === revision);
  }

  changesAfter(revision: number): Change[] {
    return this.#content.changes.filter((change) => change.revision > revision);
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
    const epoch = held?.epoch ?? this.#newEpoch(name);
    const lease = { holder, epoch, expiresAt: this.#clock.now() + ttlMs };
    this.#content.leases.set(name, lease);
    return lease;
  }

  renew(name: string, holder: string, ttlMs: number): boolean {
    return this.#held(name)?.holder === holder && this.acquire(name, holder, ttlMs) !== undefined;
  }

  release(name: string, holder: string): void {
    if (this.#held(name)?.holder === holder) this.#content.leases.delete(name);
  }

  /** Never below the time in seconds, as with the real one. */
  #newEpoch(name: string): number {
    const { epochs } = this.#content;
    const seconds = Math.floor(this.#clock.wallTimeMs() / 1000);
    const epoch = Math.max((epochs.get(name) ?? 0) + 1, seconds);
    epochs.set(name, epoch);
    return epoch;
  }

  #held(name: string): Lease | undefined {
    const lease = this.#content.leases.get(name);
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
      const holder = this.#content.claims.get(claim) ?? owner;
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
