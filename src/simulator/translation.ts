/**
 * One translation: what flows do to a packet from a first lookup on, as ofproto-dpif-xlate.c does
 * it. A `ct` with a table begins another one, at once, with a copy of the packet.
 */
import { assert } from '../lib/assert.ts';
import type {
  Action,
  ControllerAction,
  CtAction,
  MoveAction,
  ResubmitAction,
  SetFieldAction,
} from '../openflow/actions/index.ts';
import { OFPP, OFPVID_PRESENT } from '../openflow/constants.ts';
import type { Instruction } from '../openflow/instructions.ts';
import { fieldOf, type Masked } from '../openflow/oxm/index.ts';
import {
  type CompiledFlow,
  InPort,
  isTelling,
  readUserdata,
  type Service,
  TABLE_NAMES,
} from '../pipeline/index.ts';
import { type Conntrack, CT_STATE, hideTracked, showTracked } from './conntrack.ts';
import type { FlowTable } from './flow-table.ts';
import type { PacketFields, PacketState } from './packet.ts';

/** One lookup on the way of a packet. */
export interface Step {
  readonly table: number;
  readonly tableName: string;
  /** Undefined: no flow matched, and the packet was dropped. */
  readonly flow: CompiledFlow | undefined;
  /** Key of the unit that the flow belongs to. */
  readonly unit: string | undefined;
  /** The flows of a conjunction that led to the flow: without one of them it is not found. */
  readonly dimensions: readonly CompiledFlow[];
}

/** A copy of the packet that leaves the switch. */
export interface Emission {
  readonly port: number;
  readonly packet: PacketFields;
  /** Where a tunnel port sends it, and with which key. */
  readonly tunnel: {
    readonly destination: number | bigint;
    readonly key: bigint;
    readonly flags: number;
  };
}

/** A copy of the packet that goes to the controller. */
export interface Punt {
  readonly service: Exclude<Service, 'log'>;
  /** Number of the port that asks. */
  readonly ofport: number;
  readonly packet: PacketFields;
}

/** What a translation needs of a switch. */
export interface Datapath {
  readonly conntrack: Conntrack;
  table(id: number): FlowTable | undefined;
  group(id: number): readonly (readonly Action[])[];
  unitOf(flow: CompiledFlow | undefined): string | undefined;
}

/** What became of a packet, filled in by all translations that it took. */
export interface RunRecord {
  readonly outputs: Emission[];
  readonly punts: Punt[];
  readonly steps: Step[];
  /** Resubmissions of the translation that took the most of them. */
  resubmits: number;
}

/** Where Open vSwitch gives up, and the packet is lost; here these are errors. */
const DEPTH_MAX = 64;
const RESUBMITS_MAX = 4096;
const RECIRCULATIONS_MAX = 6;

const { NEW, EST, RPL } = CT_STATE;

export class Translation {
  readonly #datapath: Datapath;
  readonly #run: RunRecord;
  readonly #recirculations: number;
  #resubmits = 0;
  #depth = 0;
  /** The translation began after a `ct`, and nothing has made the packet untracked since. */
  #conntracked: boolean;

  constructor(datapath: Datapath, run: RunRecord, recirculations = 0) {
    assert(recirculations <= RECIRCULATIONS_MAX, `at most ${RECIRCULATIONS_MAX} recirculations`);
    this.#datapath = datapath;
    this.#run = run;
    this.#recirculations = recirculations;
    this.#conntracked = recirculations > 0;
  }

  lookUp(packet: PacketState, table: number): void {
    const decoded = this.#datapath.table(table)?.lookup(packet);
    const flow = decoded?.flow;
    const tableName = TABLE_NAMES.get(table) ?? String(table);
    const unit = this.#datapath.unitOf(flow);
    this.#run.steps.push({ table, tableName, flow, unit, dimensions: decoded?.dimensions ?? [] });
    for (const each of decoded?.instructions ?? []) this.#instruct(packet, each, table);
  }

  /** A lookup on behalf of a flow of `table`. Only going back, or to the same table, is deep. */
  #resubmit(packet: PacketState, table: number, to: number): void {
    const deepens = to <= table ? 1 : 0;
    assert(this.#depth < DEPTH_MAX, 'the pipeline ends');
    assert(this.#resubmits < RESUBMITS_MAX, `at most ${RESUBMITS_MAX} resubmissions`);
    this.#resubmits++;
    this.#run.resubmits = Math.max(this.#run.resubmits, this.#resubmits);
    this.#depth += deepens;
    this.lookUp(packet, to);
    this.#depth -= deepens;
  }

  #instruct(packet: PacketState, instruction: Instruction, table: number): void {
    switch (instruction.type) {
      case 'apply_actions':
        return this.#apply(packet, instruction.actions, table);
      case 'goto_table':
        return this.#resubmit(packet, table, instruction.table);
      default:
        throw new Error(`the simulator does not know the instruction ${instruction.type}`);
    }
  }

