/**
 * Goal: a replica that cannot go on from where it was starts from a snapshot; when that is because
 * Redis has lost what the replica had seen, it says so loudly first.
 * Method: a stream trimmed to almost nothing; the data folder of a real Redis put back to an older
 * copy, or emptied, or given another history of the same length.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { join, type Member, put } from './member.ts';
import { Proxy } from './proxy.ts';

let redis: RedisServer;
let proxy: Proxy;
let member: Member;

beforeEach(async () => {
  redis = await startRedis();
  proxy = await Proxy.start(redis);
  member = await join(proxy.address);
});
afterEach(async () => {
  await member.store.close();
  proxy.stop();
  await redis.stop();
});

const ids = ({ topology }: Member) => [...topology.list('network')].map((n) => n.id).sort();

async function commitAll(by: Member, names: string[]): Promise<void> {
  for (const name of names) await by.store.commit(put(name));
}

test('a replica that fell behind the trimmed stream starts again from a snapshot', async () => {
  const other = await join(redis.address, { streamBytes: 100 });
  await other.store.commit(put('before'));
  await member.reaches(1);
  proxy.cut({ reopen: false });
  for (let i = 0; i < 600; i++) await other.store.commit(put(`n${i}`));
  proxy.reopen();
  await member.reaches(601);
  expect(member.snapshots).toEqual([0, 601]);
  expect(ids(member)).toEqual(ids(other));
  expect([member.alarms, member.errors]).toEqual([[], []]);
  await member.isBack();
  expect(await member.store.commit(put('after'))).toBe(602);
  await other.store.close();
});

describe('an alarm is raised, and the replica begins anew, when', () => {
  async function alarmed(): Promise<void> {
    await until(() => member.alarms.length > 0, 'the alarm');
    await member.isBack();
    expect(member.alarms).toHaveLength(1);
    expect(member.errors).toHaveLength(1);
    expect(member.errors[0]?.message).toContain('lost acknowledged writes');
    expect(member.snapshots).toHaveLength(2);
  }

  test('the last revision is below the one that it has seen', async () => {
    await commitAll(member, ['a', 'b']);
    await redis.keepCopy();
    await commitAll(member, ['c', 'd']);
    await redis.restartWithCopy();
    await alarmed();
    expect(member.alarms[0]).toMatchObject({ seenRevision: 4, foundRevision: 2 });
    expect(ids(member)).toEqual(['a', 'b']);
    expect(await member.store.commit(put('e'))).toBe(3);
  });

  test('the revision that it has seen is another commit by now', async () => {
    await commitAll(member, ['a', 'b']);
    await redis.keepCopy();
    await commitAll(member, ['c', 'd']);
    proxy.cut({ reopen: false });
    await redis.restartWithCopy();
    const other = await join(redis.address);
    await commitAll(other, ['x', 'y', 'z']);
    proxy.reopen();
    await alarmed();
    expect(member.alarms[0]).toMatchObject({ seenRevision: 4, foundRevision: 5 });
    expect(ids(member)).toEqual(['a', 'b', 'x', 'y', 'z']);
    await other.store.close();
  });

  test('Redis comes back empty', async () => {
    await commitAll(member, ['a', 'b']);
    await redis.restartEmpty();
    await alarmed();
    expect(member.alarms[0]).toMatchObject({ seenRevision: 2, foundRevision: 0 });
    expect(ids(member)).toEqual([]);
    expect(await member.store.commit(put('c'))).toBe(1);
  });

  test('Redis is emptied under a connection that lives on, at the next commit', async () => {
    await commitAll(member, ['a', 'b']);
    const client = redis.client();
    await client.flushall();
    client.disconnect();
    await expect(member.store.commit(put('c'))).rejects.toThrow();
    await alarmed();
    expect(await member.store.commit(put('d'))).toBe(1);
  });

  test('Redis is emptied under a connection that lives on, without any commit', async () => {
    await commitAll(member, ['a', 'b']);
    const client = redis.client();
    await client.flushall();
    client.disconnect();
    await alarmed();
  });
});
