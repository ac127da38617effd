/**
 * Hosts in memory whose switches are written by the product's own sender: bundle by bundle, with a
 * watcher that looks at the fleet after each of them. Connections are kept through it all.
 */
import { compileHost } from '../../src/compiler/index.ts';
import type { FlowState, Step } from '../../src/fleet/changes.ts';

import { SwitchSide } from '../../src/fleet/switch-side.ts';
import { type CompiledFlow, compiledFlow } from '../../src/pipeline/index.ts';
import {
  Conntrack,
  FleetSimulator,
  type SimulatedHost,
  type SwitchContent,
} from '../../src/simulator/index.ts';
import { parseAddress, type Topology, type UnitKey } from '../../src/topology/index.ts';
import { FakeLink, FakeSwitch } from './fake-switch.ts';
import { VirtualClock } from './virtual-clock.ts';
import { SeededRandom } from './world-random.ts';

/** Called after each bundle that a switch has taken. */
export type Watch = () => void;

export class TransitionFleet {
  readonly #hosts: readonly TransitionHost[];
  #watch: Watch = () => {};

  constructor(hostIds: readonly string[], stepsMax: number) {
    this.#hosts = hostIds.map((id) => new TransitionHost(id, stepsMax, () => this.#watch()));
  }

  /** Every host connects, and is brought to what the topology wants of it. */
  async connect(topology: Topology): Promise<void> {
    for (const host of this.#hosts) {
      host.want(topology);
      await host.reconnect();
    }
  }

  /** What the topology wants goes to the hosts one after the other, watched. */
  async update(topology: Topology, watch: Watch, order: SeededRandom): Promise<void> {
    await this.#watched(watch, async () => {
      for (const host of order.shuffle(this.#hosts)) {
        host.want(topology);
        await host.push();
      }
    });
  }

  /** The same, but each connection is cut after so many bundles. */
  async updateCut(topology: Topology, watch: Watch, bundles: number): Promise<void> {
    await this.#watched(watch, async () => {
      for (const host of this.#hosts) {
        host.want(topology);
        await host.pushCut(bundles);
      }
    });
  }

  /** Hosts that were away come back: what they hold is compared with what is wanted now. */
  async reconnect(topology: Topology, watch: Watch, order: SeededRandom): Promise<void> {
    await this.#watched(watch, async () => {
      for (const host of order.shuffle(this.#hosts)) {
        host.disconnect();
        host.want(topology);
        await host.reconnect();
      }
    });
  }

  simulator(): FleetSimulator {
    return new FleetSimulator(this.#hosts.map((host) => host.simulated()));
  }

  async #watched(watch: Watch, work: () => Promise<void>): Promise<void> {
    this.#watch = watch;
    await work();
    this.#watch = () => {};
  }
}

class TransitionHost {
  readonly #id: string;
  readonly #conntrack = new Conntrack();
  readonly #switch = new FakeSwitch();
  readonly #side: SwitchSide;
  readonly #watch: Watch;
  #link: WatchedLink;
  #epoch = 0n;
  #encap: number | bigint = 0;
  #wanted = new Set<UnitKey>();
  /** Until the next bundle. */
  #content: SwitchContent | undefined;

  constructor(id: string, stepsMax: number, watch: Watch) {
    this.#id = id;
    this.#watch = () => {
      this.#content = undefined;
      watch();
    };
    this.#side = new SwitchSide({
      clock: new VirtualClock(),
      random: new SeededRandom(1),
      auditIntervalMs: 60_000,
      stepsMax,
      kick: () => {},
      drift: () => {},
    });
    this.#link = this.#newLink();
  }

  want(topology: Topology): void {
    const units = compileHost(topology, this.#id);
    const gone = [...this.#wanted].filter((key) => !units.has(key));
    this.#side.update(new Map([...gone.map((key) => [key, undefined] as const), ...units]));
    this.#wanted = new Set(units.keys());
    this.#encap = parseAddress(topology.get('host', this.#id)?.encap_ip ?? '') ?? this.#encap;
  }

  disconnect(): void {
    this.#side.detach();
  }

  async reconnect(): Promise<void> {
    this.#link = this.#newLink();
    this.#side.attach(this.#link);
    this.#epoch += 1n;
    await this.#side.takeRole(this.#link, this.#epoch);
    await this.#side.reconcile(this.#link, () => {});
  }

  push(): Promise<void> {
    return this.#side.push(this.#link, () => {});
  }

  async pushCut(bundles: number): Promise<void> {
    this.#link.bundlesLeft = bundles;
    await this.push().catch(() => this.disconnect());
  }

  simulated(): SimulatedHost {
    this.#content ??= contentOf(this.#switch);
    const encap = this.#encap;
    return { id: this.#id, encap, state: this.#content, conntrack: this.#conntrack };
  }

  #newLink(): WatchedLink {
    return new WatchedLink(this.#switch, this.#watch, this.#conntrack);
  }
}

class WatchedLink extends FakeLink {
  /** After so many the connection ends. */
  bundlesLeft = Number.POSITIVE_INFINITY;
  readonly #watch: Watch;
  readonly #conntrack: Conntrack;

  constructor(target: FakeSwitch, watch: Watch, conntrack: Conntrack) {
    super(target);
    this.#watch = watch;
    this.#conntrack = conntrack;
  }

  override flushZones(zones: Iterable<number>): void {
    for (const zone of zones) this.#conntrack.flush(zone);
  }

  override async apply(steps: readonly Step[]): Promise<void> {
    if (this.bundlesLeft-- <= 0) this.close('cut');
    await super.apply(steps);
    this.#watch();
  }
}

const compiled = new WeakMap<FlowState, CompiledFlow>();

function contentOf({ flows, groups }: FakeSwitch): SwitchContent {
  const tables = new Map<number, CompiledFlow[]>();
  for (const flow of flows.values()) {
    const known = compiled.get(flow) ?? compiledFlow(flow);
    compiled.set(flow, known);
    const table = tables.get(flow.table);
    if (table === undefined) tables.set(flow.table, [known]);
    else table.push(known);
  }
  return {
    units: new Map(),
    flowsOf: (table) => tables.get(table) ?? [],
    groups: () => groups.values(),
  };
}
