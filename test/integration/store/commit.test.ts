/**
 * Goal: a commit does all that it asks, or nothing; each reason to refuse is told apart.
 * Method: one request after the other against a real Redis, whose every key is compared before and
 * after a refusal.
 */
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AssertionError } from '../../../src/lib/assert.ts';
import {
  ClaimTakenError,
  type CommitRequest,
  InUseError,
  LeaseLostError,
  MissingError,
  StaleError,
} from '../../../src/store/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { join, key, type Member, network, put } from './member.ts';

let redis: RedisServer;
let client: Redis;
let member: Member;

beforeAll(async () => {
  redis = await startRedis();
  client = redis.client();
});
afterAll(async () => {
  client.disconnect();
  await redis.stop();
});
beforeEach(async () => {
  await client.flushall();
  member = await join(redis.address);
});
afterEach(() => member.store.close());

/** Everything in Redis, but for the leases' remaining time. */
async function everything(): Promise<unknown> {
  const keys = (await client.keys('*')).sort();
  return Promise.all(keys.map(async (name) => [name, await client.dumpBuffer(name)]));
}

async function refused(request: CommitRequest): Promise<unknown> {
  const before = await everything();
  const error: unknown = await member.store.commit(request).catch((e: unknown) => e);
  expect(await everything()).toEqual(before);
  return error;
}

test('a commit resolves after the subscriber has been given its revision', async () => {
  expect(await member.store.commit(put('a'))).toBe(1);
  expect(member.topology.revision).toBe(1);
  expect(member.topology.get('network', 'a')).toEqual(network('a'));
  expect(member.topology.modRevision(key('a'))).toBe(1);
});

test('a change says exactly what the commit did', async () => {
  await member.store.commit(put('a'));
  await member.store.commit({ ...put('b'), delete: [key('a')] });
  expect(member.changes[1]).toEqual({
    revision: 2,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    puts: [{ key: key('b'), value: network('b') }],
    deletes: [key('a')],
  });
  expect([...member.topology.list('network')]).toEqual([network('b')]);
});

test('records of any text and number survive as they are', async () => {
  const record = { ...network('a', 'ü "\n\0 {}[] \u{1f600}'), mtu: 0.1, empty: [], none: {} };
  await member.store.commit({ put: new Map([[key('a'), record]]) });
  const other = await join(redis.address);
  expect(other.topology.get('network', 'a')).toEqual(record);
  await other.store.close();
});

describe('expect', () => {
  test('lets a record pass that still has the revision that was read', async () => {
    await member.store.commit(put('a'));
    expect(
      await member.store.commit({ expect: new Map([[key('a'), 1]]), ...put('a', 'red') }),
    ).toBe(2);
  });

  test('refuses a record that was written since', async () => {
    await member.store.commit(put('a'));
    await member.store.commit(put('a'));
    const error = await refused({ expect: new Map([[key('a'), 1]]), ...put('a', 'red') });
    expect(error).toBeInstanceOf(StaleError);
    expect(error).toMatchObject({ key: key('a') });
  });

  test('lets a record pass that is as the commit before has made it', async () => {
    const done = Promise.all([
      member.store.commit({ id: 'first', ...put('a', 'red') }),
      member.store.commit({ expect: new Map([[key('a'), 'first']]), ...put('a', 'blue') }),
    ]);
    expect(await done).toEqual([1, 2]);
    expect(member.topology.get('network', 'a')?.name).toBe('blue');
  });

  test('refuses a record that another wrote after the commit before, be it the same', async () => {
    const first = new Map([[key('a'), 'first']]);
    expect(await refused({ expect: first, ...put('a', 'blue') })).toBeInstanceOf(StaleError);
    await member.store.commit({ id: 'first', ...put('a', 'red') });
    await member.store.commit(put('a', 'red'));
    expect(await refused({ expect: first, ...put('a', 'blue') })).toBeInstanceOf(StaleError);
  });

  test('refuses a record that was deleted since', async () => {
    expect(await refused({ expect: new Map([[key('a'), 1]]), ...put('b') })).toBeInstanceOf(
      StaleError,
    );
  });
});

test('absent refuses a record that exists', async () => {
  await member.store.commit({ absent: [key('a')], ...put('a') });
  expect(await refused({ absent: [key('a')], ...put('a') })).toBeInstanceOf(StaleError);
});

test('require refuses when a record does not exist', async () => {
  await member.store.commit(put('a'));
  await member.store.commit({ require: [key('a')], ...put('b') });
  const error = await refused({ require: [key('a'), key('gone')], ...put('c') });
  expect(error).toBeInstanceOf(MissingError);
  expect(error).toMatchObject({ key: key('gone') });
});

