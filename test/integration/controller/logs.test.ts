/**
 * Goal: what security groups let through and drop is told once a connection, with the rule that a
 * real switch found, and no flood brings more than its meter lets through.
 * Method: a controller as main.ts makes it, real Redis, a real sandbox switch that is given packets
 * by hand.
 */
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ControlSocket } from '../../../lab/control-socket.ts';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { buildApp } from '../../../src/api/index.ts';
import { LOG_RATE } from '../../../src/compiler/index.ts';
import type { ConnectionLine } from '../../../src/controller/logs/connection-log.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemClock as clock, systemRandom as random } from '../../../src/lib/system.ts';
import type { PacketFields } from '../../../src/simulator/index.ts';
import { parseAddress } from '../../../src/topology/index.ts';
import { frameOf } from '../../support/packets-bytes.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { plug, Region } from '../../support/region.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { believing } from '../api/people.ts';

const CALL = { requester: { userId: 'test', projectId: 'test', isAdmin: true } };
const ECHO: PacketFields = { ip_proto: 1, icmp_type: 8, icmp_code: 0 };

let redis: RedisServer;
let ovs: Ovs;
let control: ControlSocket;
let region: Region;
let group: string;
let web: string;
let client: string;
let server: string;
let lines: ConnectionLine[] = [];
let lastPort = 20_000;

beforeAll(async () => {
  ovs = await startSandbox('host-1');
  control = await ControlSocket.open(join(ovs.dir, 'ovs-vswitchd.ctl'));
  redis = await startRedis();
  region = await Region.start({
    redis: redis.address,
    writeConnection: (line) => void lines.push(line),
  });
  await region.enrol(ovs, '198.18.0.1');
  const network = await region.createNetwork();
  group = await create('security_groups', { name: 'web' });
  web = await create('security_group_rules', {
    security_group_id: group,
    direction: 'ingress',
    protocol: 'tcp',
    port_range_min: 80,
    port_range_max: 81,
  });
  client = await boot(network, 'client');
  server = await boot(network, 'server', { security_groups: [group] });
  await region.settled();
});

afterAll(async () => {
  control.close();
  await region.stop();
  await redis.stop();
  await ovs.stop();
});

beforeEach(async () => {
  for (const log of region.topology.list('log'))
    await region.collection('logs').delete(log.id, CALL);
  await region.settled();
  lines = [];
});

async function create(plural: string, attributes: object): Promise<string> {
  const { value } = await region.collection(plural).create([attributes], CALL);
  return String(value[0]?.['id']);
}

async function boot(network: string, name: string, attributes: object = {}): Promise<string> {
  const id = await region.createPort(network, { name, ...attributes });
  await plug(ovs, name, id);
  await region.port(id, { status: 'ACTIVE' });
  return id;
}

async function addLog(attributes: object = {}): Promise<string> {
  const log = { resource_type: 'security_group', project_id: 'test', ...attributes };
  const id = await create('logs', log);
  await followed();
  return id;
}

/** Waits until the switch does what was changed, with packets whose way it has cached, too. */
async function followed(): Promise<void> {
  await region.settled();
  await control.call('revalidator/wait');
}

const newTcp = (port: number): PacketFields => {
  lastPort += 1;
  return { ip_proto: 6, tcp_src: lastPort, tcp_dst: port, tcp_flags: 2 };
};

/** From the client to the server. */
async function send(fields: PacketFields, times = 1): Promise<void> {
  const [source, destination] = [client, server].map((id) => region.topology.get('port', id));
  const frame = frameOf({
    eth_src: macOf(source?.mac_address),
    eth_dst: macOf(destination?.mac_address),
    eth_type: 0x0800,
    ip_src: Number(parseAddress(source?.fixed_ips[0]?.ip_address ?? '')),
    ip_dst: Number(parseAddress(destination?.fixed_ips[0]?.ip_address ?? '')),
    ...fields,
  });
  const hex = frame.toString('hex');
  for (let packet = 0; packet < times; packet++) {
    await control.call('netdev-dummy/receive', 'client', hex);
  }
}

