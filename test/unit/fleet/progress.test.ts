/** Goal: what a host is said to have realised, it has. Method: a progress that is handed numbers. */
import { expect, test } from 'vitest';
import { Progress } from '../../../src/fleet/progress.ts';

/** A host that has acknowledged all that it was handed. */
function settled(revision: number): Progress {
  const progress = new Progress();
  progress.hand(revision, revision, 0);
  progress.begin();
  progress.acknowledge(revision);
  return progress;
}

test('the fleet’s revision counts for a host only when nothing is pending', () => {
  const progress = settled(1);
  expect(progress.realized(10)).toBe(10);
  progress.hand(11, 10, 0);
  progress.begin();
  expect(progress.realized(12)).toBe(10);
  expect(progress.acknowledge(12)).toBe(12);
  progress.lose(12, 0);
  expect([progress.realized(20), progress.synced]).toEqual([12, false]);
});

test('what was acknowledged of a history that is lost does not count in another', () => {
  const progress = settled(100);
  // Under way when Redis turns out to be back at 95.
  progress.hand(101, 100, 10);
  progress.begin();
  progress.restart(20);
  progress.hand(95, 95, 20);
  expect([progress.realized(95), progress.pending, progress.lagMs(30)]).toEqual([0, 2, 20]);
  progress.begin();
  expect(progress.acknowledge(95)).toBe(95);
  progress.hand(96, 95, 40);
  expect(progress.realized(96)).toBe(95);
});
