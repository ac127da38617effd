/**
 * The fixed part of a message, action or entry, declared once: a table of fields gives the type,
 * the decoder (a compiled binary-parser `Parser`), the encoder and the size, which is asserted
 * against the size that the specification states.
 *
 *   const HEADER = defineStruct('ofp_header', 8, { version: u8, type: u8, length: u16, xid: u32 });
 *   HEADER.read(reader)  →  { version: number, type: number, length: number, xid: number }
 */
import { Parser } from 'binary-parser';
import { assert } from '../../lib/assert.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** One field: its width, and how it is read and written. `V` is the type of its value. */
export interface StructField<V> {
  readonly bytes: number;
  readonly parse: (parser: Parser, name: string) => Parser;
  readonly write: (writer: Writer, value: V) => void;
  /** A field without meaning: absent from the value, written as zeros. */
  readonly padding?: true;
}

export interface Padding extends StructField<undefined> {
  readonly padding: true;
}

export const u8: StructField<number> = {
  bytes: 1,
  parse: (p, n) => p.uint8(n),
  write: (w, v) => w.u8(v),
};
export const u16: StructField<number> = {
  bytes: 2,
  parse: (p, n) => p.uint16be(n),
  write: (w, v) => w.u16(v),
};
export const u32: StructField<number> = {
  bytes: 4,
  parse: (p, n) => p.uint32be(n),
  write: (w, v) => w.u32(v),
};
export const u64: StructField<bigint> = {
  bytes: 8,
  parse: (p, n) => p.uint64be(n),
  write: (w, v) => w.u64(v),
};

/** A 48-bit number, as a MAC address. */
export const u48: StructField<number> = {
  bytes: 6,
  parse: (p, n) => p.buffer(n, { length: 6, formatter: (b: Buffer) => b.readUIntBE(0, 6) }),
  write: (w, v) => w.u48(v),
};

/** A NUL-terminated string in `bytes` bytes. */
export function text(bytes: number): StructField<string> {
  return {
    bytes,
    parse: (p, n) => p.string(n, { length: bytes, encoding: 'utf8', formatter: untilNul }),
    write: (w, v) => w.text(v, bytes),
  };
}

export function pad(bytes: number): Padding {
  return {
    bytes,
    padding: true,
    parse: (p, n) => p.seek(bytes, { varName: n } as never),
    write: (w) => w.zero(bytes),
  };
}

type Fields = Readonly<Record<string, StructField<never>>>;

/** The value of a struct: every field but the padding. */
export type StructValue<F extends Fields> = {
  -readonly [N in keyof F as F[N] extends Padding ? never : N]: F[N] extends StructField<infer V>
    ? V
    : never;
};

export interface Struct<F extends Fields> {
  readonly name: string;
  readonly size: number;
  /** Bytes before a field. */
  offsetOf(field: keyof F): number;
  read(reader: Reader): StructValue<F>;
  write(writer: Writer, value: Readonly<StructValue<F>>): void;
}

/** Declares a struct of `size` bytes; a table that does not add up to it is a bug of ours. */
export function defineStruct<const F extends Fields>(
  name: string,
  size: number,
  fields: F,
): Struct<F> {
  const entries = Object.entries(fields);
  const parser = entries.reduce((p, [key, field]) => field.parse(p, key), new Parser());
  assert(parser.sizeOf() === size, `${name} has ${size} bytes, its table ${parser.sizeOf()}`);
  // A parser deletes members of its own from what it gives, which V8 then handles slowly for
  // ever; what is nested in it is an object like any other.
  const nested = new Parser().nest('value', { type: parser });
  return {
    name,
    size,
    offsetOf: (wanted) => {
      const before = entries.slice(0, Object.keys(fields).indexOf(wanted as string));
      return before.reduce((sum, [, field]) => sum + field.bytes, 0);
    },
    read: (reader) => {
      const start = reader.offset;
      reader.skip(size);
      const { value } = nested.parse(reader.buffer.subarray(start, start + size));
      return value as StructValue<F>;
    },
    write: (writer, value) => {
      const record = value as Readonly<Record<string, never>>;
      for (const [key, field] of entries) field.write(writer, record[key] as never);
    },
  };
}

function untilNul(value: string): string {
  const nul = value.indexOf('\0');
  return nul < 0 ? value : value.slice(0, nul);
}
