/** Writing fields: set_field with and without mask, and copying bits from one field to another. */
import { assert } from '../../lib/assert.ts';
import {
  and,
  checkSubField,
  type Field,
  fieldOf,
  readEntry,
  readFieldHeader,
  readSubField,
  unpackRange,
  type Value,
  writeEntry,
  writeHeader,
} from '../oxm/index.ts';
import type { Reader } from '../wire/index.ts';
import { type ActionRow, begin, defineAction, exactly, finish, padding } from './registry.ts';
import type { MoveAction, SetFieldAction } from './types.ts';

const OFPAT_SET_FIELD = 25;
const OFPAT_COPY_FIELD = 28;
const NXAST_REG_MOVE = 6;
const NXAST_REG_LOAD = 7;
const NXAST_REG_LOAD2 = 33;

const setField = defineAction<SetFieldAction>({
  type: 'set_field',
  forms: [
    { name: 'OFPAT_SET_FIELD', standard: OFPAT_SET_FIELD, decode: decodeSetField },
    { name: 'NXAST_REG_LOAD', nicira: NXAST_REG_LOAD, decode: decodeRegLoad },
    { name: 'NXAST_REG_LOAD2', nicira: NXAST_REG_LOAD2, decode: decodeSetField },
  ],
  encode: (writer, { field: name, value, mask }) => {
    const field = fieldOf(name);
    assert(!field.readOnly, `${name} can be set`);
    const start = begin(writer, OFPAT_SET_FIELD);
    writeEntry(writer, field, value, mask ?? field.max);
    finish(writer, start);
  },
});

/** The entry follows the header at once, also Nicira's, which leaves it unaligned there. */
function decodeSetField(body: Reader): SetFieldAction {
  const entry = readEntry(body);
  if (entry.field === undefined) throw body.error('a field that we know', 'another');
  padding(body);
  return setFieldAction(body, entry.field, entry.value, entry.mask);
}

/** A load into some bits of a field is a set_field with these bits as mask. */
function decodeRegLoad(body: Reader): SetFieldAction {
  exactly(body, 14);
  const { offset, bits } = unpackRange(body.u16());
  const field = fieldOf(readFieldHeader(body));
  checkSubField(body, { field: field.name, offset, bits });
  const value = body.u64();
  if (value >> BigInt(bits) !== 0n) throw body.error(`a value of ${bits} bits`, value);
  const ones = (1n << BigInt(bits)) - 1n;
  const shifted = sized(field, value << BigInt(offset));
  return setFieldAction(body, field, shifted, sized(field, ones << BigInt(offset)));
}

function sized(field: Field, value: bigint): Value {
  return field.wide ? value : Number(value);
}

function setFieldAction(body: Reader, field: Field, value: Value, mask: Value): SetFieldAction {
  if (field.readOnly) throw body.error('a field that can be set', field.name);
  if (mask === field.max) return { type: 'set_field', field: field.name, value };
  return { type: 'set_field', field: field.name, value: and(value, mask), mask };
}

const move = defineAction<MoveAction>({
  type: 'move',
  forms: [
    { name: 'OFPAT_COPY_FIELD', standard: OFPAT_COPY_FIELD, decode: decodeCopyField },
    { name: 'NXAST_REG_MOVE', nicira: NXAST_REG_MOVE, decode: decodeRegMove },
  ],
  encode: (writer, { source, destination }) => {
    assert(source.bits === destination.bits, 'move copies as many bits as it writes');
    assert(!fieldOf(destination.field).readOnly, `${destination.field} can be written`);
    const start = begin(writer, OFPAT_COPY_FIELD);
    writer.u16(source.bits);
    writer.u16(source.offset);
    writer.u16(destination.offset);
    writer.u16(0);
    writeHeader(writer, fieldOf(source.field).oxm, false);
    writeHeader(writer, fieldOf(destination.field).oxm, false);
    finish(writer, start);
  },
});

function decodeCopyField(body: Reader): MoveAction {
  const [bits, from, to] = [body.u16(), body.u16(), body.u16()];
  body.skip(2);
  return decodeMove(body, bits, from, to);
}

function decodeRegMove(body: Reader): MoveAction {
  const [bits, from, to] = [body.u16(), body.u16(), body.u16()];
  return decodeMove(body, bits, from, to);
}

function decodeMove(body: Reader, bits: number, from: number, to: number): MoveAction {
  const source = readSubField(body, from, bits);
  const destination = readSubField(body, to, bits);
  padding(body);
  if (fieldOf(destination.field).readOnly) {
    throw body.error('a field that can be written', destination.field);
  }
  return { type: 'move', source, destination };
}

export const FIELD_ACTIONS: readonly ActionRow[] = [setField, move];
