/** Goal: what keeps failing is tried ever more rarely. Method: a time line by hand. */
import { expect, test } from 'vitest';
import { Backoff } from '../../../src/lib/backoff.ts';

const OPTIONS = { minMs: 100, maxMs: 700 };

test('the delay doubles from the least to the most', () => {
  const backoff = new Backoff(OPTIONS);
  expect([1, 2, 3, 4, 5].map((now) => backoff.failed(now))).toEqual([100, 200, 400, 700, 700]);
});

test('a success that lasted longer than the last delay starts over', () => {
  const backoff = new Backoff(OPTIONS);
  backoff.failed(0);
  backoff.failed(100);
  backoff.succeeded(300);
  expect(backoff.failed(500)).toBe(100);
});

test('a success that broke at once does not', () => {
  const backoff = new Backoff(OPTIONS);
  backoff.failed(0);
  backoff.failed(100);
  backoff.succeeded(300);
  expect(backoff.failed(499)).toBe(400);
});

test('a success that broke at once, and then a failure, go on doubling', () => {
  const backoff = new Backoff(OPTIONS);
  backoff.failed(0);
  backoff.succeeded(100);
  expect([backoff.failed(101), backoff.failed(10_000)]).toEqual([200, 400]);
});
