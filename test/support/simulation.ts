/**
 * A whole region on a clock moved by hand: controllers as `serve.ts` composes them, with Redis and
 * hosts in memory. A seed decides what is written, plugged, cut, stopped and started, and how long
 * every message takes; the same seed does the same again.
 */
import { type AnyRecord, type RecordKey, splitKey } from '../../src/topology/index.ts';
import { SimulatedHost } from './simulated-host.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { SimulatedRedis } from './simulated-redis.ts';
import { portOf, problemsOf, type Region, untrue } from './simulation-rest.ts';
import { VirtualClock } from './virtual-clock.ts';
import { randomStates, type State } from './world.ts';
import { SeededRandom } from './world-random.ts';

const HOSTS = 4;
const CONTROLLERS = ['a', 'b', 'c'];
const PORTS = 14;
const DIAL_MS = 300;
/** Longer than leases, pauses and timeouts of any part. */
const QUIET_MS = 60_000;
/** What is at rest stays so. */
const REST_MS = 3000;
/** How long a fault lasts at most. */
const FAULT_MS = 2000;

/** Records that controllers make of what hosts show. */
const DERIVED = new Set(['host', 'binding', 'status', 'learned_mac', 'membership']);

export class Simulation {
  readonly clock = new VirtualClock();
  readonly redis = new SimulatedRedis(this.clock);
  readonly hosts: readonly SimulatedHost[];
  /** What was done, for people who look for the reason of a failure. */
  readonly history: string[] = [];
  readonly #random: SeededRandom;
  readonly #states: State[];
  readonly #processes = new Map<string, SimulatedProcess>();
  /** What was said to be so, and was not. */
  readonly #lies: string[] = [];
  /** Controllers and hosts that do not reach each other, and controllers that are down. */
  readonly #apart = new Set<string>();

  constructor(seed: number, steps: number) {
    const random = new SeededRandom(seed);
    this.#random = random;
    this.#states = randomStates(random, steps);
    this.hosts = Array.from(
      { length: HOSTS },
      (_, index) => new SimulatedHost(index + 1, { clock: this.clock, random }),
    );
    for (const id of CONTROLLERS) this.#begin(id);
    this.#dial();
  }

