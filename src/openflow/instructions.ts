/** Instructions: what a flow makes of a packet that it matches (OpenFlow 1.5.1 §7.2.5). */
import { assert } from '../lib/assert.ts';
import { type Action, decodeActions, encodeActions } from './actions/index.ts';
import { Reader, Writer } from './wire/index.ts';

/**
 * There is no meter instruction: OpenFlow 1.5 has made it an action, which is how Open vSwitch
 * dumps it. One that a peer sends all the same is read as the first action to apply.
 */
export type Instruction =
  | { readonly type: 'apply_actions'; readonly actions: readonly Action[] }
  | { readonly type: 'clear_actions' }
  | { readonly type: 'write_actions'; readonly actions: readonly Action[] }
  | { readonly type: 'write_metadata'; readonly value: bigint; readonly mask?: bigint }
  | { readonly type: 'goto_table'; readonly table: number }
  | { readonly type: 'unknown'; readonly bytes: Buffer };

type Kind = Instruction['type'];
type Of<K extends Kind> = Extract<Instruction, { readonly type: K }>;

/** One kind: its number, how it is written after its header, and read from all of it. */
interface InstructionRow<K extends Kind = Kind> {
  readonly name: string;
  readonly number: number;
  readonly type: K;
  encode(writer: Writer, instruction: Of<K>): void;
  decode(body: Reader): Of<K>;
}

const ALL_64 = 0xffff_ffff_ffff_ffffn;
const OFPIT_METER = 6;

/** Memory that `instructionBytes` uses again for every list. */
const scratch = new Writer(1024);

const applyActions: InstructionRow<'apply_actions'> = {
  name: 'OFPIT_APPLY_ACTIONS',
  number: 4,
  type: 'apply_actions',
  encode: (writer, { actions }) => encodeList(writer, actions),
  decode: (body) => ({ type: 'apply_actions', actions: decodeList(body) }),
};

const clearActions: InstructionRow<'clear_actions'> = {
  name: 'OFPIT_CLEAR_ACTIONS',
  number: 5,
  type: 'clear_actions',
  encode: (writer) => writer.zero(4),
  decode: (body) => {
    body.skip(4);
    return { type: 'clear_actions' };
  },
};

const writeActions: InstructionRow<'write_actions'> = {
  name: 'OFPIT_WRITE_ACTIONS',
  number: 3,
  type: 'write_actions',
  encode: (writer, { actions }) => encodeList(writer, actions),
  decode: (body) => ({ type: 'write_actions', actions: decodeList(body) }),
};

const writeMetadata: InstructionRow<'write_metadata'> = {
  name: 'OFPIT_WRITE_METADATA',
  number: 2,
  type: 'write_metadata',
  encode: (writer, { value, mask = ALL_64 }) => {
    assert((value & mask) === value, 'write_metadata has no bits outside its mask');
    writer.zero(4);
    writer.u64(value);
    writer.u64(mask);
  },
  decode: (body) => {
    body.skip(4);
    const value = body.u64();
    const mask = body.u64();
    if (mask === ALL_64) return { type: 'write_metadata', value };
    return { type: 'write_metadata', value: value & mask, mask };
  },
};

const gotoTable: InstructionRow<'goto_table'> = {
  name: 'OFPIT_GOTO_TABLE',
  number: 1,
  type: 'goto_table',
  encode: (writer, { table }) => {
    writer.u8(table);
    writer.zero(3);
  },
  decode: (body) => {
    const table = body.u8();
    body.skip(3);
    return { type: 'goto_table', table };
  },
};

/** In the order in which Open vSwitch writes them, which is the one in which they take effect. */
export const INSTRUCTION_ROWS: readonly InstructionRow[] = [
  row(applyActions),
  row(clearActions),
  row(writeActions),
  row(writeMetadata),
  row(gotoTable),
];

const ORDER = new Map<Kind, number>(INSTRUCTION_ROWS.map(({ type }, index) => [type, index]));
const BY_NUMBER = new Map(INSTRUCTION_ROWS.map((each) => [each.number, each]));

