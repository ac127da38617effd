/**
 * Goal: what is only read says what is: how many addresses are given out, which hosts are there and
 * alive, that there is one zone; limits can be checked against what is used.
 * Method: real Redis; enrolled hosts as records; sights of them as a controller would have them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { host } from '../../../lab/records.ts';
import type { HostSight } from '../../../src/controller/neutron/agents.ts';
import { recordKey } from '../../../src/topology/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
const sights: HostSight[] = [
  { id: 'h1', state: 'ready', last_audit: null },
  { id: 'h2', state: 'lost', last_audit: '2026-02-03T04:05:06.789Z' },
];
const admin = callsOf(() => heddle, 'admin');
const alice = callsOf(() => heddle, 'alice');

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, {
    authenticator: believing,
    hosts: () => sights,
  });
  for (const id of ['h1', 'h2', 'h3']) {
    const key = recordKey('host', id);
    const record = host(id, `192.0.2.${id.slice(1)}`);
    await heddle.store.commit({ put: new Map([[key, record]]), absent: [key] });
  }
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

describe('agents', () => {
  test('are the enrolled hosts, alive while they are connected', async () => {
    const { agents } = (await admin.get('agents?binary=ovs-vswitchd')).body;
    const facts = agents.map((agent: Record<string, unknown>) => [agent['id'], agent['alive']]);
    expect(facts).toEqual([
      ['h1', true],
      ['h2', false],
      ['h3', false],
    ]);
    const { agent } = (await admin.get('agents/h1')).body;
    expect(agent).toMatchObject({
      agent_type: 'Open vSwitch agent',
      binary: 'ovs-vswitchd',
      admin_state_up: true,
      availability_zone: null,
      configurations: { tunneling_ip: '192.0.2.1' },
    });
    const age = Date.now() - Date.parse(`${agent.heartbeat_timestamp.replace(' ', 'T')}Z`);
    expect(age).toBeLessThan(60_000);
    const lost = (await admin.get('agents/h2')).body.agent;
    expect(lost.heartbeat_timestamp).toBe('2026-02-03 04:05:06');
    const never = (await admin.get('agents/h3')).body.agent;
    expect(never.heartbeat_timestamp).toBe(never.created_at);
  });

  test('are found by what they are, and are the operators’ to see', async () => {
    const dead = (await admin.get('agents?alive=false')).body.agents;
    expect(dead.map((agent: Record<string, unknown>) => agent['id'])).toEqual(['h2', 'h3']);
    expect((await admin.get('agents?agent_type=Metering%20agent')).body.agents).toEqual([]);
    expect((await admin.get('agents?colour=red')).status).toBe(400);
    expect((await admin.get('agents/x')).error).toBe('AgentNotFound');
    expect((await alice.get('agents')).body.agents).toEqual([]);
    expect((await alice.get('agents/h1')).status).toBe(404);
    expect((await admin.get('agents?sort_key=host&sort_dir=desc&limit=2')).status).toBe(200);
    expect((await admin.get('agents?fields=id')).body.agents[0]).toEqual({ id: 'h1' });
  });
});

describe('the use of addresses', () => {
  test('is counted for each subnet and network', async () => {
    const { id: network_id, name } = await alice.make('network', { name: 'n' });
    const empty = (await admin.get(`network-ip-availabilities/${network_id}`)).body;
    expect(empty.network_ip_availability).toEqual({
      network_id,
      network_name: name,
      project_id: 'alice',
      tenant_id: 'alice',
      used_ips: 0,
      total_ips: 0,
      subnet_ip_availability: [],
    });
    const v4 = { network_id, ip_version: 4, cidr: '10.0.0.0/28', name: 's' };
    const { id: subnet_id } = await alice.make('subnet', v4);
    for (let i = 0; i < 3; i++) await alice.make('port', { network_id });
    const use = (await admin.get(`network-ip-availabilities/${network_id}`)).body;
    expect(use.network_ip_availability).toMatchObject({
      used_ips: 3,
      total_ips: 13,
      subnet_ip_availability: [
        {
          subnet_id,
          subnet_name: 's',
          cidr: '10.0.0.0/28',
          ip_version: 4,
          used_ips: 3,
          total_ips: 13,
        },
      ],
    });
    await alice.make('subnet', { network_id, ip_version: 6, cidr: '2001:db8::/64' });
    const { payload } = await heddle.app.inject(`/v2.0/network-ip-availabilities/${network_id}`);
    expect(payload).toContain('"total_ips":18446744073709551615');
    const byTotal = await admin.get('network-ip-availabilities?sort_key=total_ips');
    expect(byTotal.body.network_ip_availabilities.at(-1).network_id).toBe(network_id);
    const found = await admin.get('network-ip-availabilities?network_name=n');
    expect(found.body.network_ip_availabilities).toHaveLength(1);
    expect((await admin.get('network-ip-availabilities?ip_version=x')).status).toBe(400);
  });

  test('is the operators’ to see', async () => {
    const { id } = await alice.make('network', {});
    const path = 'network-ip-availabilities';
    expect((await alice.get(path)).body.network_ip_availabilities).toEqual([]);
    expect((await alice.get(`${path}/${id}`)).error).toBe('NetworkNotFound');
    expect((await admin.get(`${path}/x`)).error).toBe('NetworkNotFound');
  });
});

describe('the zone', () => {
  test('is one, and networks may name it', async () => {
    const { availability_zones: zones } = (await alice.get('availability_zones')).body;
    expect(zones).toEqual([
      { name: 'nova', resource: 'network', state: 'available' },
      { name: 'nova', resource: 'router', state: 'available' },
    ]);
    const routers = await alice.get('availability_zones?resource=router');
    expect(routers.body.availability_zones).toHaveLength(1);
    const hints = { availability_zone_hints: ['nova'] };
    expect(await alice.make('network', hints)).toMatchObject({
      ...hints,
      availability_zones: ['nova'],
    });
    expect(await alice.make('network', {})).toMatchObject({ availability_zone_hints: [] });
    const other = await alice.post('networks', { network: { availability_zone_hints: ['x'] } });
    expect([other.status, other.error]).toEqual([404, 'AvailabilityZoneNotFound']);
    const wrong = await alice.post('networks', { network: { availability_zone_hints: 'nova' } });
    expect(wrong.status).toBe(400);
  });
});

describe('a limit that is to be checked', () => {
  test('is not less than what is used', async () => {
    const { id } = await alice.make('network', {});
    const set = (quota: object) => admin.put('quotas/alice', { quota });
    const less = await set({ network: 0, check_limit: true });
    expect(less.status).toBe(400);
    expect(less.body.NeutronError.message).toContain('Quota limit 0 for network must be greater');
    expect((await set({ network: 1000, check_limit: true })).body.quota.network).toBe(1000);
    expect((await set({ network: -1, check_limit: true })).status).toBe(200);
    expect((await set({ network: 0 })).body.quota.network).toBe(0);
    expect((await set({ network: 0, force: true })).status).toBe(200);
    expect((await set({ network: 0, check_limit: 'maybe' })).status).toBe(400);
    expect((await set({ network: 0, force: [] })).status).toBe(400);
    await admin.delete('quotas/alice');
    await admin.delete(`networks/${id}`);
  });
});