  /** One thing after another happens, some at the same moment. */
  async run(): Promise<void> {
    for (let port = 1; port <= PORTS; port += 1) this.#plug(`port-${port}`);
    await this.#pass(2000);
    for (const state of this.#states) {
      this.#write(state);
      for (let event = this.#random.integer(3); event > 0; event -= 1) this.#happen();
      await this.#pass(this.#random.integer(this.#random.chance(0.3) ? 400 : 12));
    }
  }

  /** All faults are mended, and all that is under way comes to its end: what is wrong then. */
  async quieten(): Promise<string[]> {
    this.#apart.clear();
    for (const id of CONTROLLERS) if (!this.#processes.has(id)) this.#begin(id);
    const last = this.#states.at(-1);
    let problems: string[] = [];
    for (let passed = 0; passed < QUIET_MS; passed += REST_MS) {
      if (last !== undefined) this.#write(last);
      await this.#pass(REST_MS);
      problems = await problemsOf(this.#region());
      if (problems.length === 0) break;
    }
    return [...this.#lies, ...problems];
  }

  /** Ends all processes. */
  end(): void {
    for (const process of this.#processes.values()) process.die();
  }

  #begin(id: string): void {
    this.#note(`${id} starts`);
    const { redis, clock } = this;
    const claimed = (process: SimulatedProcess, revision: number): void => {
      const found = untrue(this.#region(), process, revision);
      this.#lies.push(...found.map((what) => `at ${clock.now()} ms ${what}`));
    };
    const surroundings = { redis, clock, random: this.#random, claimed };
    this.#processes.set(id, new SimulatedProcess(id, surroundings));
  }

  /** Whoever has lost a connection tries again, now and then. */
  #dial(): void {
    for (const [id, process] of this.#processes) {
      if (!this.#apart.has(id)) process.connect();
      for (const host of this.hosts) {
        if (!this.#apart.has(`${id} ${host.id}`)) host.dial(process.fleet);
      }
    }
    this.clock.setTimer(DIAL_MS / 2 + this.#random.integer(DIAL_MS), () => this.#dial());
  }

  /** What an API writes; through a controller, so that it has commits of its own under way. */
  #write(state: State): void {
    const { put, deletes } = differences(this.redis, state);
    const writer = this.#process();
    if (writer === undefined || put.size + deletes.length === 0) return;
    this.#note(`${put.size} records are put and ${deletes.length} deleted`);
    writer.write({ put, delete: deletes });
  }

  #happen(): void {
    const random = this.#random;
    const events: readonly (() => void)[] = [
      () => this.#plug(this.#anyPort()),
      () => this.#plug(this.#anyPort()),
      () => this.#plug(this.#anyPort()),
      () => this.#unplug(),
      () => this.#cut(),
      () => this.#isolate(),
      () => this.#restartSwitch(),
      () => this.#loseStore(),
      () => this.#rewindStore(),
      () => this.#restartController(),
    ];
    random.pick(events)();
  }

  #anyPort(): string {
    return `port-${1 + this.#random.integer(PORTS)}`;
  }

  /** Mostly where it belongs. */
  #plug(name: string): void {
    const meant = portOf(this.redis, name)?.['binding:host_id'];
    const belongs = this.hosts.find(({ id }) => id === meant && this.#random.chance(0.8));
    const host = belongs ?? this.#random.pick(this.hosts);
    const ofport = 1 + this.#random.integer(40);
    if ([...host.plugged.values()].includes(ofport)) return;
    this.#note(`${name} is plugged into ${host.id} as ${ofport}`);
    host.plug(name, ofport);
  }

  #unplug(): void {
    const host = this.#random.pick(this.hosts);
    if (host.plugged.size === 0) return;
    const name = this.#random.pick([...host.plugged.keys()]);
    this.#note(`${name} is unplugged from ${host.id}`);
    host.unplug(name);
  }

  #cut(): void {
    const process = this.#process();
    const host = this.#random.pick(this.hosts);
    if (process === undefined) return;
    const parts = this.#random.pick(['link', 'both'] as const);
    this.#note(`${host.id} loses a connection (${parts})`);
    host.cut(process.fleet, parts);
  }

  /** A controller and a host do not reach each other for a while. */
  #isolate(): void {
    const process = this.#process();
    const host = this.#random.pick(this.hosts);
    if (process === undefined) return;
    this.#note(`${process.id} and ${host.id} are apart`);
    host.cut(process.fleet, 'both');
    this.#for(`${process.id} ${host.id}`);
  }

  #restartSwitch(): void {
    const host = this.#random.pick(this.hosts);
    this.#note(`the switch of ${host.id} restarts`);
    host.restart();
  }

  /** A controller loses Redis, or Redis is away for all. */
  #loseStore(): void {
    const isForAll = this.#random.chance(0.3);
    const lost = isForAll ? [...this.#processes.keys()] : [this.#random.pick(CONTROLLERS)];
    this.#note(`${lost.join(' and ')} lose Redis`);
    for (const id of lost) {
      this.#processes.get(id)?.store.disconnect();
      this.#for(id);
    }
  }

  /** Another Redis takes over, which lacks what the last one had acknowledged. */
  #rewindStore(): void {
    const lost = this.#random.chance(0.1) ? 'all' : 1 + this.#random.integer(8);
    this.#note(`Redis loses commits (${lost})`);
    for (const { store } of this.#processes.values()) store.disconnect();
    this.redis.rewind(lost);
  }

  #restartController(): void {
    const id = this.#random.pick(CONTROLLERS);
    const process = this.#processes.get(id);
    if (process === undefined) return;
    this.#note(`${id} dies`);
    process.die();
    for (const host of this.hosts) host.cut(process.fleet, 'both');
    this.#processes.delete(id);
    this.clock.setTimer(this.#random.integer(FAULT_MS), () => {
      if (!this.#processes.has(id)) this.#begin(id);
    });
  }

  #for(name: string): void {
    this.#apart.add(name);
    this.clock.setTimer(this.#random.integer(FAULT_MS), () => this.#apart.delete(name));
  }

  #process(): SimulatedProcess | undefined {
    const processes = [...this.#processes.values()];
    return processes.length === 0 ? undefined : this.#random.pick(processes);
  }

  #region(): Region {
    return { redis: this.redis, hosts: this.hosts, processes: [...this.#processes.values()] };
  }

  #note(what: string): void {
    this.history.push(`${this.clock.now()} ms: ${what}`);
  }

  /** Time goes on, a millisecond after the other, and all that it lets happen happens. */
  async #pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1) {
      await new Promise(setImmediate);
      this.clock.advance(1);
    }
    await new Promise(setImmediate);
  }
}

/** What must be written so that Redis has a state, but for what controllers derive. */
function differences(redis: SimulatedRedis, state: State) {
  const isOurs = (key: RecordKey) => !DERIVED.has(splitKey(key).kind);
  const put = new Map<RecordKey, AnyRecord>();
  for (const [key, value] of state) {
    if (isOurs(key) && redis.records.get(key)?.value !== value) put.set(key, value);
  }
  const deletes = [...redis.records.keys()].filter((key) => isOurs(key) && !state.has(key));
  return { put, deletes };
}
