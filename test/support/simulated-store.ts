/**
 * The store of a controller in memory: commits, changes and leases cross a wire that takes its time,
 * and that breaks with commits in flight. What the store promises holds (docs/store.md): a commit is
 * answered when the subscriber has its change; what was in flight is settled after the next session
 * has read the stream; where Redis has lost what it had shown, all is read anew.
 */
import type { Clock } from '../../src/lib/clock.ts';
import {
  type CommitRequest,
  OutcomeUnknownError,
  StoreUnavailableError,
  type Subscriber,
} from '../../src/store/index.ts';
import type { Change } from '../../src/topology/index.ts';
import type { MemoryCounters } from './memory-counters.ts';
import type { SimulatedRedis } from './simulated-redis.ts';
import type { SeededRandom } from './world-random.ts';

const WIRE_MS_MAX = 4;

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
  /** The change that made the position. */
  #seen: Change | undefined;
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

  /** Begins a session: a snapshot, where it must or the stream was trimmed, or changes. */
  connect(subscriber: Subscriber): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    const isFirst = this.#subscriber === undefined;
    this.#subscriber = subscriber;
    const isRewound = this.#redis.changeAt(this.#position) !== this.#seen;
    if (isRewound) this.#cannotTell();
    if (isFirst || isRewound || this.#random.chance(0.3)) this.#readAll(subscriber);
    else this.#read();
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

  #readAll(subscriber: Subscriber): void {
    this.#position = this.#redis.revision;
    this.#seen = this.#redis.changeAt(this.#position);
    subscriber.snapshot(this.#position, this.#redis.tables());
  }

  #read(): void {
    for (const change of this.#redis.changesAfter(this.#position)) {
      this.#position = change.revision;
      this.#seen = change;
      this.#subscriber?.change(change);
      for (const inFlight of this.#inFlight) {
        if (inFlight.outcome === change.revision) this.#settle(inFlight);
      }
    }
  }

  #cannotTell(): void {
    for (const inFlight of this.#inFlight) {
      inFlight.outcome = new OutcomeUnknownError('the history was rewound');
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
