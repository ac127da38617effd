/**
 * Goal: what one process tells in passing reaches every other that listens at that time, and not
 * itself, also after Redis went away; it waits for nobody and leaves nothing behind.
 * Method: stores on a real Redis, which is killed.
 */
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { join, type Member, put } from './member.ts';
import { Proxy } from './proxy.ts';

const CHANNEL = '{heddle:test}:connections';

let redis: RedisServer;
let client: Redis;
let members: Member[];

beforeEach(async () => {
  redis = await startRedis();
  client = redis.client();
  members = await Promise.all([0, 1, 2].map(() => join(redis.address)));
});
afterEach(async () => {
  for (const { store } of members) await store.close();
  client.disconnect();
  await redis.stop();
});

/** What each has heard; and it is sure that they listen. */
async function listenAll(): Promise<{ heard: object[][]; stops: (() => void)[] }> {
  const heard = members.map((): object[] => []);
  const stops = members.map(({ store }, index) =>
    store.connections.listen((message) => void heard[index]?.push(message)),
  );
  await listeners(members.length);
  return { heard, stops };
}

function listeners(count: number): Promise<unknown> {
  const are = async () => (await client.pubsub('NUMSUB', CHANNEL))[1] === count;
  return until(() => are().catch(() => false), `${count} to listen`);
}

function publish(index: number, word: string): void {
  members[index]?.store.connections.publish({ word });
}

test('others hear it in order, whoever told it does not', async () => {
  const { heard } = await listenAll();
  for (const word of ['one', 'two', 'three']) publish(0, word);
  publish(1, 'four');
  await until(() => heard[2]?.length === 4, 'all to be heard');
  await until(() => heard[0]?.length === 1 && heard[1]?.length === 3, 'the others to hear');
  const told = [{ word: 'one' }, { word: 'two' }, { word: 'three' }];
  expect(heard[1]).toEqual(told);
  expect(heard[0]).toEqual([{ word: 'four' }]);
  expect(heard[2]).toEqual(expect.arrayContaining([...told, { word: 'four' }]));
});

test('who listens no more has no connection for it; what no store told is passed over', async () => {
  const { heard, stops } = await listenAll();
  for (const stop of stops.slice(1)) stop();
  await listeners(1);
  for (const text of [
    'no JSON',
    'null',
    '{"from":1,"message":{}}',
    '{"from":"x","message":null}',
  ]) {
    await client.publish(CHANNEL, text);
  }
  publish(1, 'told');
  await until(() => heard[0]?.length === 1, 'the first to hear');
  expect(heard).toEqual([[{ word: 'told' }], [], []]);
});

test('they hear again when Redis is back; without it nothing is told and nothing fails', async () => {
  const { heard } = await listenAll();
  await redis.kill();
  await until(() => members.every(({ store }) => !store.available), 'Redis to be missed');
  publish(0, 'lost');
  await redis.start();
  await until(() => members.every(({ store }) => store.available), 'Redis to be back');
  await listeners(members.length);
  publish(0, 'found');
  await until(() => heard[1]?.length === 1 && heard[2]?.length === 1, 'it to be heard');
  expect(heard).toEqual([[], [{ word: 'found' }], [{ word: 'found' }]]);
});

test('the end of a connection that has just asked to listen again harms nobody', async () => {
  const proxy = await Proxy.start(redis);
  const member = await join(proxy.address);
  const heard: object[] = [];
  member.store.connections.listen((message) => void heard.push(message));
  await listeners(1);
  for (const _ of ['broken', 'broken again']) {
    proxy.cut();
    proxy.holdSubscriptions();
    const asked = proxy.heldCount;
    await until(() => proxy.heldCount > asked, 'it to ask to listen');
  }
  proxy.cut();
  await listeners(1);
  publish(0, 'found');
  await until(() => heard.length === 1, 'it to be heard');
  await member.store.close();
  proxy.stop();
  expect(member.errors).toEqual([]);
});

test('that Redis lets its user have no channel is said, and does no other harm', async () => {
  await client.acl('SETUSER', 'default', 'resetchannels');
  const [teller, ear] = members;
  ear?.store.connections.listen(() => {});
  const isSaid = () => ear?.errors.find(({ channel }) => channel === CHANNEL);
  const said = await until(isSaid, 'the refusal to be logged');
  expect(said).toMatchObject({ message: expect.stringContaining('give its user the channel') });
  publish(0, 'refused');
  expect(await teller?.store.commit(put('n1'))).toBe(1);
});
