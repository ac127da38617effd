/**
 * Properties: the type-length-value lists that end many OpenFlow 1.4+ messages (§7.2.1, padded to
 * 8 bytes each; the length does not count the padding).
 */
import type { Reader, Writer } from '../wire/index.ts';

const PROPERTY_HEADER = 4;

/** A property that we do not interpret; it survives decoding and encoding unchanged. */
export interface UnknownProperty {
  readonly type: 'unknown';
  readonly code: number;
  readonly bytes: Buffer;
}

/** Calls `visit` with each property's number and a reader of its value, until the window's end. */
export function readProperties(reader: Reader, visit: (code: number, value: Reader) => void): void {
  while (reader.remaining > 0) {
    const code = reader.u16();
    const length = reader.u16();
    if (length < PROPERTY_HEADER) throw reader.error('a property of at least 4 bytes', length);
    visit(code, reader.window(length - PROPERTY_HEADER));
    // Some properties of old Open vSwitches end a message without their padding.
    reader.skip(Math.min(reader.remaining, -length & 7));
  }
}

/** Writes one property with its header and padding; `body` writes the value. */
export function writeProperty(writer: Writer, code: number, body: () => void): void {
  const start = writer.length;
  writer.u16(code);
  writer.u16(0);
  body();
  writer.patchU16(start + 2, writer.length - start);
  writer.align8(start);
}

export function writeUnknown(writer: Writer, property: UnknownProperty): void {
  writeProperty(writer, property.code, () => writer.bytes(property.bytes));
}

/** Reads a list of properties of which none is known to us. */
export function readUnknown(reader: Reader): UnknownProperty[] {
  const properties: UnknownProperty[] = [];
  readProperties(reader, (code, value) => {
    properties.push({ type: 'unknown', code, bytes: value.bytes(value.remaining) });
  });
  return properties;
}
