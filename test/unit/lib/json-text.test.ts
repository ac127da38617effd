/**
 * Goal: answers are JSON whatever integers they hold, and nothing else of them is written in
 * another way than everywhere.
 * Method: values with and without big integers, against JSON.stringify.
 */
import { expect, test } from 'vitest';
import { jsonText } from '../../../src/lib/json-text.ts';

const PLAIN = { a: [1, null, 'x"\u2028', { 'b"': true }], c: {}, d: [] };

test('big integers are written as the numbers that they are', () => {
  expect(jsonText({ n: 2n ** 64n, list: [0n], none: undefined, ...PLAIN })).toBe(
    `{"n":18446744073709551616,"list":[0],${JSON.stringify(PLAIN).slice(1)}`,
  );
});

test('everything else is written as ever', () => {
  expect(jsonText(PLAIN)).toBe(JSON.stringify(PLAIN));
});
