/**
 * Goal: whatever a commit was said to have done is there after Redis was killed, whatever it was
 * said not to have done is not, and no commit ends without a clear word.
 * Method: kill -9 of a real Redis under concurrent writers on two stores, several times over; then
 * a fresh replica is compared with what the writers were told.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import {
  ClaimTakenError,
  OutcomeUnknownError,
  StoreUnavailableError,
} from '../../../src/store/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { join, key, type Member, network } from './member.ts';

const WRITERS = 24;
const ROUNDS = 4;
const ACKNOWLEDGED_A_ROUND = 300;

let redis: RedisServer;
let members: Member[];

beforeAll(async () => {
  redis = await startRedis();
  members = await Promise.all([join(redis.address), join(redis.address)]);
});
afterAll(async () => {
  await Promise.all(members.map((member) => member.store.close()));
  await redis.stop();
});

test('kill -9 of Redis under load loses nothing acknowledged and keeps nothing refused', async () => {
  const acknowledged = new Map<string, number>();
  const refused = new Set<string>();
  const unavailable = new Set<string>();
  let isDone = false;
  let count = 0;

  const write = async (member: Member): Promise<void> => {
    await member.isBack();
    const id = `n${count++}`;
    // Each claim is wanted by two writes, so that some are refused.
    const take = new Map([[`claim/${Math.floor(count / 2)}`, id]]);
    try {
      const revision = await member.store.commit({
        absent: [key(id)],
        take,
        put: new Map([[key(id), network(id)]]),
      });
      acknowledged.set(id, revision);
    } catch (error) {
      if (error instanceof ClaimTakenError) refused.add(id);
      else if (error instanceof StoreUnavailableError && !(error instanceof OutcomeUnknownError)) {
        unavailable.add(id);
      } else throw error;
    }
  };
  const writers = Array.from({ length: WRITERS }, async (_, i) => {
    while (!isDone) await write(members[i % 2] as Member);
  });

  for (let round = 1; round <= ROUNDS; round++) {
    await until(() => acknowledged.size >= round * ACKNOWLEDGED_A_ROUND, 'acknowledged writes');
    await redis.kill();
    await redis.start();
  }
  await Promise.all(members.map((member) => member.isBack()));
  isDone = true;
  await Promise.all(writers);

  const fresh = await join(redis.address);
  for (const [id, revision] of acknowledged) {
    expect([id, fresh.topology.modRevision(key(id))]).toEqual([id, revision]);
  }
  for (const id of [...refused, ...unavailable]) {
    expect([id, fresh.topology.get('network', id)]).toEqual([id, undefined]);
  }
  expect(fresh.topology.count('network')).toBe(acknowledged.size);
  expect(fresh.topology.revision).toBe(acknowledged.size);
  expect(refused.size).toBeGreaterThan(0);
  for (const member of members) {
    await member.reaches(fresh.topology.revision);
    expect(member.topology.count('network')).toBe(acknowledged.size);
    expect([member.alarms, member.snapshots]).toEqual([[], [0]]);
    expect(member.changes.map((change) => change.revision)).toEqual(
      Array.from({ length: acknowledged.size }, (_, i) => i + 1),
    );
  }
  await fresh.store.close();
});