describe('claims', () => {
  const claim = (owner: string) => new Map([['mac/n/1', owner]]);

  test('are taken once, and the refusal names the owner', async () => {
    await member.store.commit({ take: claim('a'), ...put('a') });
    const error = await refused({ take: claim('b'), ...put('b') });
    expect(error).toBeInstanceOf(ClaimTakenError);
    expect(error).toMatchObject({ claim: 'mac/n/1', owner: 'a' });
  });

  test('may be taken again by their owner', async () => {
    await member.store.commit({ take: claim('a'), ...put('a') });
    await member.store.commit({ take: claim('a'), ...put('a') });
    expect(await refused({ take: claim('b'), ...put('b') })).toBeInstanceOf(ClaimTakenError);
  });

  test('are free after their release', async () => {
    await member.store.commit({ take: claim('a'), ...put('a') });
    await member.store.commit({ release: claim('a'), ...put('a') });
    await member.store.commit({ take: claim('b'), ...put('b') });
    expect(await refused({ take: claim('a'), ...put('a') })).toBeInstanceOf(ClaimTakenError);
  });

  test('that another owns are not given back', async () => {
    await member.store.commit({ take: claim('a'), ...put('a') });
    await member.store.commit({ release: claim('b'), ...put('b') });
    expect(await refused({ take: claim('b'), ...put('b') })).toBeInstanceOf(ClaimTakenError);
  });

  test('pass from one owner to another within one commit', async () => {
    await member.store.commit({ take: claim('a'), ...put('a') });
    await member.store.commit({ release: claim('a'), take: claim('b'), ...put('b') });
    expect(await refused({ take: claim('a'), ...put('a') })).toMatchObject({ owner: 'b' });
  });

  test('are all refused when one is taken', async () => {
    await member.store.commit({ take: claim('a'), ...put('a') });
    const both = new Map([['free', 'b'], ...claim('b')]);
    await refused({ take: both, ...put('b') });
    await member.store.commit({ take: new Map([['free', 'c']]), ...put('c') });
  });
});

describe('references', () => {
  test('keep a record from being deleted until the last is dropped', async () => {
    await member.store.commit(put('a'));
    await member.store.commit({ hold: [key('a')], ...put('b') });
    await member.store.commit({ hold: [key('a')], ...put('c') });
    await member.store.commit({ drop: [key('a')], ...put('b') });
    const error = await refused({ put: new Map(), delete: [key('a')] });
    expect(error).toBeInstanceOf(InUseError);
    expect(error).toMatchObject({ key: key('a') });
    await member.store.commit({ drop: [key('a')], put: new Map(), delete: [key('c'), key('a')] });
    expect([...member.topology.list('network')].map((n) => n.id)).toEqual(['b']);
  });

  test('are not held on a record that does not exist', async () => {
    expect(await refused({ hold: [key('gone')], ...put('a') })).toBeInstanceOf(MissingError);
  });

  test('are held on a record that the same commit makes', async () => {
    await member.store.commit({ hold: [key('a')], ...put('a') });
    expect(await refused({ put: new Map(), delete: [key('a')] })).toBeInstanceOf(InUseError);
  });

  test('are not dropped below none', async () => {
    await member.store.commit(put('a'));
    expect(await refused({ drop: [key('a')], ...put('b') })).toBeInstanceOf(StaleError);
  });

  test('moved within one commit are counted right', async () => {
    await member.store.commit({
      put: new Map([...put('a').put, ...put('b').put]),
      hold: [key('a')],
    });
    await member.store.commit({ drop: [key('a')], hold: [key('b')], ...put('c') });
    await member.store.commit({ put: new Map(), delete: [key('a')] });
    expect(await refused({ put: new Map(), delete: [key('b')] })).toBeInstanceOf(InUseError);
  });
});

test('a record is deleted once', async () => {
  await member.store.commit(put('a'));
  await member.store.commit({ put: new Map(), delete: [key('a')] });
  expect(await refused({ put: new Map(), delete: [key('a')] })).toBeInstanceOf(MissingError);
});

test('a commit under a lease that another took over is refused', async () => {
  const { epoch } = (await member.store.acquire('host/h', 'one', 60_000)) ?? { epoch: 0 };
  const lease = { name: 'host/h', epoch };
  await member.store.commit({ lease, ...put('a') });
  await member.store.release('host/h', 'one');
  await member.store.commit({ lease, ...put('b') });
  await member.store.acquire('host/h', 'two', 60_000);
  const error = await refused({ lease, ...put('c') });
  expect(error).toBeInstanceOf(LeaseLostError);
  expect(error).toMatchObject({ lease: 'host/h' });
});

test('a commit under a lease that nobody ever had is refused', async () => {
  const lease = { name: 'host/h', epoch: 0 };
  expect(await refused({ lease, ...put('a') })).toBeInstanceOf(LeaseLostError);
});

test('a commit of as many records as there may be passes, one more is a bug of ours', async () => {
  const many = Array.from({ length: 2000 }, (_, i) => [key(`n${i}`), network(`n${i}`)] as const);
  await member.store.commit({ put: new Map(many) });
  expect(member.topology.count('network')).toBe(2000);
  await expect(
    member.store.commit({ put: new Map([...many, ...put('more').put]) }),
  ).rejects.toBeInstanceOf(AssertionError);
});

test('regions know nothing of each other', async () => {
  const other = await join(redis.address, { region: 'other' });
  await member.store.commit({ take: new Map([['vni/1', 'a']]), ...put('a') });
  await other.store.commit({ take: new Map([['vni/1', 'b']]), ...put('b') });
  expect(other.topology.revision).toBe(1);
  expect(other.topology.count('network')).toBe(1);
  await other.store.close();
});

test('a script that Redis has forgotten is sent again', async () => {
  await member.store.commit(put('a'));
  await client.script('FLUSH');
  expect(await Promise.all([put('b'), put('c')].map((r) => member.store.commit(r)))).toEqual([
    2, 3,
  ]);
});
