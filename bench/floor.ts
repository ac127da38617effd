/**
 * What a port costs the switch itself: a bare program plugs the same kind of interface into a
 * switch of its own, learns the ofport and sends the very bundle that a controller sends, compiled
 * beforehand. Nobody who drives Open vSwitch can be faster.
 */
import type { Ovs } from '../lab/ovs.ts';
import { type CompiledUnit, compileUnit } from '../src/compiler/index.ts';
import type { Step } from '../src/fleet/changes.ts';
import { type MeterStep, orderMeters, orderSteps } from '../src/fleet/order.ts';
import { ChannelLink } from '../src/fleet/switch-link.ts';
import { DesiredState } from '../src/pipeline/index.ts';
import { type Change, type Topology, touchedUnits } from '../src/topology/index.ts';
import { type Plugger, plugger } from './plugger.ts';
import { bareChannel, startSwitch } from './rig.ts';
import { makeWorld, portComes } from './world.ts';

const HOST = 'host-0';
const BUNDLE_MAX = 20_000;

/** What is sent for a port. */
interface Push {
  readonly meters: readonly MeterStep[];
  readonly steps: readonly Step[];
}

export class Floor {
  readonly #ovs: Ovs;
  readonly #plugger: Plugger;
  readonly #link: ChannelLink;
  readonly #end: () => Promise<void>;
  readonly #topology: Topology = makeWorld({ hosts: 1, ports: 0, onFirst: 0 });
  readonly #state = new DesiredState();
  #ports = 0;

  private constructor(ovs: Ovs, host: Plugger, link: ChannelLink, end: () => Promise<void>) {
    this.#ovs = ovs;
    this.#plugger = host;
    this.#link = link;
    this.#end = end;
  }

  static async start(): Promise<Floor> {
    const ovs = await startSwitch('bench-bare');
    const { channel, end } = await bareChannel(ovs);
    return new Floor(ovs, await plugger(ovs), new ChannelLink(channel, ''), end);
  }

  async addPorts(count: number): Promise<void> {
    if (count <= 0) return;
    const pushes = Array.from({ length: count }, () => this.#pushOfNext());
    const steps = pushes.flatMap((push) => push.steps);
    await this.#plugger.plug(Array.from({ length: count }, (_, index) => this.#interface(index)));
    await this.#link.setMeters(pushes.flatMap(({ meters }) => meters));
    for (let at = 0; at < steps.length; at += BUNDLE_MAX) {
      await this.#link.apply(steps.slice(at, at + BUNDLE_MAX));
    }
  }

  /** Milliseconds from the interface's transaction to the switch's answer to the bundle. */
  async measure(): Promise<number> {
    const { meters, steps } = this.#pushOfNext();
    const start = performance.now();
    await this.#plugger.plug([this.#interface(0)]);
    await Promise.all([this.#link.setMeters(meters), this.#link.apply(steps)]);
    return performance.now() - start;
  }

  async stop(): Promise<void> {
    this.#plugger.client.close('the benchmark is over');
    await this.#end();
    await this.#ovs.stop();
  }

  #interface(index: number): { name: string; ifaceId: string } {
    const name = `f${this.#ports}-${index}`;
    return { name, ifaceId: name };
  }

  /** What one more port changes on the switch, in the order of its bundle. */
  #pushOfNext(): Push {
    const change: Change = portComes(this.#topology, this.#ports);
    this.#ports += 1;
    const delta = new Map<string, CompiledUnit | undefined>();
    for (const key of touchedUnits(this.#topology, change).unitsOf(HOST)) {
      delta.set(key, compileUnit(this.#topology, HOST, key));
    }
    const { flows, groups, groupDeletes, meters } = this.#state.apply(delta);
    const changes = { flows, groups: [...groups, ...groupDeletes], meters };
    const steps = orderSteps(changes, BUNDLE_MAX).flat();
    return { meters: orderMeters(changes).before, steps };
  }
}
