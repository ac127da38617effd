/**
 * Goal: the real randomness keeps the contract of `Random` at its edges.
 * Method: the smallest and the largest range that callers may ask for.
 */
import { expect, test } from 'vitest';
import { systemRandom } from '../../../src/lib/system.ts';

test('an integer comes from the whole range, up to the largest that the contract names', () => {
  expect(systemRandom.integer(1)).toBe(0);
  const drawn = Array.from({ length: 64 }, () => systemRandom.integer(2 ** 48));
  expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 48)).toBe(
    true,
  );
  expect(Math.max(...drawn)).toBeGreaterThan(2 ** 32);
});
