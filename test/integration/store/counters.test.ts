/**
 * Goal: what hosts report as counted is added up once, by their owner alone, and leaves nothing
 * behind when the record or the host is gone.
 * Method: stores on a real Redis; what is stored is read back as another controller would.
 */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { defined } from '../../../src/lib/assert.ts';
import type { CountReport, HostCount } from '../../../src/store/index.ts';
import type { RecordKey } from '../../../src/topology/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { join, key, type Member } from './member.ts';

const TTL_MS = 60_000;

let redis: RedisServer;
let client: Redis;
let owner: Member;
let other: Member;
const epochs = new Map<string, bigint>();

beforeAll(async () => {
  redis = await startRedis();
  client = redis.client();
  [owner, other] = await Promise.all([join(redis.address), join(redis.address)]);
});
afterAll(async () => {
  await owner.store.close();
  await other.store.close();
  client.disconnect();
  await redis.stop();
});
beforeEach(async () => {
  await client.flushall();
  for (const host of ['h1', 'h2']) await own(owner, host);
  for (const id of ['a', 'b']) await client.hset('{heddle:test}:records', key(id), '1 {}');
});

async function own(member: Member, host: string): Promise<void> {
  const lease = await member.store.acquire(
    `host/${host}`,
    member.store === owner.store ? 'o' : 'x',
    TTL_MS,
  );
  epochs.set(host, BigInt(defined(lease, 'lease').epoch));
}

const count = (packets: number, lastMs = 0, memory = ''): HostCount => ({
  packets,
  bytes: packets * 100,
  lastMs,
  memory,
});

const reportOf = (
  hostId: string,
  counts: Readonly<Record<string, HostCount>>,
  epoch = epochs.get(hostId) ?? 0n,
): CountReport => ({
  hostId,
  lease: { name: `host/${hostId}`, epoch },
  atMs: 5000,
  counts: new Map(Object.entries(counts).map(([id, value]) => [key(id), value])),
});

const sums = async (...ids: string[]) =>
  Object.fromEntries(
    [...(await other.store.counters.sums(ids.map(key)))].map(([at, { packets }]) => [at, packets]),
  );

test('a report that is sent again is counted once, and a later one for its difference', async () => {
  const { counters } = owner.store;
  for (const packets of [5, 5, 7]) {
    expect(await counters.report(reportOf('h1', { a: count(packets, packets) }))).toBe(true);
  }
  await counters.report(reportOf('h2', { a: count(10, 3), b: count(1) }));
  const [sum] = (await other.store.counters.sums([key('a')])).values();
  expect(sum).toMatchObject({ packets: 17, bytes: 1700, lastMs: 7 });
  expect(await sums('a', 'b', 'none')).toEqual({ [key('a')]: 17, [key('b')]: 1 });
});

test('the next owner finds what the last one took down, its memory too', async () => {
  await owner.store.counters.report(reportOf('h1', { a: count(5, 9, 'f:5:500:1;g:0:0:2') }));
  expect(await other.store.counters.ofHost('h1')).toEqual(
    new Map([[key('a'), count(5, 9, 'f:5:500:1;g:0:0:2')]]),
  );
  const byHost = await other.store.counters.byHost(key('a'), ['h1', 'h2']);
  expect([...byHost.keys()]).toEqual(['h1']);
  expect(await other.store.counters.readAt(['h1', 'h2'])).toEqual(new Map([['h1', 5000]]));
});

test('whoever lost the host adds nothing', async () => {
  const old = epochs.get('h1') ?? 0n;
  await owner.store.release('host/h1', 'o');
  await own(other, 'h1');
  expect(await owner.store.counters.report(reportOf('h1', { a: count(5) }, old))).toBe(false);
  expect(await sums('a')).toEqual({});
  expect(await other.store.counters.report(reportOf('h1', { a: count(4) }))).toBe(true);
  expect(await sums('a')).toEqual({ [key('a')]: 4 });
});

test('a record that is gone is not counted, and forgetting spares those that are there', async () => {
  const { counters } = owner.store;
  await counters.report(reportOf('h1', { a: count(5), b: count(6), gone: count(7) }));
  expect(await sums('a', 'b', 'gone')).toEqual({ [key('a')]: 5, [key('b')]: 6 });
  await client.hdel('{heddle:test}:records', key('a'));
  await counters.forget([key('a'), key('b')], ['h1']);
  expect(await counters.counted()).toEqual([key('b')]);
  expect([...(await counters.ofHost('h1')).keys()]).toEqual([key('b')]);
  await counters.forgetHost('h1');
  expect((await counters.ofHost('h1')).size).toBe(0);
  expect((await counters.readAt(['h1'])).size).toBe(0);
});

test('a host with thousands of counts is reported whole', async () => {
  const ids = Array.from({ length: 1_234 }, (_, at) => `n${at}`);
  await client.hset(
    '{heddle:test}:records',
    Object.fromEntries(ids.map((id) => [key(id), '1 {}'])),
  );
  const counts = Object.fromEntries(ids.map((id, at) => [id, count(at + 1)]));
  await owner.store.counters.report(reportOf('h1', counts));
  const keys: RecordKey[] = ids.map(key);
  const found = await other.store.counters.sums(keys);
  expect([...found.values()].map(({ packets }) => packets)).toEqual(ids.map((_, at) => at + 1));
});

test('without Redis the answer is that it is away', async () => {
  const member = await join(redis.address);
  await member.store.close();
  await expect(member.store.counters.sums([key('a')])).rejects.toThrow('Redis cannot be reached');
});
