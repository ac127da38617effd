/** Goal: every commit ends with one clear word. Method: the ways in which it can end, a virtual clock. */
import { expect, test } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError } from '../../../src/store/errors.ts';
import { PendingCommits } from '../../../src/store/pending.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const outcome = (work: Promise<number>) =>
  work.catch((error: unknown) => (error as Error).constructor);

function setUp() {
  const clock = new VirtualClock();
  const pending = new PendingCommits(clock);
  return { clock, pending, result: outcome(pending.add('a')) };
}

test('a commit that was delivered resolves with its revision, and leaves no timer', async () => {
  const { clock, pending, result } = setUp();
  pending.answered('a', 7);
  expect(pending.has('a')).toBe(true);
  pending.delivered('a', 7);
  expect(await result).toBe(7);
  expect([pending.size, clock.pending]).toEqual([0, 0]);
});

test('a commit of which the stream knows nothing was not applied', async () => {
  const { pending, result } = setUp();
  pending.noneApplied();
  expect(await result).toBe(StoreUnavailableError);
});

test('a commit that a snapshot passed resolves when it was answered, and is unknown when not', async () => {
  const { pending, result } = setUp();
  const other = outcome(pending.add('b'));
  pending.answered('a', 7);
  pending.answeredApplied();
  pending.cannotTell('trimmed');
  expect([await result, await other]).toEqual([7, OutcomeUnknownError]);
});

test('a commit that nobody can tell of in 10 s is unknown', async () => {
  const { clock, result } = setUp();
  clock.advance(10_000);
  expect(await result).toBe(OutcomeUnknownError);
});

test('a commit that was answered resolves after 10 s though the replica is not there', async () => {
  const { clock, pending, result } = setUp();
  pending.answered('a', 7);
  clock.advance(10_000);
  expect(await result).toBe(7);
});

test('a second word on a commit changes nothing', async () => {
  const { pending, result } = setUp();
  pending.delivered('a', 1);
  pending.refused('a', new Error('late'));
  pending.delivered('a', 2);
  pending.answered('gone', 3);
  expect(await result).toBe(1);
});