function macOf(text = ''): number {
  return Number.parseInt(text.replaceAll(':', ''), 16);
}

/**
 * What has been told when packets that are dropped after all others have been: within a batch the
 * first of them may overtake what came before it.
 */
async function told(): Promise<ConnectionLine[]> {
  const fences = new Set<number>();
  for (let sent = 0; sent < 2; sent += 1) {
    const { tcp_src: port = 0, ...fence } = newTcp(9);
    fences.add(port);
    await send({ ...fence, tcp_src: port });
    await until(() => lines.some(({ src_port }) => src_port === port), 'the fence to be told');
  }
  return lines.filter(({ src_port }) => src_port === undefined || !fences.has(src_port));
}

const inShort = (all: readonly ConnectionLine[]): string[] =>
  all.map(({ verdict, direction, protocol, dst_port, port_id }) => {
    const port = port_id === server ? 'server' : 'client';
    return [verdict, direction, port, protocol, ...(dst_port === undefined ? [] : [dst_port])].join(
      ' ',
    );
  });

test('a connection is told once at each end that is logged, with its rule', async () => {
  const log = await addLog();
  const opening = newTcp(80);
  await send(opening, 3);
  const all = await told();
  expect(inShort(all)).toEqual(['ACCEPT egress client tcp 80', 'ACCEPT ingress server tcp 80']);
  expect(all[1]).toMatchObject({
    rule_id: web,
    security_group_id: group,
    src_port: opening.tcp_src,
    project_id: 'test',
    host: 'host-1',
    logs: [log],
  });
  const free = [...region.topology.list('security_group_rule')].find(
    ({ id }) => id === all[0]?.rule_id,
  );
  expect(free).toMatchObject({ direction: 'egress', ethertype: 'IPv4' });
});

test('each packet that is dropped is told, without a rule', async () => {
  await addLog({ target_id: server });
  await send(newTcp(82), 2);
  await send(ECHO);
  const all = await told();
  expect(inShort(all)).toEqual([
    'DROP ingress server tcp 82',
    'DROP ingress server tcp 82',
    'DROP ingress server icmp',
  ]);
  expect(all.map(({ rule_id }) => rule_id)).toEqual([null, null, null]);
  expect(all[2]).toMatchObject({ icmp_type: 8, icmp_code: 0 });
});

test('what is not asked for is not told, and nothing is when the log rests', async () => {
  await addLog({ resource_id: group, event: 'ACCEPT' });
  const drops = await addLog({ resource_id: group, event: 'DROP' });
  await region.collection('logs').update(drops, { enabled: false }, CALL);
  await followed();
  await send(newTcp(80));
  await send(newTcp(82));
  await until(() => lines.length > 0, 'the connection to be told');
  await region.collection('logs').update(drops, { enabled: true }, CALL);
  await followed();
  expect(inShort(await told())).toEqual(['ACCEPT ingress server tcp 80']);
});

test('stateless groups are told packet by packet', async () => {
  await region.collection('ports').update(server, { security_groups: [] }, CALL);
  await region.collection('security_groups').update(group, { stateful: false }, CALL);
  await region.collection('ports').update(server, { security_groups: [group] }, CALL);
  await addLog({ target_id: server });
  await send(newTcp(80), 2);
  await send(newTcp(82));
  const all = await told();
  expect(inShort(all)).toEqual([
    'ACCEPT ingress server tcp 80',
    'ACCEPT ingress server tcp 80',
    'DROP ingress server tcp 82',
  ]);
  expect(all[0]?.rule_id).toBe(web);
  await region.collection('ports').update(server, { security_groups: [] }, CALL);
  await region.collection('security_groups').update(group, { stateful: true }, CALL);
  await region.collection('ports').update(server, { security_groups: [group] }, CALL);
  await followed();
});

