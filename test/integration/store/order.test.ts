/**
 * Goal: every replica sees every change once, in the one order of the stream, and races for a claim
 * have one winner.
 * Method: two stores on one Redis commit at once; their changes are compared with the stream's own
 * entries.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defined } from '../../../src/lib/assert.ts';
import { ClaimTakenError } from '../../../src/store/index.ts';
import type { Network, Topology } from '../../../src/topology/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { join, key, type Member, put } from './member.ts';
import { Proxy } from './proxy.ts';

let redis: RedisServer;
let one: Member;
let two: Member;

beforeAll(async () => {
  redis = await startRedis();
  [one, two] = await Promise.all([join(redis.address), join(redis.address)]);
});
afterAll(async () => {
  await one.store.close();
  await two.store.close();
  await redis.stop();
});

test('both replicas see the changes of both, in the order of the stream', async () => {
  const writes = Array.from({ length: 200 }, (_, i) =>
    (i % 3 === 0 ? two : one).store.commit(put(`n${i % 40}`, `v${i}`)),
  );
  const revisions = await Promise.all(writes);
  const last = Math.max(...revisions);
  await Promise.all([one.reaches(last), two.reaches(last)]);
  expect(new Set(revisions).size).toBe(200);
  expect(two.changes).toEqual(one.changes);
  const client = redis.client();
  const stream = await client.xrange('{heddle:test}:changes', '-', '+');
  client.disconnect();
  expect(one.changes.map((change) => `${change.revision}-0`)).toEqual(stream.map(([id]) => id));
  expect(one.changes.map((change) => JSON.stringify(change.puts[0]?.value))).toEqual(
    stream.map(([, fields]) => fields[7]),
  );
});

test('a replica has its own change when its commit resolves, whatever others do meanwhile', async () => {
  const noise = Array.from({ length: 50 }, (_, i) => two.store.commit(put(`noise${i}`)));
  await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      const revision = await one.store.commit(put(`own${i}`));
      expect(one.topology.revision).toBeGreaterThanOrEqual(revision);
      expect(one.topology.get('network', `own${i}`)).toBeDefined();
    }),
  );
  await Promise.all(noise);
});

test('a replica that is behind catches up when asked, and then has all of it', async () => {
  const proxy = await Proxy.start(redis);
  const behind = await join(proxy.address);
  proxy.loseChanges();
  await one.store.commit(put('ahead1'));
  const revision = await one.store.commit(put('ahead2'));
  expect(behind.topology.get('network', 'ahead2')).toBeUndefined();
  await behind.store.catchUp();
  expect(behind.topology.revision).toBe(revision);
  expect(behind.topology.get('network', 'ahead2')).toEqual(one.topology.get('network', 'ahead2'));
  await behind.store.close();
  proxy.stop();
});

test('of two stores that race for a claim one wins, each time', async () => {
  for (let i = 0; i < 50; i++) {
    const race = [one, two].map((member, side) =>
      member.store.commit({
        take: new Map([[`race/${i}`, `${side}`]]),
        ...put(`race${i}-${side}`),
      }),
    );
    const outcomes = await Promise.allSettled(race);
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect([won.length, lost.length]).toEqual([1, 1]);
    expect(defined(lost[0], 'loser').reason).toBeInstanceOf(ClaimTakenError);
  }
});

test('of many commits that expect the same revision one passes', async () => {
  const revision = await one.store.commit(put('shared'));
  await two.reaches(revision);
  const request = { expect: new Map([[key('shared'), revision]]), ...put('shared', 'mine') };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).store.commit(request)),
  );
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
});

test('a snapshot of 100,000 records is read in pages and is whole', async () => {
  for (let batch = 0; batch < 50; batch++) {
    const puts = Array.from({ length: 2000 }, (_, i) => [...put(`big${batch}-${i}`).put]).flat();
    await one.store.commit({ put: new Map(puts) });
  }
  const late = await join(redis.address);
  expect(late.topology.count('network')).toBe(one.topology.count('network'));
  expect(late.topology.revision).toBe(one.topology.revision);
  await late.store.close();
});

test('a store that joins amid writes has the same records as the others', async () => {
  let isDone = false;
  const writing = (async () => {
    // Of so many records, half have been read by then when one of them goes.
    for (let i = 0; !isDone; i++) {
      await one.store.commit({ ...put(`late${i}`), delete: [key(`big0-${i}`)] });
    }
  })();
  const late = await join(redis.address);
  isDone = true;
  await writing;
  await late.reaches(one.topology.revision);
  expect(written(late.topology)).toEqual(written(one.topology));
  await late.store.close();
});

/** Every record by its id, and the revision that wrote it. */
function written(topology: Topology): ReadonlyMap<string, string> {
  const networks = [...topology.list('network')];
  const text = ({ id, name }: Network) => `${topology.modRevision(key(id))} ${name}`;
  return new Map(networks.map((record) => [record.id, text(record)]));
}

test('the stream keeps so many bytes of changes, be they many or large', async () => {
  const BYTES = 20_000;
  const member = await join(redis.address, { streamBytes: BYTES });
  const client = redis.client();
  const kept = async () => {
    const entries = await client.xrange('{heddle:test}:changes', '-', '+');
    return {
      count: entries.length,
      bytes: entries.flatMap(([, fields]) => fields).join('').length,
    };
  };
  for (let i = 0; i < 300; i++) await member.store.commit(put(`small${i}`));
  const small = await kept();
  expect(small.bytes).toBeLessThanOrEqual(BYTES);
  expect(small.count).toBeGreaterThan(20);
  for (let i = 0; i < 30; i++) await member.store.commit(put('large', 'x'.repeat(BYTES / 4)));
  expect((await kept()).count).toBe(4);
  client.disconnect();
  await member.store.close();
});
