/**
 * A flow as a sentence:
 *
 *   L2Forwarding.flow(PRIORITY.normal).match({ metadata, eth_dst })
 *     .load(OutputPort, 7).goto(Output)
 *
 * The sentence gives a draft; `encodeFlows` makes the bytes, of all flows of a unit at once.
 */
import { assert } from '../lib/assert.ts';
import type { Action } from '../openflow/actions/index.ts';
import { ETH_TYPE, OFPVID_PRESENT } from '../openflow/constants.ts';
import type { Instruction } from '../openflow/instructions.ts';
import {
  type FieldName,
  fieldOf,
  type Masked,
  type Match,
  type SubField,
} from '../openflow/oxm/index.ts';
import type { RegField, RegMark } from './registers.ts';
import { type Service, serviceUserdata } from './services.ts';

/** What the builder knows of a table (table.ts). */
export interface FlowTable {
  readonly id: number;
  /** `OFPFF` bits of its flows. */
  readonly flowFlags: number;
  /** Throws unless packets may go from here to `table`. */
  assertNext(table: FlowTable): void;
  /** Throws unless flows here may ask `table`. */
  assertCalls(table: FlowTable): void;
}

/** A flow before encoding. An empty list of instructions drops the packet. */
export interface FlowDraft {
  readonly table: FlowTable;
  readonly priority: number;
  /** A packet has to meet all of them; of one field the last counts. */
  readonly conditions: readonly Match[];
  readonly instructions: readonly Instruction[];
  /** The conntrack zone that begins with this flow: what was tracked in it before is another's. */
  readonly zone?: number;
}

/** Of what a packet is told beside its way. */
export interface Telling {
  readonly parameters: Buffer;
  readonly meterId: number;
  readonly maxLength: number;
}

export class FlowBuilder {
  readonly #table: FlowTable;
  readonly #priority: number;
  #conditions: readonly Match[] = [];
  #actions: Action[] | undefined;
  #zone: number | undefined;

  constructor(table: FlowTable, priority: number) {
    this.#table = table;
    this.#priority = priority;
  }

  /** Adds conditions to those given before. Prerequisites have to be spelled out. */
  match(...conditions: readonly Match[]): this {
    const before = this.#conditions;
    this.#conditions = before.length === 0 ? conditions : [...before, ...conditions];
    return this;
  }

  /** All of them: of one register as one condition. */
  matchMark(...marks: readonly RegMark[]): this {
    const conditions = new Map<string, Masked<number>>();
    for (const { field, value } of marks) {
      const before = conditions.get(field.register) ?? { value: 0, mask: 0 };
      conditions.set(field.register, {
        value: before.value + field.place(value),
        mask: before.mask + field.mask,
      });
    }
    return this.match(Object.fromEntries(conditions));
  }

  setField(field: FieldName, value: number | bigint): this {
    return this.#act({ type: 'set_field', field, value });
  }

  /** Writes a value into a register field and leaves the register's other bits alone. */
  load(field: RegField, value: number): this {
    const { register, mask } = field;
    const whole = field.bits === 32;
    const load = { type: 'set_field', field: register, value: field.place(value) } as const;
    return this.#act(whole ? load : { ...load, mask });
  }

  mark(mark: RegMark): this {
    return this.load(mark.field, mark.value);
  }

  /** Copies a whole field, or a run of bits, onto one as wide. */
  move(source: FieldName | SubField, destination: FieldName | SubField): this {
    return this.#act({ type: 'move', source: whole(source), destination: whole(destination) });
  }

  /** Writes into a field of one bit whether the whole frame has more bytes than that. */
  checkLarger(size: number, { subField }: RegField): this {
    return this.#act({ type: 'check_pkt_larger', size, destination: subField });
  }

  output(port: number): this {
    return this.#act({ type: 'output', port });
  }

  /**
   * Forgets the ingress port: Open vSwitch never sends a packet back to it. Who sent the packet
   * stays known by InPort.
   */
  mayTurnBack(): this {
    return this.setField('nxm_in_port', 0);
  }

  /** Puts the packet into a VLAN (IEEE 802.1Q). */
  tag(vlan: number): this {
    this.#act({ type: 'push_vlan', ethertype: ETH_TYPE.VLAN });
    return this.setField('vlan_vid', OFPVID_PRESENT | vlan);
  }

  /** Takes the packet out of its VLAN: one that is in another besides is in that now. */
  untag(): this {
    return this.#act({ type: 'pop_vlan' });
  }

  outputTo(field: RegField): this {
    return this.#act({ type: 'output_reg', source: field.subField });
  }

