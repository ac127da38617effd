/**
 * Goal: an event stream is bounded, says that it lives, and leaves nothing behind.
 * Method: the stream alone, with a watch that the test feeds and a clock that it moves.
 */
import { beforeEach, expect, test } from 'vitest';
import type { ApiBackend, ConnectionNews, Requester, Watcher } from '../../../src/api/backend.ts';
import { EventStream } from '../../../src/api/routes/events/event-stream.ts';
import { PORT_ATTRIBUTES } from '../../../src/topology/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

let clock: VirtualClock;
let watcher: Watcher | undefined;
let stream: EventStream;
let isIn: boolean;
let tell: ((news: ConnectionNews) => void) | undefined;

beforeEach(() => {
  clock = new VirtualClock();
  isIn = true;
  stream = streamFor({ userId: 'u', projectId: 'p', isAdmin: true });
  expect(stream.begin(7)).toBe(true);
});

function streamFor(requester: Requester): EventStream {
  const collection = {
    kind: 'port',
    attributes: PORT_ATTRIBUTES,
    find: (id: string) => ({ id, name: 'x'.repeat(1000) }),
  };
  const operations = {
    watch: (_since: number, given: Watcher) => {
      watcher = given;
      return () => {
        watcher = undefined;
      };
    },
    watchConnections: (given: (news: ConnectionNews) => void) => {
      tell = given;
      return () => {
        tell = undefined;
      };
    },
  };
  return new EventStream({
    backend: { collections: [collection], operations } as unknown as ApiBackend,
    requester,
    clock,
    isStillIn: async () => isIn,
  });
}

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
  expect(tell).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('a quiet stream says that it lives', () => {
  stream.body.read();
  clock.advance(15_000);
  expect(String(stream.body.read())).toBe(': still here\n\n');
});

test('a client that would not be let in any more is sent away', async () => {
  const end = closed();
  isIn = false;
  stream.body.resume();
  clock.advance(15_000);
  await end;
  expect(watcher).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test('news are told in their order, behind what else their turn has to do', async () => {
  stream.body.read();
  watcher?.news(news(8, 1));
  watcher?.news(news(9, 1));
  await Promise.resolve();
  expect(stream.body.read()).toBeNull();
  await new Promise(setImmediate);
  expect(String(stream.body.read()).match(/^id: .*$/gm)).toEqual(['id: 8', 'id: 9']);
});

test('news that are still untold when a stream ends are not told', async () => {
  watcher?.news(news(8, 1));
  const end = closed();
  stream.end();
  await new Promise(setImmediate);
  expect(String(stream.body.read())).not.toContain('id: 8');
  stream.body.resume();
  await end;
});

test('a revision without resources is not told', async () => {
  stream.body.read();
  watcher?.news(news(8, 0));
  await new Promise(setImmediate);
  expect(stream.body.read()).toBeNull();
});

test('news that nobody can tell end the stream', async () => {
  const end = closed();
  watcher?.lost();
  stream.body.resume();
  await end;
  expect(clock.pending).toBe(0);
});

const connection = (project_id: string, host = 'h1') => ({ project_id, host, logs: ['l'] });

test('a connection is an event of its own kind, that no commit is taken for', () => {
  stream.body.read();
  tell?.(connection('other'));
  expect(String(stream.body.read())).toBe(
    `event: connection\ndata: ${JSON.stringify(connection('other'))}\n\n`,
  );
});

test('a project learns of connections of its own ports, and not of hosts and logs', () => {
  const own = streamFor({ userId: 'u', projectId: 'p', isAdmin: false });
  own.begin(7);
  own.body.read();
  tell?.(connection('other'));
  expect(own.body.read()).toBeNull();
  tell?.(connection('p'));
  const shown = { project_id: 'p', host: null, logs: [] };
  expect(String(own.body.read())).toBe(`event: connection\ndata: ${JSON.stringify(shown)}\n\n`);
});

test('a flood of connections costs a slow client connections, and no commit', async () => {
  for (let count = 0; count < 10_000; count += 1) tell?.(connection('p', 'h'.repeat(1_000)));
  expect(stream.body.destroyed).toBe(false);
  watcher?.news(news(8, 1));
  await new Promise(setImmediate);
  expect(String(stream.body.read())).toContain('"revision":8');
  expect(watcher).toBeDefined();
});
