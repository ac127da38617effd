/**
 * One switch in memory: a packet goes in at a port, and comes out as Open vSwitch would send it.
 * It knows the actions that the compiler uses; any other is an error, never a wrong answer.
 */
import { assert } from '../lib/assert.ts';
import type { Action } from '../openflow/actions/index.ts';
import { OFPP } from '../openflow/constants.ts';
import type { Instruction } from '../openflow/instructions.ts';
import { decodeBucket } from '../openflow/messages/index.ts';
import { Reader } from '../openflow/wire/index.ts';
import { type CompiledFlow, type DesiredState, TABLE_NAMES } from '../pipeline/index.ts';
import { FlowTable } from './flow-table.ts';
import { type PacketFields, PacketState } from './packet.ts';

/** One lookup on the way of a packet. */
export interface Step {
  readonly table: number;
  readonly tableName: string;
  /** Undefined: no flow matched, and the packet was dropped. */
  readonly flow: CompiledFlow | undefined;
  /** Key of the unit that the flow belongs to. */
  readonly unit: string | undefined;
}

/** A copy of the packet that leaves the switch. */
export interface Emission {
  readonly port: number;
  readonly packet: PacketFields;
  /** Where a tunnel port sends it, and with which key. */
  readonly tunnel: { readonly destination: number | bigint; readonly key: bigint };
}

export interface SwitchRun {
  readonly outputs: readonly Emission[];
  readonly steps: readonly Step[];
}

/** Open vSwitch gives up silently at these (ofproto-dpif-xlate.c); here they are errors. */
const DEPTH_MAX = 64;

export class SwitchModel {
  readonly #tables = new Map<number, FlowTable>();
  readonly #groups = new Map<number, readonly (readonly Action[])[]>();
  readonly #units = new Map<bigint, string>();

  constructor(state: DesiredState) {
    for (const [key, unit] of state.units) this.#units.set(unit.cookie, key);
    for (const table of state.tables()) {
      const flows = new FlowTable();
      for (const flow of state.flowsOf(table)) flows.add(flow);
      this.#tables.set(table, flows);
    }
    for (const { groupId, type, buckets } of state.groups()) {
      assert(type === 'all', `group ${groupId} is of a type that the simulator knows`);
      const actions = buckets.map((bytes) => decodeBucket(new Reader(bytes)).actions);
      this.#groups.set(groupId, actions);
    }
  }

  /** `packet` may carry tunnel metadata besides its headers. */
  run(packet: PacketFields, inPort: number): SwitchRun {
    const run = new Run(this, inPort);
    run.lookUp(PacketState.of({ ...packet, in_port: inPort }), 0);
    return run;
  }

  table(id: number): FlowTable | undefined {
    return this.#tables.get(id);
  }

  group(id: number): readonly (readonly Action[])[] {
    return this.#groups.get(id) ?? [];
  }

  unitOf(flow: CompiledFlow | undefined): string | undefined {
    return flow === undefined ? undefined : this.#units.get(flow.cookie);
  }
}

class Run implements SwitchRun {
  readonly outputs: Emission[] = [];
  readonly steps: Step[] = [];
  readonly #model: SwitchModel;
  readonly #inPort: number;
  #depth = 0;

  constructor(model: SwitchModel, inPort: number) {
    this.#model = model;
    this.#inPort = inPort;
  }

  lookUp(packet: PacketState, table: number): void {
    assert(this.#depth < DEPTH_MAX, 'the pipeline ends');
    this.#depth++;
    const decoded = this.#model.table(table)?.lookup(packet);
    const flow = decoded?.flow;
    const tableName = TABLE_NAMES.get(table) ?? String(table);
    this.steps.push({ table, tableName, flow, unit: this.#model.unitOf(flow) });
    for (const instruction of decoded?.instructions ?? []) this.#instruct(packet, instruction);
    this.#depth--;
  }

  #instruct(packet: PacketState, instruction: Instruction): void {
    switch (instruction.type) {
      case 'apply_actions':
        return this.#apply(packet, instruction.actions);
      case 'goto_table':
        return this.lookUp(packet, instruction.table);
      default:
        throw new Error(`the simulator does not know the instruction ${instruction.type}`);
    }
  }

  #apply(packet: PacketState, actions: readonly Action[]): void {
    for (const action of actions) this.#act(packet, action);
  }

  #act(packet: PacketState, action: Action): void {
    switch (action.type) {
      case 'output':
        return this.#output(packet, action.port);
      case 'output_reg':
        return this.#output(packet, Number(packet.read(action.source)));
      case 'group':
        // Each bucket gets a copy: what it changes is gone when the next one starts.
        for (const bucket of this.#model.group(action.groupId)) this.#apply(packet.copy(), bucket);
        return;
      case 'set_field':
        if (action.mask === undefined) packet.set(action.field, action.value);
        else packet.setMasked(action.field, action.value, action.mask);
        return;
      case 'move':
        return packet.write(action.destination, packet.read(action.source));
      case 'resubmit':
        return this.lookUp(packet, action.table ?? 0);
      default:
        throw new Error(`the simulator does not know the action ${action.type}`);
    }
  }

  /** A packet leaves by its ingress port only where a flow says so by name. */
  #output(packet: PacketState, port: number): void {
    const toIngress = port === OFPP.IN_PORT;
    if (port === this.#inPort || port === 0) return;
    const ipv4 = packet.get('tun_dst');
    this.outputs.push({
      port: toIngress ? this.#inPort : port,
      packet: packet.headers(),
      tunnel: {
        destination: ipv4 === 0 ? packet.get('tun_ipv6_dst') : ipv4,
        key: BigInt(packet.get('tun_id')),
      },
    });
  }
}