/** Writes instructions in canonical order; a list of no actions to apply is left out. */
export function encodeInstructions(writer: Writer, instructions: readonly Instruction[]): void {
  const ordered = isOrdered(instructions) ? instructions : inOrder(instructions);
  for (const instruction of ordered) encodeOne(writer, instruction);
}

/** Reads the instructions in the next `byteLength` bytes. Throws DecodeError. */
export function decodeInstructions(reader: Reader, byteLength: number): Instruction[] {
  const body = reader.window(byteLength);
  const instructions: Instruction[] = [];
  let meterId: number | undefined;
  while (body.remaining > 0) {
    const decoded = decodeOne(body);
    if (typeof decoded === 'number') {
      meterId = decoded;
      continue;
    }
    if (decoded.type !== 'unknown' && instructions.some(({ type }) => type === decoded.type)) {
      throw body.error(`one ${decoded.type}`, 'a second one');
    }
    instructions.push(decoded);
  }
  return meterId === undefined ? instructions : withMeter(instructions, meterId);
}

/** The wire form of a list of instructions in a buffer of its own. */
export function instructionBytes(instructions: readonly Instruction[]): Buffer {
  scratch.clear();
  encodeInstructions(scratch, instructions);
  return scratch.take();
}

/** Reads instructions that fill the whole buffer. Throws DecodeError. */
export function instructionsFromBytes(bytes: Buffer): Instruction[] {
  return decodeInstructions(new Reader(bytes), bytes.length);
}

function row<K extends Kind>(typed: InstructionRow<K>): InstructionRow {
  return typed as unknown as InstructionRow;
}

function orderOf({ type }: Instruction): number {
  return ORDER.get(type) ?? INSTRUCTION_ROWS.length;
}

function isOrdered(instructions: readonly Instruction[]): boolean {
  let last = -1;
  for (const instruction of instructions) {
    const order = orderOf(instruction);
    if (order < last) return false;
    last = order;
  }
  return true;
}

function inOrder(instructions: readonly Instruction[]): Instruction[] {
  return [...instructions].sort((a, b) => orderOf(a) - orderOf(b));
}

function encodeOne(writer: Writer, instruction: Instruction): void {
  if (instruction.type === 'unknown') {
    writer.bytes(instruction.bytes);
    return;
  }
  if (instruction.type === 'apply_actions' && instruction.actions.length === 0) return;
  const known = INSTRUCTION_ROWS[orderOf(instruction)] as InstructionRow;
  const start = writer.length;
  writer.u16(known.number);
  writer.u16(0);
  known.encode(writer, instruction);
  writer.patchU16(start + 2, writer.length - start);
}

/** One instruction, or the number of the meter of one that is now an action. */
function decodeOne(body: Reader): Instruction | number {
  const start = body.offset;
  const number = body.u16();
  const length = body.u16();
  if (length < 8 || length % 8 !== 0) throw body.error('a multiple of 8 bytes', length);
  const content = body.window(length - 4);
  const known = BY_NUMBER.get(number);
  if (known === undefined && number !== OFPIT_METER) {
    return { type: 'unknown', bytes: new Reader(body.buffer, start).bytes(length) };
  }
  const decoded = known === undefined ? content.u32() : known.decode(content);
  content.done(known?.name ?? 'OFPIT_METER');
  return decoded;
}

function withMeter(instructions: readonly Instruction[], meterId: number): Instruction[] {
  const apply = instructions.find((each) => each.type === 'apply_actions');
  const actions: Action[] = [{ type: 'meter', meterId }, ...(apply?.actions ?? [])];
  const rest = instructions.filter((each) => each !== apply);
  return [{ type: 'apply_actions', actions }, ...rest];
}

/** Four bytes of padding stand before the actions. */
function encodeList(writer: Writer, actions: readonly Action[]): void {
  writer.zero(4);
  encodeActions(writer, actions);
}

function decodeList(body: Reader): Action[] {
  body.skip(4);
  return decodeActions(body, body.remaining);
}
