/**
 * Goal: what is about to come together goes to the fleet together, and nothing waits long.
 * Method: a clock moved by hand, and commits that the test counts.
 */
import { expect, test } from 'vitest';
import { Handover } from '../../../src/controller/handover.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** `turns`: how many it takes to hand on all there is. */
function world({ commits = 0, hosts = 1, turns = 1 } = {}) {
  const clock = new VirtualClock();
  const state = { commits, hosts, turns, handed: 0 };
  const handover = new Handover({
    clock,
    commitsUnderWay: () => state.commits,
    hostsTouched: () => state.hosts,
    isDone: () => state.handed >= state.turns,
    handOn: () => void (state.handed += 1),
  });
  return { clock, state, handover };
}

/** Promises of the turn are done with, and what comes `soon` is not. */
const endOfTurn = (): Promise<void> => Promise.resolve();
const nextTurn = (): Promise<void> => new Promise(setImmediate);

test('the changes of one turn go together, in that turn', async () => {
  const { clock, state, handover } = world();
  handover.changed();
  handover.changed();
  expect(state.handed).toBe(0);
  await endOfTurn();
  expect(state.handed).toBe(1);
  expect(clock.pending).toBe(0);
});

test('a change waits for those that commits under way will bring', async () => {
  const { state, handover } = world({ commits: 1 });
  handover.changed();
  await nextTurn();
  expect(state.handed).toBe(0);
  state.commits = 0;
  handover.changed();
  await endOfTurn();
  expect(state.handed).toBe(1);
});

test('a commit without an answer holds up a change no longer than two milliseconds', async () => {
  const { clock, state, handover } = world({ commits: 1 });
  handover.changed();
  await endOfTurn();
  clock.advance(1);
  expect(state.handed).toBe(0);
  handover.changed();
  await endOfTurn();
  clock.advance(1);
  expect(state.handed).toBe(1);
  clock.advance(1);
  expect(state.handed).toBe(1);
});

test('a change of many hosts lets whoever made it have the answer first', async () => {
  const { state, handover } = world({ hosts: 9 });
  handover.changed();
  await endOfTurn();
  expect(state.handed).toBe(0);
  await nextTurn();
  expect(state.handed).toBe(1);
});

test('what is for many hosts goes on in the turns that follow, whatever comes meanwhile', async () => {
  const { clock, state, handover } = world({ turns: 3 });
  handover.changed();
  await endOfTurn();
  expect(state.handed).toBe(1);
  handover.changed();
  await endOfTurn();
  expect(state.handed).toBe(1);
  await nextTurn();
  expect(state.handed).toBe(2);
  await nextTurn();
  expect(state.handed).toBe(3);
  await nextTurn();
  expect(state.handed).toBe(3);
  expect(clock.pending).toBe(0);

  state.turns = 4;
  handover.changed();
  await endOfTurn();
  expect(state.handed).toBe(4);
});
