/**
 * Goal: what is known of tokens is bounded in number and in time, and of one token nobody asks
 * twice at once.
 * Method: a validator that the test answers for, and a clock that it moves.
 */
import { beforeEach, expect, test } from 'vitest';
import { BusyError, TokenCache, type TokenFacts } from '../../../../src/api/auth/token-cache.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const KEEP_MS = 60_000;

let clock: VirtualClock;
let cache: TokenCache;
let asked: string[];
let answer: (token: string) => Promise<TokenFacts | undefined>;

const facts = (): TokenFacts => ({
  userId: 'u',
  projectId: 'p',
  isSystem: false,
  roles: ['member'],
  expiresAtMs: clock.wallTimeMs() + 3_600_000,
});

beforeEach(() => {
  clock = new VirtualClock();
  asked = [];
  answer = async () => facts();
  const validate = (token: string) => {
    asked.push(token);
    return answer(token);
  };
  cache = new TokenCache({ validator: { validate }, clock, keepMs: KEEP_MS });
});

test('many who ask at once share one question, also when it fails', async () => {
  answer = () => Promise.reject(new Error('away'));
  const results = await Promise.allSettled([1, 2, 3].map(() => cache.lookUp('t')));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(asked).toEqual(['t']);
  answer = async () => facts();
  expect(await cache.lookUp('t')).toBeDefined();
});

test('wrong tokens, however many, do not drive out the right ones', async () => {
  await cache.lookUp('right');
  answer = async () => undefined;
  for (let number = 0; number < 10_100; number += 1) await cache.lookUp(`wrong ${number}`);
  expect(await cache.lookUp('right')).toBeDefined();
  expect(asked.filter((token) => token === 'right')).toHaveLength(1);
  // The wrong ones are forgotten in their turn.
  await cache.lookUp('wrong 10099');
  await cache.lookUp('wrong 0');
  expect(asked.filter((token) => token === 'wrong 10099')).toHaveLength(1);
  expect(asked.filter((token) => token === 'wrong 0')).toHaveLength(2);
});

test('a wrong token that becomes right is let in after a moment', async () => {
  answer = async () => undefined;
  expect(await cache.lookUp('t')).toBeUndefined();
  answer = async () => facts();
  expect(await cache.lookUp('t')).toBeUndefined();
  clock.advance(10_000);
  expect(await cache.lookUp('t')).toBeDefined();
});

test('so many questions are under way and no more', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  answer = () => gate.then(facts);
  const first = Array.from({ length: 100 }, (_, number) => cache.lookUp(`t${number}`));
  await expect(cache.lookUp('one more')).rejects.toThrow(BusyError);
  release();
  await Promise.all(first);
  expect(await cache.lookUp('one more')).toBeDefined();
});

test('an answer that was over when it came lets nobody in', async () => {
  answer = async () => ({ ...facts(), expiresAtMs: clock.wallTimeMs() });
  expect(await cache.lookUp('t')).toBeUndefined();
  expect(await cache.lookUp('t', true)).toBeDefined();
});
