/**
 * Goal: Redis going away costs a clear error and nothing else: no commit is applied that was said
 * to have failed, none is lost that was applied, and replicas go on from where they were.
 * Method: a wire that loses answers or requests, or delivers them too late, between a store and a
 * real Redis; a Redis that is stopped or killed.
 */
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemClock, systemRandom } from '../../../src/lib/system.ts';
import { OutcomeUnknownError, Store, StoreUnavailableError } from '../../../src/store/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { join, key, type Member, put } from './member.ts';
import { Proxy } from './proxy.ts';

let redis: RedisServer;
let proxy: Proxy;
let client: Redis;
let member: Member;

beforeEach(async () => {
  redis = await startRedis();
  proxy = await Proxy.start(redis);
  client = redis.client();
  client.on('error', () => {});
  member = await join(proxy.address);
});
afterEach(async () => {
  await member.store.close();
  client.disconnect();
  proxy.stop();
  await redis.stop();
});

const revisionInRedis = async () => Number(await client.get('{heddle:test}:revision'));
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a commit whose answer was lost resolves with its revision once Redis is reached again', async () => {
  await member.store.commit(put('a'));
  // That may have come by the stream. Its answer must not be lost: the next commands wait for it.
  await member.store.renew('host/h', 'nobody', 1);
  proxy.loseAnswers();
  const commits = [put('b'), put('c')].map((request) => member.store.commit(request));
  await until(async () => (await revisionInRedis()) === 3, 'both to be applied');
  expect(member.topology.revision).toBe(1);
  proxy.cut();
  expect(await Promise.all(commits)).toEqual([2, 3]);
  expect(member.topology.get('network', 'c')).toBeDefined();
  expect(await revisionInRedis()).toBe(3);
});

test('a commit that never arrived is said not to have been applied', async () => {
  proxy.loseRequests();
  const commit = failure(member.store.commit(put('a')));
  proxy.cut();
  const error = await commit;
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(error).not.toBeInstanceOf(OutcomeUnknownError);
  expect(await revisionInRedis()).toBe(0);
});

test('a commit that arrives after it was given up is not applied', async () => {
  await member.store.commit(put('a'));
  proxy.holdRequests();
  const commit = failure(member.store.commit(put('late')));
  await until(() => proxy.heldCount > 0, 'the request to be on the wire');
  proxy.cut();
  expect(await commit).toBeInstanceOf(StoreUnavailableError);
  await proxy.deliverHeld();
  expect(await member.store.commit(put('b'))).toBe(2);
  expect(await client.hexists('{heddle:test}:records', key('late'))).toBe(0);
});

test('while Redis is away commits fail at once and the replica keeps its state', async () => {
  await member.store.commit(put('a'));
  await redis.kill();
  await until(() => !member.store.available, 'the store to notice');
  const started = performance.now();
  expect(await failure(member.store.commit(put('b')))).toBeInstanceOf(StoreUnavailableError);
  expect(await failure(member.store.acquire('host/h', 'me', 1000))).toBeInstanceOf(
    StoreUnavailableError,
  );
  expect(performance.now() - started).toBeLessThan(500);
  expect(member.topology.get('network', 'a')).toBeDefined();
  await redis.start();
  await member.isBack();
  expect(await member.store.commit(put('b'))).toBe(2);
  expect([member.snapshots, member.alarms]).toEqual([[0], []]);
});

test('a replica that was cut off catches up from where it was', async () => {
  const other = await join(redis.address);
  await other.store.commit(put('a'));
  await member.reaches(1);
  proxy.cut({ reopen: false });
  for (let i = 0; i < 1200; i++) await other.store.commit(put(`n${i % 7}`));
  proxy.reopen();
  await member.reaches(1201);
  expect(member.changes).toEqual(other.changes);
  expect(member.snapshots).toEqual([0]);
  await other.store.close();
});

test('a Redis that is stopped is given up, and found again when it goes on', async () => {
  const clock = new VirtualClock();
  const store = await Store.open({
    redis: redis.address,
    region: 'stopped',
    clock,
    random: systemRandom,
    log: nullLogger,
  });
  await store.subscribe({ snapshot: () => {}, change: () => {} });
  process.kill(redis.pid, 'SIGSTOP');
  const commit = failure(store.commit(put('a')));
  expect(store.available).toBe(true);
  clock.advance(5000);
  expect(store.available).toBe(false);
  expect(await failure(store.commit(put('b')))).toBeInstanceOf(StoreUnavailableError);
  process.kill(redis.pid, 'SIGCONT');
  await until(() => {
    clock.advance(10);
    return store.available;
  }, 'the store to be available');
  // It was in the socket of a connection that Redis had not read, so it was either way in time.
  expect([undefined, 'StoreUnavailableError']).toContain(
    ((await commit) as Error | undefined)?.name,
  );
  await store.commit(put('c'));
  await store.close();
});

test('a store cannot be opened where no Redis listens', async () => {
  const path = `${redis.dir}/nobody.sock`;
  const options = { region: 'test', clock: systemClock, random: systemRandom, log: nullLogger };
  const error = await failure(Store.open({ redis: { path }, ...options }));
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(String(error)).toContain(path);
});

test('a store that is closed rejects what is in flight', async () => {
  proxy.loseAnswers();
  const commit = failure(member.store.commit(put('a')));
  await member.store.close();
  expect(await commit).toBeInstanceOf(OutcomeUnknownError);
});

test('a store that is closed while it opens its next session ends all the same', async () => {
  proxy.cut();
  proxy.holdRequests();
  await until(() => proxy.heldCount >= 2, 'both connections to be opened');
  const closed = member.store.close();
  proxy.passHeld();
  await closed;
  expect(member.store.available).toBe(false);
});
