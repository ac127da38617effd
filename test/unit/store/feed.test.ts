/**
 * Goal: the subscriber gets every revision once and in order, whatever order they come in and however
 * often.
 * Method: random arrivals.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Entry, Feed } from '../../../src/store/feed.ts';

const entry = (revision: number, read: () => void = () => {}): Entry => ({
  revision,
  commitId: `commit${revision}`,
  read: () => {
    read();
    return { revision, at: '', puts: [], deletes: [] };
  },
});

test('any order of arrival, with any repetition, is delivered as 1, 2, 3, …', () => {
  const arrivals = fc.integer({ min: 1, max: 20 }).chain((count) =>
    fc.shuffledSubarray(
      Array.from({ length: 2 * count }, (_, i) => 1 + (i % count)),
      { minLength: 2 * count, maxLength: 2 * count },
    ),
  );
  fc.assert(
    fc.property(arrivals, (revisions) => {
      const delivered: number[] = [];
      const feed = new Feed((change, commitId) => {
        expect(commitId).toBe(`commit${change.revision}`);
        delivered.push(change.revision);
      });
      for (const revision of revisions) feed.offer(entry(revision));
      const last = revisions.length / 2;
      expect(delivered).toEqual(Array.from({ length: last }, (_, i) => i + 1));
      expect([feed.position, feed.commitId]).toEqual([last, `commit${last}`]);
    }),
  );
});

test('nothing is delivered across a gap', () => {
  const delivered: number[] = [];
  const feed = new Feed((change) => delivered.push(change.revision));
  for (const revision of [2, 4, 3]) feed.offer(entry(revision));
  expect(delivered).toEqual([]);
  feed.offer(entry(1));
  expect(delivered).toEqual([1, 2, 3, 4]);
});

test('what was delivered is not read a second time', () => {
  let readCount = 0;
  const feed = new Feed(() => {});
  for (let i = 0; i < 3; i++) feed.offer(entry(1, () => readCount++));
  expect(readCount).toBe(1);
});

test('after a snapshot it goes on from there, and what came early before it is forgotten', () => {
  const delivered: number[] = [];
  const feed = new Feed((change) => delivered.push(change.revision));
  feed.offer(entry(7));
  feed.reset(5, 'commit5');
  for (const revision of [5, 6]) feed.offer(entry(revision));
  expect(delivered).toEqual([6]);
});

test('a subscriber that offers more while it is given one keeps the order', () => {
  const delivered: number[] = [];
  const feed: Feed = new Feed((change) => {
    delivered.push(change.revision);
    if (change.revision < 5) feed.offer(entry(change.revision + 1));
  });
  feed.offer(entry(1));
  expect(delivered).toEqual([1, 2, 3, 4, 5]);
});
