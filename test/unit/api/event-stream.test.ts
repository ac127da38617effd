/**
 * Goal: an event stream is bounded, says that it lives, and leaves nothing behind.
 * Method: the stream alone, with a watch that the test feeds and a clock that it moves.
 */
import { beforeEach, expect, test } from 'vitest';
import type { ApiBackend, Watcher } from '../../../src/api/backend.ts';
import { EventStream } from '../../../src/api/routes/events/event-stream.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let clock: VirtualClock;
let watcher: Watcher | undefined;
let stream: EventStream;

beforeEach(() => {
  clock = new VirtualClock();
  const collection = { kind: 'port', find: (id: string) => ({ id, name: 'x'.repeat(1000) }) };
  const operations = {
    watch: (_since: number, given: Watcher) => {
      watcher = given;
      return () => {
        watcher = undefined;
      };
    },
  };
  stream = new EventStream(
    { collections: [collection], operations } as unknown as ApiBackend,
    { userId: 'u', projectId: 'p', isAdmin: true },
    clock,
  );
  expect(stream.begin(7)).toBe(true);
});

const news = (revision: number, count: number) => ({
  revision,
  at: 'now',
  resources: Array.from({ length: count }, (_, index) => ({
    kind: 'port' as const,
    id: `p${index}`,
    deleted: undefined,
  })),
});

const closed = () => new Promise((resolve) => stream.body.once('close', resolve));

test('a client that does not read is sent away, and watches no more', async () => {
  for (let revision = 8; watcher !== undefined && revision < 100; revision += 1) {
    watcher.news(news(revision, 100));
    await new Promise(setImmediate);
  }
  expect(stream.body.destroyed).toBe(true);
  expect(watcher).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('a quiet stream says that it lives', () => {
  stream.body.read();
  clock.advance(15_000);
  expect(String(stream.body.read())).toBe(': still here\n\n');
});

test('a revision without resources is not told', () => {
  stream.body.read();
  watcher?.news(news(8, 0));
  expect(stream.body.read()).toBeNull();
});

test('news that nobody can tell end the stream', async () => {
  const end = closed();
  watcher?.lost();
  stream.body.resume();
  await end;
  expect(clock.pending).toBe(0);
});
