/**
 * A flow as a sentence:
 *
 *   L2Forwarding.flow(PRIORITY.normal).match({ metadata, eth_dst })
 *     .load(OutputPort, 7).goto(Output)
 *
 * The sentence gives a draft; `encodeFlow` makes the bytes, once the cookie of its unit is known.
 */
import type { Action } from '../openflow/actions/index.ts';
import { OFPP } from '../openflow/constants.ts';
import { type Instruction, instructionBytes } from '../openflow/instructions.ts';
import {
  type FieldName,
  fieldOf,
  type Match,
  matchBytes,
  type SubField,
} from '../openflow/oxm/index.ts';
import { type CompiledFlow, compiledFlow } from './compiled.ts';
import type { RegField, RegMark } from './registers.ts';

/** What the builder knows of a table (table.ts). */
export interface FlowTable {
  readonly id: number;
  /** Throws unless packets may go from here to `table`. */
  assertNext(table: FlowTable): void;
}

/** A flow before encoding. An empty list of instructions drops the packet. */
export interface FlowDraft {
  readonly table: FlowTable;
  readonly priority: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

export class FlowBuilder {
  readonly #table: FlowTable;
  readonly #priority: number;
  #match: Match | undefined;
  readonly #actions: Action[] = [];

  constructor(table: FlowTable, priority: number) {
    this.#table = table;
    this.#priority = priority;
  }

  /** Adds conditions to those given before. Prerequisites have to be spelled out. */
  match(match: Match): this {
    this.#match = this.#match === undefined ? match : { ...this.#match, ...match };
    return this;
  }

  matchMark(mark: RegMark): this {
    const { field, value } = mark;
    return this.match({ [field.register]: { value: field.place(value), mask: field.mask } });
  }

  setField(field: FieldName, value: number | bigint): this {
    this.#actions.push({ type: 'set_field', field, value });
    return this;
  }

  /** Writes a value into a register field and leaves the register's other bits alone. */
  load(field: RegField, value: number): this {
    const { register, mask } = field;
    const whole = field.bits === 32;
    const load = { type: 'set_field', field: register, value: field.place(value) } as const;
    this.#actions.push(whole ? load : { ...load, mask });
    return this;
  }

  mark(mark: RegMark): this {
    return this.load(mark.field, mark.value);
  }

  /** Copies a whole field, or a run of bits, onto one as wide. */
  move(source: FieldName | SubField, destination: FieldName | SubField): this {
    this.#actions.push({ type: 'move', source: whole(source), destination: whole(destination) });
    return this;
  }

  output(port: number): this {
    this.#actions.push({ type: 'output', port });
    return this;
  }

  /** Back to where the packet came from, which a plain `output` never does. */
  outputInPort(): this {
    return this.output(OFPP.IN_PORT);
  }

  outputTo(field: RegField): this {
    this.#actions.push({ type: 'output_reg', source: field.subField });
    return this;
  }

  group(groupId: number): this {
    this.#actions.push({ type: 'group', groupId });
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

  #end(last: readonly Instruction[]): FlowDraft {
    const actions = this.#actions;
    return {
      table: this.#table,
      priority: this.#priority,
      match: this.#match ?? {},
      instructions: actions.length === 0 ? last : [{ type: 'apply_actions', actions }, ...last],
    };
  }
}

export function encodeFlow(draft: FlowDraft, cookie: bigint): CompiledFlow {
  return compiledFlow({
    table: draft.table.id,
    priority: draft.priority,
    cookie,
    match: matchBytes(draft.match),
    instructions: bareBytes.get(draft.instructions) ?? instructionBytes(draft.instructions),
  });
}

const DROP: readonly Instruction[] = [];

/** Most flows do nothing but lead on, or drop: they share one list, and one buffer, a table. */
const bareBytes = new WeakMap<readonly Instruction[], Buffer>([[DROP, Buffer.alloc(0)]]);
const bareGotos = new Map<FlowTable, readonly Instruction[]>();

function gotoOnly(table: FlowTable): readonly Instruction[] {
  let instructions = bareGotos.get(table);
  if (instructions === undefined) {
    instructions = [{ type: 'goto_table', table: table.id }];
    bareGotos.set(table, instructions);
    bareBytes.set(instructions, instructionBytes(instructions));
  }
  return instructions;
}

function whole(field: FieldName | SubField): SubField {
  if (typeof field !== 'string') return field;
  return { field, offset: 0, bits: fieldOf(field).bits };
}
