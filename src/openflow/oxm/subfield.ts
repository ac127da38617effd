/** Runs of bits of a field, as actions name them on the wire. */
import { assert } from '../../lib/assert.ts';
import type { Reader, Writer } from '../wire/index.ts';
import { readFieldHeader } from './entry.ts';
import { type FieldName, fieldOf, type SubField } from './fields.ts';

/** Offset and length as Nicira packs them: `(offset << 6) | (bits - 1)`. */
export function packRange({ field, offset, bits }: SubField): number {
  assert(isRange(field, offset, bits), `${field}[${offset}..${offset + bits - 1}] exists`);
  assert(offset < 1024 && bits <= 64, 'a packed range has at most 64 bits');
  return (offset << 6) | (bits - 1);
}

/** The reverse of `packRange`. */
export function unpackRange(range: number): { readonly offset: number; readonly bits: number } {
  return { offset: range >>> 6, bits: (range & 0x3f) + 1 };
}

/** Writes the header that Nicira's own actions use for a field: 4 bytes, no mask. */
export function writeNxmHeader(writer: Writer, { field, offset, bits }: SubField): void {
  assert(isRange(field, offset, bits), `${field}[${offset}..${offset + bits - 1}] exists`);
  writer.u32(fieldOf(field).nxm.exact);
}

/** Reads a field header of which `bits` bits from `offset` are meant. */
export function readSubField(reader: Reader, offset: number, bits: number): SubField {
  return checkSubField(reader, { field: readFieldHeader(reader), offset, bits });
}

/** The subfield itself; throws DecodeError when the field has no such bits. */
export function checkSubField(reader: Reader, subField: SubField): SubField {
  const { field, offset, bits } = subField;
  if (isRange(field, offset, bits)) return subField;
  throw reader.error(`bits that ${field} has`, `${bits} from ${offset}`);
}

function isRange(field: FieldName, offset: number, bits: number): boolean {
  return bits >= 1 && offset >= 0 && offset + bits <= fieldOf(field).bits;
}
