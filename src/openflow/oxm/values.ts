/** Values of fields on the wire, and the little arithmetic that masks of 48 bits and more need. */
import type { Reader, Writer } from '../wire/index.ts';
import type { Field } from './fields.ts';

const TWO_32 = 0x1_0000_0000;

export type Value = number | bigint;

export function writeValue(writer: Writer, field: Field, value: Value): void {
  switch (field.bytes) {
    case 1:
      writer.u8(value as number);
      break;
    case 2:
      writer.u16(value as number);
      break;
    case 4:
      writer.u32(value as number);
      break;
    case 6:
      writer.u48(value as number);
      break;
    case 8:
      writer.u64(value as bigint);
      break;
    default:
      writer.u128(value as bigint);
  }
}

export function readValue(reader: Reader, field: Field): Value {
  switch (field.bytes) {
    case 1:
      return reader.u8();
    case 2:
      return reader.u16();
    case 4:
      return reader.u32();
    case 6:
      return reader.u48();
    case 8:
      return reader.u64();
    default:
      return reader.u128();
  }
}

/** Bitwise and of two values of one field, correct up to 48 bits as number. */
export function and(a: Value, b: Value): Value {
  if (typeof a === 'bigint') return a & (b as bigint);
  return andNumber(a, b as number);
}

function andNumber(a: number, b: number): number {
  if (a < TWO_32 && b < TWO_32) return (a & b) >>> 0;
  const high = (Math.floor(a / TWO_32) & Math.floor(b / TWO_32)) >>> 0;
  return high * TWO_32 + ((a & b) >>> 0);
}

/** Whether `value` has no bit that `mask` has not. */
export function isInside(value: Value, mask: Value): boolean {
  return and(value, mask) === value;
}

/** Whether a value fits the field: of its type, not negative, not too large. */
export function fits(field: Field, value: Value): boolean {
  if (typeof value === 'number') {
    return !field.wide && value >= 0 && value <= (field.max as number);
  }
  return field.wide && value >= 0n && value <= (field.max as bigint);
}
