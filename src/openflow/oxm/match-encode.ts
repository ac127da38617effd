/**
 * Matches on the wire, the way Open vSwitch itself would write them (OpenFlow 1.5.1 §7.2.3).
 *
 * Nearly everything that a compile does ends here, so a match need not be one object: what several
 * of them say together is gathered in one slot a field, and never merged into a new object.
 */
import { assert } from '../../lib/assert.ts';
import { Writer } from '../wire/index.ts';
import { writeEntry, writeHeader } from './entry.ts';
import {
  conditionField,
  FIELDS,
  type Field,
  type FieldName,
  fieldOf,
  type Masked,
} from './fields.ts';
import { type Content, canonicalMatch, type Match, OFPMT_OXM } from './match.ts';

/** Writes a match, padded to a multiple of 8 bytes. */
export function encodeMatch(writer: Writer, match: Match): void {
  encodeConditions(writer, [match]);
}

/** As `encodeMatch`, of what all `conditions` say; of one field the last of them counts. */
export function encodeConditions(writer: Writer, conditions: readonly Match[]): void {
  const start = writer.length;
  writer.u16(OFPMT_OXM);
  writer.u16(0);
  if (!gather(conditions)) gather([canonicalMatch(Object.assign({}, ...conditions))]);
  writeGathered(writer);
  for (const { unknown } of conditions) {
    if (unknown !== undefined) for (const bytes of unknown) writer.bytes(bytes);
  }
  writer.patchU16(start + 2, writer.length - start);
  writer.align8(start);
}

/** Memory that `matchBytes` uses again for every match. */
const scratch = new Writer(1024);

/** The wire form of a match in a buffer of its own. */
export function matchBytes(match: Match): Buffer {
  scratch.clear();
  encodeMatch(scratch, match);
  return scratch.take();
}

/** What is being written says of each field, by the field's place in the canonical order. */
const slots: (Content | undefined)[] = FIELDS.map(() => undefined);
/** One bit a slot: whether it counts. The lowest bits first are the canonical order. */
const filled = new Uint32Array(Math.ceil(FIELDS.length / 32));

/** Fills the slots; false when some of it must be said with other fields. */
function gather(conditions: readonly Match[]): boolean {
  let canonical = true;
  filled.fill(0);
  for (const match of conditions) {
    for (const name in match) {
      const content = match[name as FieldName];
      const field = conditionField(name);
      if (field === undefined || content === undefined) continue;
      const { order } = field;
      slots[order] = content;
      filled[order >>> 5] = (filled[order >>> 5] as number) | (1 << (order & 31));
      if (field.view || (content === 0 && name === 'packet_type')) canonical = false;
    }
  }
  return canonical;
}

function writeGathered(writer: Writer): void {
  for (let word = 0; word < filled.length; word++) {
    let left = filled[word] as number;
    while (left !== 0) {
      const order = 32 * word + 31 - Math.clz32(left & -left);
      left &= left - 1;
      const field = FIELDS[order] as Field;
      if (field.register === undefined) writeSlot(writer, field);
      else writeRegisters(writer, field.register, order);
    }
  }
}

function writeSlot(writer: Writer, field: Field): void {
  const content = slots[field.order] as Content;
  const masked = typeof content === 'object';
  const value = masked ? content.value : content;
  const said = masked ? content.mask : field.max;
  const mask = field.onlyBits === undefined ? said : (said as number) & field.onlyBits;
  if (mask !== 0 && mask !== 0n) writeEntry(writer, field, value, mask);
}

/** Two registers, 2n and 2n+1, are the one 64-bit field that Open vSwitch makes of them. */
function writeRegisters(writer: Writer, register: number, order: number): void {
  const odd = register & 1;
  if (odd === 1 && isFilled(order - 1)) return;
  const high = registerSlot(register - odd, order - odd);
  const low = registerSlot(register - odd + 1, order - odd + 1);
  if (high.mask === 0 && low.mask === 0) return;
  const exact = high.mask === 0xffff_ffff && low.mask === 0xffff_ffff;
  writeHeader(writer, fieldOf(`xreg${register >> 1}` as FieldName).oxm, !exact);
  writer.u32(high.value);
  writer.u32(low.value);
  if (exact) return;
  writer.u32(high.mask);
  writer.u32(low.mask);
}

const NO_REGISTER: Masked<number> = { value: 0, mask: 0 };

function registerSlot(register: number, order: number): Masked<number> {
  if (!isFilled(order)) return NO_REGISTER;
  const content = slots[order] as number | Masked<number>;
  if (typeof content === 'number') {
    assert(content >= 0 && content <= 0xffff_ffff, `reg${register} cannot be ${content}`);
    return { value: content, mask: 0xffff_ffff };
  }
  assert((content.value & ~content.mask) === 0, `reg${register} has bits outside its mask`);
  return content;
}

function isFilled(order: number): boolean {
  return (((filled[order >>> 5] as number) >>> (order & 31)) & 1) === 1;
}