test('a flood is cut by the meter, and what may pass passes all the same', async () => {
  await addLog({ target_id: server });
  await send(newTcp(80));
  await told();
  const stats = async (): Promise<number> => {
    const text = await ovs.vsctl('get', 'Interface', 'server', 'statistics:tx_packets');
    return Number(text);
  };
  const [before, began] = [await stats(), performance.now()];
  await send(newTcp(82), 2_000);
  for (let connection = 0; connection < 300; connection++) await send(newTcp(80));
  const seconds = (performance.now() - began) / 1000;
  await until(async () => (await stats()) >= before + 300, 'the connections to pass', 15_000);
  const limit = LOG_RATE.burst + Math.ceil(LOG_RATE.rate * (seconds + 1));
  expect(lines.length).toBeGreaterThan(LOG_RATE.burst);
  expect(lines.length).toBeLessThanOrEqual(limit);
  expect(lines.length).toBeLessThan(2_300);
});

test('an operator is told all as it happens, a project what is its own, and others nothing', async () => {
  await addLog({ target_id: server });
  const app = buildApp({
    backend: region.backend(),
    clock,
    random,
    log: nullLogger,
    authenticator: believing,
  });
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const streams = await Promise.all(['admin', 'test', 'bob'].map((who) => listen(base, who)));
  await send(newTcp(80));
  await told();
  // What a commit tells everybody comes after it.
  const { value } = await region
    .collection('networks')
    .create([{ name: 'net', shared: true }], CALL);
  const fence = String(value[0]?.['id']);
  await Promise.all(streams.map(({ heard }) => until(() => heard().includes(fence), 'the commit')));
  const [admin = '', owner = '', other = ''] = streams.map(({ heard }) => heard());
  for (const stream of streams) stream.end();
  await app.close();
  expect(admin).toContain('event: connection');
  expect(admin).toContain('"host":"host-1"');
  expect(owner).toContain('event: connection');
  expect(owner).toContain(`"rule_id":"${web}"`);
  expect(owner).not.toContain('host-1');
  expect(other).not.toContain('event: connection');
});

test('who watches at another controller is told as well', async () => {
  const other = await Region.start({ redis: redis.address, controllerId: 'other' });
  const heard: ConnectionLine[] = [];
  const stop = other.controller.watchConnections((line) => void heard.push(line));
  const client = redis.client();
  const listeners = async (): Promise<unknown> =>
    (await client.pubsub('NUMSUB', '{heddle:test}:connections'))[1];
  await until(async () => (await listeners()) === 1, 'the other controller to listen');
  await addLog({ target_id: server });
  await send(newTcp(80));
  const [line] = await told();
  await until(() => heard.length >= lines.length, 'all of them to be heard');
  expect(heard).toContainEqual(line);
  expect(line).toMatchObject({ verdict: 'ACCEPT', rule_id: web, host: 'host-1' });
  stop();
  await until(async () => (await listeners()) === 0, 'nobody to listen');
  client.disconnect();
  await other.stop();
});

/** The event stream as somebody hears it. */
async function listen(base: string, who: string) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${base}/v1/events`, { headers: { 'x-user': who } }, resolve).on('error', reject);
  });
  let text = '';
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await until(() => text !== '', 'the stream to begin');
  return { heard: () => text, end: () => void answer.destroy() };
}

test('a log that goes leaves neither flow nor meter', async () => {
  const flows = async (): Promise<number> => {
    const dump = await ovs.ofctl('dump-flows', 'br-int', '--no-stats');
    return dump.split('\n').filter((line) => line.includes('controller(')).length;
  };
  const meters = async (): Promise<number> =>
    (await ovs.ofctl('dump-meters', 'br-int')).split('meter=').length - 1;
  const before = [await flows(), await meters()];
  const log = await addLog();
  expect([await flows(), await meters()]).toEqual([(before[0] ?? 0) + 24, (before[1] ?? 0) + 2]);
  await region.collection('logs').delete(log, CALL);
  await followed();
  expect([await flows(), await meters()]).toEqual(before);
});
