/**
 * Goal: the counts of rules are those of the packets that passed, over hosts, readings, moves of
 * flows and controllers; what is gone leaves nothing.
 * Method: a controller as main.ts makes it, real Redis, two real sandbox switches that are given
 * packets by hand, and the HTTP application in front.
 */
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ovs } from '../../../lab/ovs.ts';
import { buildApp, noAuthentication } from '../../../src/api/index.ts';
import type { GroupStatsView, RuleStatsView } from '../../../src/controller/hits/rule-stats.ts';
import { nullLogger as log } from '../../../src/lib/log.ts';
import { systemClock as clock, systemRandom as random } from '../../../src/lib/system.ts';
import type { PacketFields } from '../../../src/simulator/index.ts';
import { parseAddress } from '../../../src/topology/index.ts';
import { frameOf } from '../../support/packets-bytes.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { plug, Region } from '../../support/region.ts';
import { startSandbox } from '../../support/sandbox.ts';

const CALL = { requester: { userId: 'test', projectId: 'test', isAdmin: true } };

let redis: RedisServer;
let one: Ovs;
let two: Ovs;
let region: Region;
let app: FastifyInstance;
let group: string;
let ping: string;
let web: string;
/** Clients on the first host and the second; the servers are one on each. */
let ports: Readonly<Record<'client1' | 'client2' | 'server1' | 'server2', string>>;

beforeAll(async () => {
  [one, two] = await Promise.all([startSandbox('host-1'), startSandbox('host-2')]);
  redis = await startRedis();
  region = await Region.start({ redis: redis.address });
  await region.enrol(one, '198.18.0.1');
  await region.enrol(two, '198.18.0.2');
  serve();
  const network = await region.createNetwork();
  group = await create('security_groups', { name: 'web' });
  ping = await addRule({ protocol: 'icmp' });
  web = await addRule({ protocol: 'tcp', port_range_min: 80, port_range_max: 95 });
  const boot = async (ovs: Ovs, name: string, groups?: readonly string[]): Promise<string> => {
    const attributes = groups === undefined ? {} : { security_groups: groups };
    const id = await region.createPort(network, { name, ...attributes });
    await plug(ovs, name, id);
    await region.port(id, { status: 'ACTIVE' });
    return id;
  };
  ports = {
    client1: await boot(one, 'client1'),
    server1: await boot(one, 'server1', [group]),
    client2: await boot(two, 'client2'),
    server2: await boot(two, 'server2', [group]),
  };
  await region.settled();
});

afterAll(async () => {
  await app.close();
  await region.stop();
  await redis.stop();
  await Promise.all([one.stop(), two.stop()]);
});

function serve(): void {
  const backend = region.backend();
  app = buildApp({ backend, clock, random, log, authenticator: noAuthentication });
}

async function create(plural: string, attributes: object): Promise<string> {
  const { value } = await region.collection(plural).create([attributes], CALL);
  return String(value[0]?.['id']);
}

function addRule(attributes: object): Promise<string> {
  const rule = { security_group_id: group, direction: 'ingress', ...attributes };
  return create('security_group_rules', rule);
}

type Name = keyof typeof ports;

/** Packets from a client to the server beside it; they have been counted when this returns. */
async function send(from: Name, to: Name, fields: PacketFields, times = 1): Promise<void> {
  const ovs = from.endsWith('1') ? one : two;
  const [source, destination] = [from, to].map((name) => region.topology.get('port', ports[name]));
  const frame = frameOf({
    eth_src: macOf(source?.mac_address),
    eth_dst: macOf(destination?.mac_address),
    eth_type: 0x0800,
    ip_src: Number(parseAddress(source?.fixed_ips[0]?.ip_address ?? '')),
    ip_dst: Number(parseAddress(destination?.fixed_ips[0]?.ip_address ?? '')),
    ...fields,
  });
  for (let packet = 0; packet < times; packet++) {
    await ovs.appctl('netdev-dummy/receive', from, frame.toString('hex'));
  }
  await ovs.appctl('revalidator/purge');
}

const ECHO: PacketFields = { ip_proto: 1, icmp_type: 8, icmp_code: 0 };
const tcpTo = (port: number): PacketFields => ({
  ip_proto: 6,
  tcp_src: 40_000,
  tcp_dst: port,
  tcp_flags: 2,
});

function macOf(text = ''): number {
  return Number.parseInt(text.replaceAll(':', ''), 16);
}

async function get<T>(path: string): Promise<T> {
  const answer = await app.inject({ url: path });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as T;
}

const statsOf = (rule: string) => get<RuleStatsView>(`/v1/security-group-rules/${rule}/stats`);

async function packetsOf(rule: string): Promise<number> {
  readAnew();
  return (await statsOf(rule)).packets;
}

/** What is younger than a second is not read again for whoever asks. */
function readAnew(): void {
  for (const host of ['host-1', 'host-2']) region.controller.hits.leaving(host);
}

