/**
 * Goal: whatever way a stream is cut into chunks, the same messages come out, and a stream that
 * cannot be messages is refused without holding memory.
 * Method: every split of a short stream, random splits of a long one, hostile headers.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Framer } from '../../../../src/openflow/framing.ts';
import { DecodeError } from '../../../../src/openflow/wire/index.ts';

function frame(body: number, version = 6): Buffer {
  const bytes = Buffer.alloc(8 + body, body & 0xff);
  bytes[0] = version;
  bytes[1] = 0;
  bytes.writeUInt16BE(8 + body, 2);
  return bytes;
}

function framesOf(chunks: readonly Buffer[]): Buffer[] {
  const frames: Buffer[] = [];
  const framer = new Framer((bytes) => frames.push(Buffer.from(bytes)));
  for (const chunk of chunks) framer.push(chunk);
  return frames;
}

function cut(stream: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...at.toSorted((a, b) => a - b), stream.length];
  return ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end));
}

/** Much faster than toEqual on long buffers. */
function expectSame(frames: readonly Buffer[], expected: readonly Buffer[]): void {
  expect(frames.map((bytes) => bytes.length)).toEqual(expected.map((bytes) => bytes.length));
  expect(Buffer.concat(frames).equals(Buffer.concat(expected))).toBe(true);
}

const SHORT = [frame(0), frame(5), frame(1), frame(0)];
const LONG = [frame(0), frame(65_527), frame(3), frame(1_000), frame(20_000), frame(0)];

test('a stream cut at any two places gives the same messages', () => {
  const stream = Buffer.concat(SHORT);
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      expect(framesOf(cut(stream, [first, second]))).toEqual(SHORT);
    }
  }
});

test('a stream that comes byte by byte gives the same messages', () => {
  const stream = Buffer.concat(LONG);
  const bytes = Array.from(stream, (_, index) => stream.subarray(index, index + 1));
  expectSame(framesOf(bytes), LONG);
});

test('a long stream cut anywhere gives the same messages', () => {
  const stream = Buffer.concat(LONG);
  const places = fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 });
  fc.assert(
    fc.property(places, (at) => {
      expectSame(framesOf(cut(stream, at)), LONG);
    }),
  );
});

test('messages inside one chunk are handed out without a copy', () => {
  const chunk = Buffer.concat(SHORT);
  const frames: Buffer[] = [];
  new Framer((bytes) => frames.push(bytes)).push(chunk);
  expect(frames.every((bytes) => bytes.buffer === chunk.buffer)).toBe(true);
});

test.each([0, 1, 7])('a length of %i bytes is refused at once', (length) => {
  const header = Buffer.from([6, 0, 0, length]);
  expect(() => framesOf([header])).toThrow(DecodeError);
  expect(() => framesOf([header.subarray(0, 2), header.subarray(2)])).toThrow(DecodeError);
});

test('before a version is agreed nothing but a hello or an error is waited for', () => {
  expect(() => framesOf([Buffer.from('GET / HTTP/1.1')])).toThrow(/hello/);
  expect(() => framesOf([Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])])).toThrow(/hello/);
});

test('once a version is agreed, any other is refused, after the messages before it', () => {
  const frames: Buffer[] = [];
  const framer = new Framer((bytes) => frames.push(bytes));
  framer.push(frame(0, 4));
  framer.expectVersion(6);
  expect(() => framer.push(Buffer.concat([frame(2), frame(0, 4)]))).toThrow(/version/);
  expect(frames.map((bytes) => bytes.length)).toEqual([8, 10]);
});