  #apply(packet: PacketState, actions: readonly Action[], table: number): void {
    for (const action of actions) this.#act(packet, action, table);
  }

  #act(packet: PacketState, action: Action, table: number): void {
    switch (action.type) {
      case 'output':
        return this.#output(packet, action.port);
      case 'output_reg':
        return this.#output(packet, Number(packet.read(action.source)));
      case 'group':
        return this.#group(packet, action.groupId, table);
      case 'clone':
        return this.#apply(packet.copy(), action.actions, table);
      case 'move':
        return this.#move(packet, action);
      case 'resubmit':
        return this.#resubmit(packet, table, tableOf(action, table));
      case 'ct':
        return this.#track(packet, action);
      case 'ct_clear':
        return this.#untrack(packet);
      // How many packets came before is nobody's knowledge here: none is one too many.
      case 'meter':
        return;
      // Who waits for whom at the way out is no verdict.
      case 'set_queue':
        return;
      case 'controller':
        return this.#punt(packet, action);
      default:
        return edit(packet, action);
    }
  }

  /** Matches see the original tuple of all valid packets, actions only of those that count. */
  #move(packet: PacketState, { source, destination }: MoveAction): void {
    const tuple = fieldOf(source.field).prerequisite === 'ct';
    if (tuple && (packet.number('ct_state') & (NEW | EST | RPL)) === 0) return;
    packet.write(destination, packet.read(source));
  }

  /** Each bucket gets a copy: what it changes is gone when the next one starts. */
  #group(packet: PacketState, groupId: number, table: number): void {
    this.#depth++;
    for (const bucket of this.#datapath.group(groupId)) {
      this.#apply(packet.copy(), asActionSet(bucket), table);
    }
    this.#depth--;
  }

  /**
   * The copy that goes on in a table sees what was found; the packet of this translation looks
   * untracked after it, until it is tracked again.
   */
  #track(packet: PacketState, action: CtAction): void {
    const { zone = 0, commit = false, table, force, alg, actions } = action;
    if (force || alg !== undefined) throw new Error('the simulator does not know ct(force, alg)');
    const number = typeof zone === 'number' ? zone : Number(packet.read(zone));
    this.#datapath.conntrack.track(packet, { zone: number, commit, mark: markOf(actions) });
    if (table !== undefined) {
      const fork = packet.fork();
      showTracked(fork);
      const next = new Translation(this.#datapath, this.#run, this.#recirculations + 1);
      next.lookUp(fork, table);
    }
    hideTracked(packet);
    this.#conntracked = false;
  }

  /** Reaches the datapath only where flows saw the packet as tracked. */
  #untrack(packet: PacketState): void {
    if (!this.#conntracked) return;
    packet.tracked = undefined;
    hideTracked(packet);
    this.#conntracked = false;
  }

  #punt(packet: PacketState, { userdata }: ControllerAction): void {
    const asked = readUserdata(userdata);
    assert(asked !== undefined, 'a flow says for which service a packet is');
    // What the controller is only told goes on as if it were not.
    if (isTelling(asked.service)) return;
    const ofport = packet.number(InPort.register);
    this.#run.punts.push({ service: asked.service, ofport, packet: packet.headers() });
  }

  /** A packet leaves by its ingress port only where a flow says so by name. */
  #output(packet: PacketState, port: number): void {
    const inPort = packet.number('in_port');
    const toIngress = port === OFPP.IN_PORT;
    if (port === inPort || port === 0) return;
    const ipv4 = packet.get('tun_dst');
    this.#run.outputs.push({
      port: toIngress ? inPort : port,
      packet: packet.headers(),
      tunnel: {
        destination: ipv4 === 0 ? packet.get('tun_ipv6_dst') : ipv4,
        key: BigInt(packet.get('tun_id')),
        flags: packet.number('tun_flags'),
      },
    });
  }
}

/** What is written of a connection's mark, which is all that is known of what `ct` may do more. */
function markOf(actions: readonly Action[] = []): Masked<number> | undefined {
  const [action, ...more] = actions;
  if (action === undefined) return undefined;
  const isMark = action.type === 'set_field' && action.field === 'ct_mark';
  if (!isMark || more.length > 0) throw new Error('the simulator knows of ct(exec) the mark alone');
  return { value: Number(action.value), mask: Number(action.mask ?? 0xffff_ffff) };
}

/** Where a resubmission goes on, which is the same table when it does not say. */
function tableOf({ port, withCt, table }: ResubmitAction, current: number): number {
  if (port !== undefined || withCt) {
    throw new Error('the simulator does not know resubmit with a port or ct');
  }
  return table ?? current;
}

/** Of these only the last in this order counts, and of one kind the last in the bucket. */
const FINAL: readonly Action['type'][] = ['ct', 'ct_clear', 'resubmit', 'output', 'group'];

/** A bucket is an action set: what changes the packet comes first, and one action is the end. */
function asActionSet(bucket: readonly Action[]): Action[] {
  const final = FINAL.flatMap((type) => bucket.filter((action) => action.type === type)).at(-1);
  if (final === undefined) return [];
  return [...bucket.filter(({ type }) => !FINAL.includes(type)), final];
}

/** Actions that need nothing but the packet. */
function edit(packet: PacketState, action: Action): void {
  switch (action.type) {
    case 'set_field':
      return setField(packet, action);
    case 'push_vlan':
      return packet.set('vlan_vid', OFPVID_PRESENT);
    case 'pop_vlan':
      return packet.clear(['vlan_vid', 'vlan_pcp']);
    case 'check_pkt_larger':
      return packet.write(action.destination, packet.isLarger(action.size) ? 1n : 0n);
    default:
      throw new Error(`the simulator does not know the action ${action.type}`);
  }
}

function setField(packet: PacketState, { field, value, mask }: SetFieldAction): void {
  if (mask === undefined) packet.set(field, value);
  else packet.setMasked(field, value, mask);
}
