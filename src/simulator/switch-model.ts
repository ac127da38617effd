/**
 * One switch in memory: a packet goes in at a port, and comes out as Open vSwitch would send it.
 * It knows the actions that the compiler uses; any other is an error, never a wrong answer.
 */
import { assert } from '../lib/assert.ts';
import type { Action } from '../openflow/actions/index.ts';
import { decodeBucket } from '../openflow/messages/index.ts';
import { Reader } from '../openflow/wire/index.ts';
import type { CompiledFlow, CompiledGroup, CompiledUnit } from '../pipeline/index.ts';
import { Conntrack } from './conntrack.ts';
import { FlowTable } from './flow-table.ts';
import { type PacketFields, PacketState } from './packet.ts';
import { type Datapath, type Emission, type Punt, type Step, Translation } from './translation.ts';

export interface SwitchRun {
  readonly outputs: readonly Emission[];
  /** What the controller gets. */
  readonly punts: readonly Punt[];
  readonly steps: readonly Step[];
  /**
   * Lookups beyond the first, of the translation that took the most of them. At 4,096 Open vSwitch
   * drops the packet; one that was tracked starts from 0 again.
   */
  readonly resubmits: number;
}

/** What a switch holds: a desired state, or what came of it so far. */
export interface SwitchContent {
  /** By their keys; flows are theirs by the cookie. */
  readonly units: ReadonlyMap<string, Pick<CompiledUnit, 'cookie'>>;
  flowsOf(table: number): readonly CompiledFlow[];
  groups(): Iterable<Pick<CompiledGroup, 'groupId' | 'type' | 'buckets'>>;
}

export class SwitchModel implements Datapath {
  /** What the switch remembers from packet to packet. */
  readonly conntrack: Conntrack;
  readonly #state: SwitchContent;
  /** Both are made when a packet first comes to them. */
  readonly #tables = new Map<number, FlowTable>();
  readonly #groups = new Map<number, readonly (readonly Action[])[]>();
  readonly #units = new Map<bigint, string>();

  /**
   * The state must not change while the model is in use. Connections outlive flows: whoever makes
   * a model of the next state hands the `conntrack` on.
   */
  constructor(state: SwitchContent, conntrack = new Conntrack()) {
    this.#state = state;
    this.conntrack = conntrack;
    for (const [key, unit] of state.units) this.#units.set(unit.cookie, key);
  }

  /** `packet` may carry tunnel metadata besides its headers. */
  run(packet: PacketFields, inPort: number): SwitchRun {
    const run = { outputs: [], punts: [], steps: [], resubmits: 0 };
    new Translation(this, run).lookUp(PacketState.of({ ...packet, in_port: inPort }), 0);
    return run;
  }

  table(id: number): FlowTable {
    let table = this.#tables.get(id);
    if (table === undefined) {
      table = new FlowTable(this.#state.flowsOf(id));
      this.#tables.set(id, table);
    }
    return table;
  }

  group(id: number): readonly (readonly Action[])[] {
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = bucketsOf(this.#state, id);
      this.#groups.set(id, group);
    }
    return group;
  }

  unitOf(flow: CompiledFlow | undefined): string | undefined {
    return flow === undefined ? undefined : this.#units.get(flow.cookie);
  }
}

function bucketsOf(state: SwitchContent, id: number): (readonly Action[])[] {
  for (const { groupId, type, buckets } of state.groups()) {
    if (groupId !== id) continue;
    assert(type === 'all', `group ${id} is of a type that the simulator knows`);
    return buckets.map((bytes) => decodeBucket(new Reader(bytes)).actions);
  }
  return [];
}
