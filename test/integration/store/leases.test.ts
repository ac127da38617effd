/**
 * Goal: a lease has one holder at a time, and its epoch tells one term from the next.
 * Method: two stores on a real Redis, whose expiry is the only clock; a key is expired by hand.
 */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { defined } from '../../../src/lib/assert.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { join, type Member } from './member.ts';

const TTL_MS = 60_000;

let redis: RedisServer;
let client: Redis;
let one: Member;
let two: Member;

beforeAll(async () => {
  redis = await startRedis();
  client = redis.client();
  [one, two] = await Promise.all([join(redis.address), join(redis.address)]);
});
afterAll(async () => {
  await one.store.close();
  await two.store.close();
  client.disconnect();
  await redis.stop();
});
beforeEach(async () => {
  await client.del('{heddle:test}:lease:host/h', '{heddle:test}:epochs');
});

const take = async (member: Member, holder: string) =>
  (await member.store.acquire('host/h', holder, TTL_MS))?.epoch;
const expire = () => client.pexpire('{heddle:test}:lease:host/h', 0);

test('a lease that is held is not given to another', async () => {
  expect(await take(one, 'one')).toBeGreaterThan(0);
  expect(await take(two, 'two')).toBeUndefined();
});

test('of many that want a lease at once one gets it', async () => {
  const epochs = await Promise.all(
    Array.from({ length: 20 }, (_, i) => take(i % 2 === 0 ? one : two, `holder${i}`)),
  );
  expect(epochs.filter((epoch) => epoch !== undefined)).toHaveLength(1);
});

test('the epoch grows with every term, and never during one', async () => {
  const first = defined(await take(one, 'one'), 'epoch');
  expect(await take(one, 'one')).toBe(first);
  await expire();
  // Another process of the same name, for all that anybody knows.
  const second = defined(await take(two, 'one'), 'epoch');
  expect(second).toBeGreaterThan(first);
  await two.store.release('host/h', 'one');
  const third = defined(await take(two, 'one'), 'epoch');
  expect(third).toBeGreaterThan(second);
  await expire();
  const fourth = defined(await take(two, 'two'), 'epoch');
  expect(fourth).toBeGreaterThan(third);
  await two.store.release('host/h', 'two');
  expect(await take(one, 'one')).toBeGreaterThan(fourth);
});

test('an epoch after a loss of all data is not below those before it', async () => {
  const before = defined(await take(one, 'one'), 'epoch');
  await client.del('{heddle:test}:lease:host/h', '{heddle:test}:epochs');
  expect(await take(two, 'two')).toBeGreaterThanOrEqual(before);
});

test('a lease is renewed by its holder while it lasts', async () => {
  await one.store.acquire('host/h', 'one', 1000);
  expect(await one.store.renew('host/h', 'one', TTL_MS)).toBe(true);
  expect(await client.pttl('{heddle:test}:lease:host/h')).toBeGreaterThan(1000);
  expect(await two.store.renew('host/h', 'two', TTL_MS)).toBe(false);
  await expire();
  expect(await one.store.renew('host/h', 'one', TTL_MS)).toBe(false);
});

test('a lease is released by its holder only', async () => {
  await take(one, 'one');
  await two.store.release('host/h', 'two');
  expect(await take(two, 'two')).toBeUndefined();
  await one.store.release('host/h', 'one');
  expect(await take(two, 'two')).toBeGreaterThan(0);
});

test('leases of different names do not meet', async () => {
  await take(one, 'one');
  expect(await two.store.acquire('host/g', 'two', TTL_MS)).toBeDefined();
});
