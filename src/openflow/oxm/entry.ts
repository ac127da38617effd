/** One OXM TLV: header, value and perhaps mask (OpenFlow 1.5.1 §7.2.3.2). */
import { AssertionError } from '../../lib/assert.ts';
import { type DecodeError, Reader, type Writer } from '../wire/index.ts';
import { type Field, type FieldName, fieldByHeader, type OxmHeader } from './fields.ts';
import { OXM_CLASS } from './rows.ts';
import { and, fits, isInside, readValue, type Value, writeValue } from './values.ts';

/** What an entry says: a field, or bytes that we have no row for. */
export type Entry =
  | { readonly field: Field; readonly value: Value; readonly mask: Value }
  | { readonly field: undefined; readonly bytes: Buffer };

/** Writes one entry; a mask that is all ones is left out. */
export function writeEntry(writer: Writer, field: Field, value: Value, mask: Value): void {
  if (!fits(field, value)) throw impossible(field, value, mask);
  if (mask === field.max) {
    writeHeader(writer, field.oxm, false);
    writeValue(writer, field, value);
    return;
  }
  if (!fits(field, mask) || !isInside(value, mask)) throw impossible(field, value, mask);
  writeHeader(writer, field.oxm, true);
  writeValue(writer, field, value);
  writeValue(writer, field, mask);
}

/** Made only when needed: the words for every field of every flow cost as much as its bytes. */
function impossible(field: Field, value: Value, mask: Value): AssertionError {
  const shown = mask === field.max ? `${value}` : `${value}/${mask}`;
  return new AssertionError(`${field.name} cannot be ${shown}`);
}

export function writeHeader(writer: Writer, header: OxmHeader, masked: boolean): void {
  writer.u32(masked ? header.masked : header.exact);
  if (header.experimenter !== undefined) writer.u32(header.experimenter);
}

/** Reads one entry and checks its length, value and mask against the field's row. */
export function readEntry(reader: Reader): Entry {
  const start = reader.offset;
  const { field, masked, length } = readRawHeader(reader);
  if (field === undefined) {
    reader.skip(length);
    return { field, bytes: new Reader(reader.buffer, start).bytes(reader.offset - start) };
  }
  const expected = masked ? 2 * field.bytes : field.bytes;
  if (length !== expected) throw reader.error(`${expected} bytes of ${field.name}`, length);
  const value = readValue(reader, field);
  const mask = masked ? and(readValue(reader, field), field.max) : field.max;
  checkEntry(reader, field, value, mask);
  return { field, value, mask };
}

/** Reads a header that names a field and has neither value nor mask, as in move and learn. */
export function readFieldHeader(reader: Reader): FieldName {
  const { field, masked, length } = readRawHeader(reader);
  if (field === undefined) throw reader.error('the header of a known field', 'another');
  if (masked || length !== field.bytes) {
    throw reader.error(`a header of ${field.name} without mask`, `${length} bytes`);
  }
  return field.name;
}

interface RawHeader {
  readonly field: Field | undefined;
  readonly masked: boolean;
  /** Bytes of value and mask. */
  readonly length: number;
}

function readRawHeader(reader: Reader): RawHeader {
  const header = reader.u32();
  const masked = (header & 0x100) !== 0;
  const length = header & 0xff;
  if (header >>> 16 !== OXM_CLASS.EXPERIMENTER) {
    return { field: fieldByHeader(header), masked, length };
  }
  if (length < 4) throw reader.error('an experimenter id', `${length} bytes`);
  return { field: fieldByHeader(header, reader.u32()), masked, length: length - 4 };
}

function checkEntry(reader: Reader, field: Field, value: Value, mask: Value): void {
  if (!fits(field, value)) {
    throw badEntry(reader, field, `a value of at most 0x${field.max.toString(16)}`, value);
  }
  if (mask === field.max) return;
  if (!field.maskable) throw badEntry(reader, field, 'no mask', mask);
  if (!isInside(value, mask)) throw badEntry(reader, field, 'a value inside its mask', value);
}

function badEntry(reader: Reader, field: Field, expected: string, got: Value): DecodeError {
  return reader.error(`${expected} for ${field.name}`, `0x${got.toString(16)}`);
}
