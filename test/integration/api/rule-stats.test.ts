/**
 * Goal: counts are shown to whoever may see the rule, and to nobody else; hosts to operators.
 * Method: an authenticator that believes a header, so that a test can be anybody; real Redis, in
 * which a host has reported.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { host as hostRecord } from '../../../lab/records.ts';
import { defined } from '../../../src/lib/assert.ts';
import { recordKey } from '../../../src/topology/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let group: string;
let met: string;
let unmet: string;

const alice = callsOf(() => heddle, 'alice');
const get = (who: string, path: string) =>
  heddle.call('GET', `/v1/${path}`, undefined, { 'x-user': who });

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
  group = (await alice.make('security_group', { name: 'web' }, 'security-groups')).id;
  const rule = { security_group_id: group, direction: 'ingress' };
  const make = async (protocol: string): Promise<string> =>
    (await alice.make('security_group_rule', { ...rule, protocol }, 'security-group-rules')).id;
  [met, unmet] = [await make('tcp'), await make('udp')];
  await report();
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

async function report(): Promise<void> {
  const { store } = heddle;
  const record = hostRecord('h1', '198.18.0.1');
  await store.commit({ put: new Map([[recordKey('host', 'h1'), record]]) });
  const lease = defined(await store.acquire('host/h1', 'c1', 60_000), 'lease');
  const count = { packets: 7, bytes: 700, lastMs: Date.UTC(2026, 0, 2), memory: '' };
  await store.counters.report({
    hostId: 'h1',
    lease: { name: 'host/h1', epoch: BigInt(lease.epoch) },
    atMs: Date.UTC(2026, 0, 3),
    counts: new Map([[recordKey('security_group_rule', met), count]]),
  });
}

test('an operator sees what each host has counted, the owner sees no host’s name', async () => {
  const counts = { packets: 7, bytes: 700, last_hit: '2026-01-02T00:00:00Z' };
  const expected = (host: string | null) => ({
    id: met,
    security_group_id: group,
    direction: 'ingress',
    ethertype: 'IPv4',
    never_hit: false,
    ...counts,
    hosts: [{ host, ...counts, as_of: '2026-01-03T00:00:00Z' }],
  });
  const path = `security-group-rules/${met}/stats`;
  expect((await get('admin', path)).body).toMatchObject(expected('h1'));
  expect((await get('alice', path)).body).toMatchObject(expected(null));
});

test('to others the rule, the group and the project are not there', async () => {
  for (const [path, error] of [
    [`security-group-rules/${met}/stats`, 'SecurityGroupRuleNotFound'],
    [`security-groups/${group}/stats`, 'SecurityGroupNotFound'],
    ['projects/alice/never-hit-rules', 'ProjectNotFound'],
    ['security-group-rules/none/stats', 'SecurityGroupRuleNotFound'],
  ] as const) {
    const answer = await get('bob', path);
    expect([answer.status, answer.error], path).toEqual([404, error]);
  }
});

test('a rule that nothing has met is told by its group and by its project', async () => {
  const { body } = await get('alice', `security-groups/${group}/stats`);
  const told = new Map(body.rules.map((rule: { id: string }) => [rule.id, rule]));
  expect(told.get(met)).toMatchObject({ packets: 7, never_hit: false });
  expect(told.get(unmet)).toMatchObject({ packets: 0, last_hit: null, never_hit: true });
  const list = (await get('alice', 'projects/alice/never-hit-rules')).body;
  const ids = list.security_group_rules.map(({ id }: { id: string }) => id);
  expect(ids).toContain(unmet);
  expect(ids).not.toContain(met);
  expect(list.security_group_rules[0]).toMatchObject({ counted: false });
});

test('whom a group is shared with learns nothing of what passes others’ ports', async () => {
  const policy = { object_type: 'security_group', object_id: group, action: 'access_as_shared' };
  await alice.make('rbac_policy', { ...policy, target_tenant: 'bob' }, 'rbac-policies');
  const answer = await get('bob', `security-groups/${group}/stats`);
  expect([answer.status, answer.body.rules]).toEqual([200, []]);
  expect((await get('bob', `security-group-rules/${met}/stats`)).status).toBe(404);
});
