/** A controller as `serve.ts` composes it, on a clock and with a store of a simulation. */
import { Controller } from '../../src/controller/index.ts';
import { Fleet } from '../../src/fleet/index.ts';
import type { Clock, Timer } from '../../src/lib/clock.ts';
import { keyedHash } from '../../src/lib/keyed-hash.ts';
import { type Logger, nullLogger } from '../../src/lib/log.ts';
import { type CommitRequest, RefusedError, StoreUnavailableError } from '../../src/store/index.ts';
import { Topology } from '../../src/topology/index.ts';
import type { SimulatedRedis } from './simulated-redis.ts';
import { SimulatedStore } from './simulated-store.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { SeededRandom } from './world-random.ts';

const LEASE_MS = 3000;
/** Longer than a simulation. */
const WAIT_MS = 1e9;

/** A process's clock: nothing of it happens after its end. */
class MortalClock implements Clock {
  readonly #clock: VirtualClock;
  #isOver = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  wallTimeMs(): number {
    return this.#clock.wallTimeMs();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    return this.#clock.setTimer(delayMs, () => this.#isOver || fire());
  }

  soon(run: () => void): void {
    this.#clock.soon(() => this.#isOver || run());
  }

  end(): void {
    this.#isOver = true;
  }
}

export interface ProcessSurroundings {
  readonly redis: SimulatedRedis;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Told that a controller says that all hosts have realised a revision. */
  readonly claimed: (process: SimulatedProcess, revision: number) => void;
}

/** From its start to its end. */
export class SimulatedProcess {
  readonly id: string;
  /** Those of callers of the API that have no answer yet. */
  readonly waits = new Set<Promise<void>>();
  /** What it logged as errors: none of the faults of a simulation is one. */
  readonly errors: string[] = [];
  readonly topology = new Topology();
  readonly store: SimulatedStore;
  readonly fleet: Fleet;
  readonly controller: Controller;
  readonly #clock: MortalClock;
  readonly #claimed: ProcessSurroundings['claimed'];

  constructor(id: string, { redis, clock, random, claimed }: ProcessSurroundings) {
    this.id = id;
    this.#claimed = claimed;
    this.#clock = new MortalClock(clock);
    const common = { clock: this.#clock, random, log: this.#logger() };
    this.store = new SimulatedStore(redis, common);
    this.fleet = new Fleet({
      ...common,
      ovsdb: { host: '', port: 0, dial: [] },
      openflow: { host: '', port: 0, advertise: undefined },
      auditIntervalMs: 3_600_000,
    });
    this.controller = new Controller({
      ...common,
      topology: this.topology,
      store: this.store,
      fleet: this.fleet,
      controllerId: id,
      leaseMs: LEASE_MS,
      dnsDomain: 'openstacklocal.',
      hash: keyedHash('simulation'),
    });
    this.connect();
    this.fleet.attend(this.controller.fleetEvents());
  }

  connect(): void {
    this.store.connect(this.controller.subscriber());
  }

  /** Writes, and waits for the hosts as callers of the API do. */
  write(request: CommitRequest): void {
    const { controller } = this;
    const { signal } = new AbortController();
    const done = this.store.commit(request).then((revision) => {
      this.#wait(controller.waitTouched(revision, WAIT_MS, signal));
      const all = controller.waitRealized(revision, WAIT_MS, signal);
      this.#wait(all.then(({ realized }) => realized && this.#claimed(this, revision)));
    });
    done.catch((error: unknown) => {
      const isRefusal = error instanceof RefusedError || error instanceof StoreUnavailableError;
      if (!isRefusal) throw error;
    });
  }

  #wait(answer: Promise<unknown>): void {
    const waits = answer.then(() => void this.waits.delete(waits));
    this.waits.add(waits);
  }

  #logger(): Logger {
    const error = (message: string, fields: object = {}): void => {
      this.errors.push(`${message} ${JSON.stringify(fields)}`);
    };
    return { ...nullLogger, error, child: () => this.#logger() };
  }

  /** Dies as a process does: it says nothing to anybody. */
  die(): void {
    this.#clock.end();
    this.store.die();
  }
}
