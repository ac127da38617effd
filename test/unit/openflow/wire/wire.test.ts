/**
 * Goal: bytes go out and come back as the same values; nothing reads or writes past its end; a
 * struct's table and its stated size cannot disagree.
 * Method: random values of every width through Writer and Reader, edges by hand.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DecodeError,
  defineStruct,
  pad,
  Reader,
  text,
  u8,
  u16,
  u32,
  u48,
  u64,
  Writer,
} from '../../../../src/openflow/wire/index.ts';

const big = (bits: bigint) => fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
const small = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });

test('values of every width are read as they were written', () => {
  fc.assert(
    fc.property(
      fc.tuple(small(8), small(16), small(32), small(48), big(64n), big(128n)),
      ([a, b, c, d, e, f]) => {
        const writer = new Writer(1);
        writer.u8(a);
        writer.u16(b);
        writer.u32(c);
        writer.u48(d);
        writer.u64(e);
        writer.u128(f);
        const reader = new Reader(writer.take());
        expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([a, b, c]);
        expect([reader.u48(), reader.u64(), reader.u128()]).toEqual([d, e, f]);
        reader.done('bytes');
      },
    ),
  );
});

test('a writer pads, patches and can be used again', () => {
  const writer = new Writer(4);
  writer.u16(7);
  writer.u16(0);
  writer.u8(9);
  writer.align8(0);
  writer.patchU16(2, writer.length);
  expect(writer.take().toString('hex')).toBe('0007000809000000');
  expect(writer.take(4).toString('hex')).toBe('09000000');
  writer.align8(0);
  expect(writer.length).toBe(8);
  writer.clear();
  writer.text('abcdefgh', 4);
  expect(writer.take().toString('hex')).toBe('61626300');
  expect(() => writer.patchU16(3, 1)).toThrow('a patch lies inside');
});

test('what a writer gave away stays as it is while the writer goes on', () => {
  const writer = new Writer();
  writer.u32(1);
  const taken = writer.take();
  writer.clear();
  writer.u32(2);
  expect(taken.toString('hex')).toBe('00000001');
});

test('no read passes the end of its window', () => {
  const bytes = Buffer.from('0102030405060708', 'hex');
  const reader = new Reader(bytes, 2, 5);
  const inner = reader.window(2);
  expect(inner.u16()).toBe(0x0304);
  expect(() => inner.u8()).toThrow(DecodeError);
  expect(() => reader.u16()).toThrow('byte 4: expected 2 bytes, got 1 bytes');
  expect(reader.u8()).toBe(5);
  expect(() => reader.window(1)).toThrow(DecodeError);
  expect(() => new Reader(bytes).done('message')).toThrow('expected end of message');
});

test('decoded bytes do not keep the buffer that they came in', () => {
  const received = Buffer.from('0102', 'hex');
  const copy = new Reader(received).bytes(2);
  received.fill(0xff);
  expect(copy.toString('hex')).toBe('0102');
});

const PORT = defineStruct('port', 36, {
  number: u32,
  pad1: pad(4),
  address: u48,
  pad2: pad(1),
  kind: u8,
  speed: u16,
  cookie: u64,
  name: text(10),
});

test('a struct is read as it was written, padding left out', () => {
  const value = {
    number: 5,
    address: 0x525400123456,
    kind: 3,
    speed: 0xffff,
    cookie: 0xffff_ffff_ffff_ffffn,
    name: 'br-int',
  };
  const writer = new Writer();
  PORT.write(writer, value);
  expect(writer.length).toBe(PORT.size);
  const reader = new Reader(Buffer.concat([Buffer.from([0]), writer.take(), Buffer.from([1])]), 1);
  expect(PORT.read(reader)).toEqual(value);
  expect(reader.u8()).toBe(1);
});

test('a struct that does not fit its window is refused', () => {
  expect(() => PORT.read(new Reader(Buffer.alloc(35)))).toThrow('expected 36 bytes, got 35 bytes');
});

test('a table of fields that does not add up to the stated size is a bug', () => {
  expect(() => defineStruct('header', 8, { version: u8, length: u16 })).toThrow(
    'header has 8 bytes, its table 3',
  );
});