  group(groupId: number): this {
    return this.#act({ type: 'group', groupId });
  }

  /** Does this to a copy of the packet: what it changes is gone afterwards. */
  clone(actions: readonly Action[]): this {
    return this.#act({ type: 'clone', actions });
  }

  /** Looks a copy of the packet up in a table that it may lead to, with a field written. */
  copy(field: RegField, value: number, table: FlowTable): this {
    this.#table.assertNext(table);
    const { register } = field;
    return this.clone([
      { type: 'set_field', field: register, value: field.place(value) },
      { type: 'resubmit', table: table.id },
    ]);
  }

  /**
   * Goes on only while the packets of a meter are not too many. It comes first, and no second one
   * comes after it: to `ovs-ofctl` it is the instruction that it was before OpenFlow 1.5.
   */
  meter(meterId: number): this {
    assert(this.#actions === undefined, 'a meter comes before all other actions');
    return this.#act({ type: 'meter', meterId });
  }

  /** Chooses a queue of whatever device the packet, and each copy of it, leaves by. */
  queue(queueId: number): this {
    return this.#act({ type: 'set_queue', queueId });
  }

  /** Hands the packet to the owner of the switch, for a service; or its first bytes. */
  punt(service: Service, maxLength?: number): this {
    const most = maxLength === undefined ? {} : { maxLength };
    return this.#act({ type: 'controller', userdata: serviceUserdata(service), ...most });
  }

  /**
   * Hands over the first bytes of the packet as well, as far as a meter allows; then goes on. What
   * may be a question to a neighbour has to be marked as Told.
   */
  tell(service: Service, { parameters, ...limits }: Telling): this {
    const userdata = serviceUserdata(service, parameters);
    return this.#act({ type: 'controller', userdata, ...limits });
  }

  /** Looks the packet up in a table that answers in registers; then goes on here. */
  ask(table: FlowTable): this {
    this.#table.assertCalls(table);
    return this.#act({ type: 'resubmit', table: table.id });
  }

  /** Remembers the connection of the packet in the zone that a register holds. */
  commit(zone: RegField): this {
    return this.#act({ type: 'ct', commit: true, zone: zone.subField });
  }

  /** The same, and writes bits of its mark. */
  commitMarked(zone: RegField, { value, mask }: Masked<number>): this {
    const mark: Action = { type: 'set_field', field: 'ct_mark', value, mask };
    return this.#act({ type: 'ct', commit: true, zone: zone.subField, actions: [mark] });
  }

  /** Goes on in `table` with the state of the packet's connection known. */
  track(zone: RegField | number, table: FlowTable): FlowDraft {
    this.#table.assertNext(table);
    const where = typeof zone === 'number' ? zone : zone.subField;
    return this.#act({ type: 'ct', zone: where, table: table.id }).#end(DROP);
  }

  /** Says that the zone belongs to this flow; it is emptied before the flow is new to a switch. */
  beginsZone(zone: number): this {
    this.#zone = zone;
    return this;
  }

  goto(table: FlowTable): FlowDraft {
    this.#table.assertNext(table);
    return this.#end(gotoOnly(table));
  }

  done(): FlowDraft {
    return this.#end(DROP);
  }

  drop(): FlowDraft {
    return this.#end(DROP);
  }

  #act(action: Action): this {
    if (this.#actions === undefined) this.#actions = [action];
    else this.#actions.push(action);
    return this;
  }

  #end(bare: readonly Instruction[]): FlowDraft {
    return {
      table: this.#table,
      priority: this.#priority,
      conditions: this.#conditions,
      instructions: this.#actions === undefined ? bare : applyFirst(this.#actions, bare),
      ...(this.#zone === undefined ? {} : { zone: this.#zone }),
    };
  }
}

function applyFirst(actions: readonly Action[], [last]: readonly Instruction[]): Instruction[] {
  const apply: Instruction = { type: 'apply_actions', actions };
  return last === undefined ? [apply] : [apply, last];
}

const DROP: readonly Instruction[] = [];

/** Most flows do nothing but lead on: they share one list a table. */
const bareGotos = new Map<FlowTable, readonly Instruction[]>();

function gotoOnly(table: FlowTable): readonly Instruction[] {
  let instructions = bareGotos.get(table);
  if (instructions === undefined) {
    instructions = [{ type: 'goto_table', table: table.id }];
    bareGotos.set(table, instructions);
  }
  return instructions;
}

function whole(field: FieldName | SubField): SubField {
  if (typeof field !== 'string') return field;
  return { field, offset: 0, bits: fieldOf(field).bits };
}
