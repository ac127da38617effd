/**
 * Goal: Nova gets every event once it answers, in order, and costs nothing while it does not.
 * Method: a session whose answers the test gives; a clock that it moves.
 */
import { describe, expect, test } from 'vitest';
import { type HttpAnswer, type HttpCall, HttpFailure } from '../../../src/lib/http-client.ts';
import type { LogFields } from '../../../src/lib/log.ts';
import { NovaEvents } from '../../../src/openstack/nova-events.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const ROUND_MS = 30_000;

class World {
  readonly clock = new VirtualClock();
  readonly logged: LogFields[] = [];
  readonly calls: HttpCall[] = [];
  /** What Nova says to each call, in turn; the last of them to every other. */
  answers: (Partial<HttpAnswer> | 'away')[] = [{ status: 200 }];
  readonly nova = new NovaEvents({
    url: 'http://nova.example/v2.1/',
    clock: this.clock,
    log: recordingLogger(this.logged),
    session: {
      send: async (call) => {
        this.calls.push(call);
        const [answer = 'away'] = this.answers;
        if (this.answers.length > 1) this.answers.shift();
        if (answer === 'away') throw new HttpFailure('ECONNREFUSED');
        const empty = { headers: {}, bytes: Buffer.alloc(0), body: undefined };
        return { status: 200, ...empty, ...answer };
      },
    },
  });

  add(...tags: readonly string[]): void {
    for (const tag of tags) {
      this.nova.add({ name: 'network-vif-plugged', server_uuid: 's', tag, status: 'completed' });
    }
  }

  /** The tags that each call told of. */
  get told(): string[] {
    return this.calls.map(({ body }) => {
      const { events } = body as { events: { tag: string }[] };
      return events.map(({ tag }) => tag).join(' ');
    });
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  }

  /** Lets time go on; a round is the longest that the next try may take. */
  async rounds(count: number): Promise<void> {
    for (let round = 0; round < count; round++) {
      await this.settle();
      this.clock.advance(ROUND_MS);
    }
    await this.settle();
  }
}

test('what happens at once is told in one call', async () => {
  const world = new World();
  world.add('a', 'b');
  await world.settle();
  world.add('c');
  await world.settle();
  expect(world.told).toEqual(['a b', 'c']);
  expect(world.calls[0]).toMatchObject({
    method: 'POST',
    url: 'http://nova.example/v2.1/os-server-external-events',
    body: {
      events: [
        { name: 'network-vif-plugged', server_uuid: 's', tag: 'a', status: 'completed' },
        { name: 'network-vif-plugged', server_uuid: 's', tag: 'b', status: 'completed' },
      ],
    },
  });
});

test('a burst is told in calls of a bounded size', async () => {
  const world = new World();
  const tags = Array.from({ length: 150 }, (_, at) => String(at));
  world.add(...tags);
  await world.settle();
  expect(world.told.map((text) => text.split(' ').length)).toEqual([64, 64, 22]);
  expect(world.told.join(' ')).toBe(tags.join(' '));
});

describe('while Nova does not answer', () => {
  test.each(['away', { status: 503 }, { status: 429 }] as const)(
    '(%j) events wait in order, and go out when it does',
    async (fault) => {
      const world = new World();
      world.answers = [fault, fault, { status: 200 }];
      world.add('a');
      await world.settle();
      world.add('b');
      await world.rounds(3);
      expect(world.told).toEqual(['a', 'a', 'a', 'b']);
    },
  );

  test('a call is given up after ten tries, and said so', async () => {
    const world = new World();
    world.answers = ['away'];
    world.add('a');
    await world.rounds(20);
    expect(world.told).toEqual(Array.from({ length: 10 }, () => 'a'));
    expect(world.logged.at(-1)).toMatchObject({ reason: 'ECONNREFUSED', events: [{ tag: 'a' }] });
    world.answers = [{ status: 200 }];
    world.add('b');
    await world.settle();
    expect(world.told.at(-1)).toBe('b');
  });

  test('no more than ten thousand events wait', async () => {
    const world = new World();
    world.answers = ['away'];
    world.add('first');
    await world.settle();
    world.add(...Array.from({ length: 10_001 }, (_, at) => String(at)));
    const lost = world.logged.filter(({ event }) => event !== undefined);
    expect(lost).toMatchObject([{ event: { tag: '10000' } }]);
    world.nova.stop();
  });

  test('the end of the process ends the tries', async () => {
    const world = new World();
    world.answers = ['away'];
    world.add('a');
    await world.settle();
    world.nova.stop();
    world.add('b');
    await world.rounds(3);
    expect(world.told).toEqual(['a']);
    expect(world.clock.pending).toBe(0);
  });
});

describe('what Nova refuses is not tried again, and said', () => {
  test.each([400, 403, 404])('with status %i', async (status) => {
    const world = new World();
    world.answers = [{ status }];
    world.add('a');
    await world.rounds(2);
    expect(world.told).toEqual(['a']);
    expect(world.logged).toMatchObject([{ events: [{ tag: 'a' }] }]);
  });

  test('for one event of several', async () => {
    const world = new World();
    const refused = { name: 'network-vif-plugged', tag: 'b', code: 422 };
    world.answers = [{ status: 207, body: { events: [{ tag: 'a', code: 200 }, refused] } }];
    world.add('a', 'b');
    await world.rounds(2);
    expect(world.told).toEqual(['a b']);
    expect(world.logged).toMatchObject([{ event: refused }]);
  });

  test.each([null, 'text', { events: 7 }, { events: [null] }])('in words as %j', async (body) => {
    const world = new World();
    world.answers = [{ status: 207, body }];
    world.add('a');
    await world.settle();
    world.add('b');
    await world.settle();
    expect(world.told).toEqual(['a', 'b']);
  });
});
