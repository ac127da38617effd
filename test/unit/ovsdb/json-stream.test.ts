/**
 * Goal: whatever a peer sends and however TCP cuts it, messages come out whole or the stream is
 * refused, in bounded memory.
 * Method: the same text at every split point; garbage; texts at and just past each limit.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteBudget } from '../../../src/ovsdb/wire/byte-budget.ts';
import { JsonStream } from '../../../src/ovsdb/wire/json-stream.ts';

const LIMITS = { messageBytesMax: 1000, depthMax: 4 };

function read(stream: JsonStream, ...chunks: (string | Buffer)[]): unknown[] {
  return chunks.flatMap((chunk) => [...stream.push(Buffer.from(chunk as string))]);
}

describe('a JSON stream', () => {
  test('gives the same values wherever the bytes are split, inside characters and escapes too', () => {
    const values = [{ a: '€𝄞"\\}{][' }, { b: [{ c: 'x\\\\"' }, '\u2028'] }, {}];
    const bytes = Buffer.from(` ${values.map((value) => JSON.stringify(value)).join('\r\n\t')}`);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second += 7) {
        const chunks = [
          bytes.subarray(0, first),
          bytes.subarray(first, second),
          bytes.subarray(second),
        ];
        expect(read(new JsonStream(LIMITS), ...chunks)).toEqual(values);
      }
    }
  });

  test('gives the same values byte by byte, for any objects', () => {
    const objects = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()));
    fc.assert(
      fc.property(objects, (values) => {
        const texts = values.map((value) => JSON.stringify(value));
        const stream = new JsonStream({ messageBytesMax: 1e6, depthMax: 100 });
        const bytes = [...Buffer.from(texts.join(''))].map((byte) => Buffer.of(byte));
        expect(read(stream, ...bytes)).toEqual(texts.map((text): unknown => JSON.parse(text)));
      }),
      { numRuns: 30 },
    );
  });

  test('gives a value before it looks at what follows', () => {
    const values = new JsonStream(LIMITS).push(Buffer.from('{"a":1}garbage'));
    expect(values.next().value).toEqual({ a: 1 });
    expect(() => values.next()).toThrow('expected a JSON object');
  });

  test.each(['HTTP/1.1', '"', '[1]', 'null', '1', '\u0000', '\ufeff{}', '}'])(
    'refuses %j at its first byte',
    (garbage) => {
      expect(() => read(new JsonStream(LIMITS), garbage.slice(0, 1))).toThrow('a JSON object');
    },
  );

  test.each(['{]', '{"a":1,}', '{"a"}', "{'a':1}", '{"a":01}', '{"\n":1}', '{"a":"\\x"}'])(
    'refuses %j when it ends',
    (text) => {
      expect(() => read(new JsonStream(LIMITS), text)).toThrow('expected a JSON text');
    },
  );

  test('refuses bytes that are not UTF-8', () => {
    const text = Buffer.from('{"a":"\xff"}', 'latin1');
    expect(() => read(new JsonStream(LIMITS), text)).toThrow('expected UTF-8');
  });

  test('reads the deepest nesting allowed and refuses one level more before its end', () => {
    expect(read(new JsonStream(LIMITS), '{"a":[[[]]]}')).toEqual([{ a: [[[]]] }]);
    expect(() => read(new JsonStream(LIMITS), '{"a":[[[[')).toThrow('at most 4 levels');
    expect(read(new JsonStream(LIMITS), '{"a":"[[[[[["}')).toEqual([{ a: '[[[[[[' }]);
  });

  test('refuses a million brackets without recursing into them', () => {
    const stream = new JsonStream({ messageBytesMax: 1e7, depthMax: 64 });
    expect(() => read(stream, `{"a":${'['.repeat(1e6)}`)).toThrow('at most 64 levels');
  });

  test('reads the longest message allowed and refuses one byte more', () => {
    const text = `{"a":"${'x'.repeat(1000 - 8)}"}`;
    expect(text.length).toBe(1000);
    expect(read(new JsonStream(LIMITS), text)).toHaveLength(1);
    expect(read(new JsonStream(LIMITS), text.slice(0, 500), text.slice(500))).toHaveLength(1);
    expect(() => read(new JsonStream(LIMITS), text.replace('x', 'xx'))).toThrow('at most 1000');
  });

  test('cuts a string of 100 MB off at the limit, having kept no more than that', () => {
    const messageBytesMax = 16 * 1024 * 1024;
    const stream = new JsonStream({ messageBytesMax, depthMax: 64 });
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let pushed = 0;
    const flood = () => {
      read(stream, '{"a":"');
      for (; pushed < 100e6; pushed += chunk.length) read(stream, chunk);
    };
    expect(flood).toThrow('at most 16777216 bytes');
    expect(pushed).toBeLessThanOrEqual(messageBytesMax);
    expect(stream.bufferedBytes).toBeLessThanOrEqual(messageBytesMax);
  });

  test('keeps one buffer of its own for a message that comes byte by byte', () => {
    const stream = new JsonStream({ messageBytesMax: 1e6, depthMax: 4 });
    read(stream, '{"a":"');
    for (let sent = 0; sent < 100_000; sent++) read(stream, 'x');
    expect(stream.bufferedBytes).toBeLessThan(2 * 100_006);
    expect(read(stream, '"}')).toHaveLength(1);
    expect(stream.bufferedBytes).toBe(0);
  });

  test('shares the room for what is unfinished with others, small texts apart', () => {
    const limits = { messageBytesMax: 1e6, depthMax: 4 };
    const budget = new ByteBudget(1.5e6);
    const [one, two, small] = [0, 1, 2].map(() => new JsonStream(limits, budget));
    const half = `{"a":"${'x'.repeat(900_000)}`;
    const begin = (stream = new JsonStream(limits, budget)) => read(stream, half);
    begin(one);
    expect(() => begin(two)).toThrow('room among the unfinished messages');
    expect(read(small ?? new JsonStream(limits), `{"a":"${'x'.repeat(60_000)}"}`)).toHaveLength(1);
    expect(read(one ?? new JsonStream(limits), '"}')).toHaveLength(1);
    const third = new JsonStream(limits, budget);
    begin(third);
    expect(() => begin()).toThrow('room');
    third.release();
    begin();
  });

  test('takes time in proportion to the bytes, not to their square', () => {
    const time = (bytes: number) => {
      const stream = new JsonStream({ messageBytesMax: 1e8, depthMax: 4 });
      const chunk = Buffer.alloc(64, 'x');
      const started = performance.now();
      read(stream, '{"a":"');
      for (let sent = 0; sent < bytes; sent += chunk.length) read(stream, chunk);
      return performance.now() - started;
    };
    const best = (bytes: number) => Math.min(time(bytes), time(bytes), time(bytes));
    // Sixteen times the bytes: linear takes 16 times as long, quadratic 256 times.
    expect(best(16e6)).toBeLessThan(100 * best(1e6));
  });
});
