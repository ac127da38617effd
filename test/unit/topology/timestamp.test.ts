/** Goal: timestamps are those of the Gregorian calendar. Method: Date as the oracle. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timestamp } from '../../../src/topology/index.ts';

test('any moment from year 0 to 9999 is written as Date writes it, without its milliseconds', () => {
  const min = Date.parse('0000-01-01T00:00:00Z');
  const max = Date.parse('9999-12-31T23:59:59Z');
  fc.assert(
    fc.property(fc.integer({ min, max }), (ms) => {
      expect(timestamp(ms)).toBe(new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  '2000-02-29T23:59:59Z',
  '2024-02-29T00:00:00Z',
  '2100-02-28T12:00:00Z',
  '2100-03-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
])('%s is written as it is', (text) => {
  expect(timestamp(Date.parse(text))).toBe(text);
});