test('a rule counts the packets that it let through, on every host, and no others', async () => {
  expect(await statsOf(ping)).toMatchObject({
    packets: 0,
    bytes: 0,
    last_hit: null,
    never_hit: true,
  });
  await send('client1', 'server1', ECHO, 3);
  await send('client2', 'server2', ECHO, 4);
  for (const port of [80, 81, 95]) await send('client1', 'server1', tcpTo(port));
  await send('client1', 'server1', tcpTo(96), 5);
  expect(await packetsOf(ping)).toBe(7);
  expect(await packetsOf(web)).toBe(3);
  const stats = await statsOf(ping);
  expect(stats.bytes).toBeGreaterThan(7 * 34);
  expect(Date.now() - Date.parse(stats.last_hit ?? '')).toBeLessThan(60_000);
  expect(stats.hosts).toMatchObject([
    { host: 'host-1', packets: 3 },
    { host: 'host-2', packets: 4 },
  ]);
  expect(Date.parse(stats.as_of ?? '')).toBeGreaterThan(Date.parse(stats.last_hit ?? '') - 1_000);
});

test('a group tells of all of its rules, and a project of those that nothing has met', async () => {
  const unused = await addRule({ protocol: 'udp' });
  await region.settled();
  const { rules } = await get<GroupStatsView>(`/v1/security-groups/${group}/stats`);
  const hit = new Map(rules.map(({ id, never_hit }) => [id, never_hit]));
  expect([hit.get(ping), hit.get(web), hit.get(unused)]).toEqual([false, false, true]);
  const list = async (): Promise<string[]> => {
    const path = '/v1/projects/test/never-hit-rules';
    const { security_group_rules: unmet } = await get<{ security_group_rules: { id: string }[] }>(
      path,
    );
    return unmet.map(({ id }) => id);
  };
  expect(await list()).toContain(unused);
  expect(await list()).not.toContain(ping);
  await send('client1', 'server1', { ip_proto: 17, udp_src: 1, udp_dst: 2 });
  expect(await packetsOf(unused)).toBe(1);
  expect(await list()).not.toContain(unused);
});

test('a controller that comes anew goes on counting: nothing is lost, nothing double', async () => {
  const before = await packetsOf(ping);
  const { ports: dialled } = region.fleet;
  await app.close();
  await region.stop();
  await send('client1', 'server1', ECHO, 2);
  region = await Region.start({ redis: redis.address, ports: dialled });
  serve();
  await Promise.all([region.ready('host-1'), region.ready('host-2')]);
  expect(await packetsOf(ping)).toBe(before + 2);
  await send('client1', 'server1', ECHO);
  expect(await packetsOf(ping)).toBe(before + 3);
});

test('flows that go and come again count on', async () => {
  const before = await packetsOf(ping);
  const regroup = async (groups: readonly string[]): Promise<void> => {
    await region.collection('ports').update(ports.server1, { security_groups: groups }, CALL);
    await region.settled();
  };
  for (let round = 1; round <= 3; round++) {
    await send('client1', 'server1', ECHO, round);
    await regroup([]);
    await regroup([group]);
  }
  await send('client1', 'server1', ECHO, 10);
  expect(await packetsOf(ping)).toBe(before + 6 + 10);
});

test('a rule that takes the place of another, match for match, begins at nothing', async () => {
  await send('client1', 'server1', tcpTo(80), 2);
  expect(await packetsOf(web)).toBeGreaterThan(0);
  await region.collection('security_group_rules').delete(web, CALL);
  web = await addRule({ protocol: 'tcp', port_range_min: 80, port_range_max: 95 });
  await region.settled();
  expect(await packetsOf(web)).toBe(0);
  await send('client1', 'server1', tcpTo(80), 2);
  expect(await packetsOf(web)).toBe(2);
});

test('of two rules that share a port one counts, and the other begins at nothing after it', async () => {
  // Both have a flow of the same match: aligned blocks of ports.
  const ports = { protocol: 'tcp', port_range_max: 24 };
  const twins = [
    await addRule({ ...ports, port_range_min: 24 }),
    await addRule({ ...ports, port_range_min: 23 }),
  ];
  await region.settled();
  await send('client1', 'server1', tcpTo(24), 3);
  const counts = [await packetsOf(twins[0] ?? ''), await packetsOf(twins[1] ?? '')];
  expect(new Set(counts)).toEqual(new Set([0, 3]));
  const [counting = '', idle = ''] = counts[0] === 3 ? twins : twins.toReversed();
  await region.collection('security_group_rules').delete(counting, CALL);
  await region.settled();
  await send('client1', 'server1', tcpTo(24), 2);
  expect(await packetsOf(idle)).toBe(2);
});

test('a switch that forgets everything counts on, and one whose flows are repaired too', async () => {
  const before = await packetsOf(ping);
  await one.restartDaemon('ovs-vswitchd', 'SIGKILL');
  await one.bridgeReady('br-int');
  await region.fleet.auditNow('host-2');
  await region.ready('host-1');
  await region.settled();
  await send('client1', 'server1', ECHO, 9);
  expect(await packetsOf(ping)).toBe(before + 9);
  await two.ofctl('mod-flows', 'br-int', 'table=RuleHits,icmp,actions=drop');
  await region.fleet.auditNow('host-2');
  await send('client2', 'server2', ECHO, 2);
  expect(await packetsOf(ping)).toBe(before + 11);
});

test('rules that are gone leave nothing in Redis', async () => {
  const client = redis.client();
  const fields = async (): Promise<string[]> => {
    const keys = await client.keys('{heddle:test}:counts*');
    return (await Promise.all(keys.map((key) => client.hkeys(key)))).flat();
  };
  expect(await fields()).toContain(`security_group_rule/${ping}`);
  await region.collection('security_group_rules').delete(ping, CALL);
  await expect.poll(fields).not.toContain(`security_group_rule/${ping}`);
  client.disconnect();
});
