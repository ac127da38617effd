/**
 * Goal: a trace says what real switches do, and where they do not hold what they should.
 * Method: a controller as main.ts makes it, real Redis, two real sandbox switches, and the HTTP
 * application in front; somebody deletes flows by hand.
 */
import type { FastifyInstance } from 'fastify';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { buildApp, noAuthentication } from '../../../src/api/index.ts';
import { TraceSchema } from '../../../src/api/routes/trace/schema.ts';
import type { TraceView } from '../../../src/controller/trace/tracer.ts';
import { nullLogger as log } from '../../../src/lib/log.ts';
import { systemClock as clock, systemRandom as random } from '../../../src/lib/system.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { plug, Region } from '../../support/region.ts';
import { startSandbox } from '../../support/sandbox.ts';

const CALL = { requester: { userId: 'test', projectId: 'test', isAdmin: true } };

let redis: RedisServer;
let one: Ovs;
let two: Ovs;
let region: Region;
let app: FastifyInstance;
let network: string;
let client: string;
let server: string;
let group: string;

beforeAll(async () => {
  [one, two] = await Promise.all([startSandbox('host-1'), startSandbox('host-2')]);
  redis = await startRedis();
  region = await Region.start({ redis: redis.address });
  await region.enrol(one, '198.18.0.1');
  await region.enrol(two, '198.18.0.2');
  app = buildApp({
    backend: region.backend(),
    clock,
    random,
    log,
    authenticator: noAuthentication,
  });
  network = await region.createNetwork();
  group = await create('security_groups', { name: 'web' });
  await create('security_group_rules', {
    security_group_id: group,
    direction: 'ingress',
    protocol: 'tcp',
    port_range_min: 80,
    port_range_max: 80,
  });
  client = await region.createPort(network, { name: 'client' });
  server = await region.createPort(network, { name: 'server', security_groups: [group] });
  await plug(one, 'tap1', client);
  await plug(two, 'tap2', server);
  await region.port(client, { status: 'ACTIVE' });
  await region.port(server, { status: 'ACTIVE' });
  await region.settled();
});

afterAll(async () => {
  await app.close();
  await region.stop();
  await redis.stop();
  await Promise.all([one.stop(), two.stop()]);
});

async function create(plural: string, attributes: object): Promise<string> {
  const { value } = await region.collection(plural).create([attributes], CALL);
  return String(value[0]?.['id']);
}

async function ask(query: Readonly<Record<string, string>>) {
  const answer = await app.inject({ url: `/v1/trace?${new URLSearchParams(query).toString()}` });
  return { status: answer.statusCode, body: answer.json() };
}

async function trace(more: Readonly<Record<string, string>> = {}): Promise<TraceView> {
  const query = { from: client, to: server, protocol: 'tcp', port: '80', ...more };
  const { status, body } = await ask(query);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as TraceView;
}

test('what rules allow is followed over both hosts and back, and the switches agree', async () => {
  const view = await trace();
  expect(view).toMatchObject({ verdict: 'allowed', advice: null });
  expect(Value.Check(TraceSchema, view)).toBe(true);
  expect(Value.Clean(TraceSchema, structuredClone(view)), 'nothing but the schema').toEqual(view);
  expect(view.request?.hops.map(({ host }) => host)).toEqual(['host-1', 'host-2']);
  expect(view.reply?.hops.map(({ host }) => host)).toEqual(['host-2', 'host-1']);
  expect(view.switches).toMatchObject([
    { host: 'host-1', agrees: true, pending: 0, tables: [], flows: [] },
    { host: 'host-2', agrees: true, pending: 0, tables: [], flows: [] },
  ]);
});

test('what no rule allows, what is spoofed and what is nowhere is dropped, each with its reason', async () => {
  expect((await trace({ port: '81' })).reason).toContain('no ingress rule of port server');
  expect((await trace({ source: '10.0.0.99' })).reason).toContain('may not send from 10.0.0.99');
  expect((await trace({ to: '10.0.0.99' })).reason).toContain('has 10.0.0.99');
  const elsewhere = await region.createPort(await region.createNetwork());
  expect((await trace({ to: elsewhere })).reason).toContain('nothing routes between');
  const loose = await region.createPort(network, { name: 'loose' });
  expect((await trace({ to: loose })).reason).toBe('port loose is not plugged in on any host');
});

test('the reply of a stateless group is dropped until it has a rule', async () => {
  const stateless = await create('security_groups', { name: 'bare', stateful: false });
  for (const { id } of region.topology.members('rulesOfGroup', stateless).values()) {
    await region.collection('security_group_rules').delete(id, CALL);
  }
  const rule = { security_group_id: stateless, protocol: 'tcp' };
  await create('security_group_rules', { ...rule, direction: 'ingress' });
  await region.collection('ports').update(server, { security_groups: [stateless] }, CALL);
  await region.settled();
  expect((await trace()).verdict).toBe('reply dropped');
  await create('security_group_rules', { ...rule, direction: 'egress' });
  await region.settled();
  expect((await trace()).verdict).toBe('allowed');
  await region.collection('ports').update(server, { security_groups: [group] }, CALL);
  await region.settled();
});

test.each([
  ['RuleHits', ''],
  // A dimension of a conjunction, which leads to a flow that is still there.
  ['IngressRules', ',ct_state=+trk-inv,ip,ct_nw_proto=6'],
  ['L2Forwarding', ''],
])(
  'flows of %s that somebody deleted are found, on the host and in the table where they were',
  async (table, match) => {
    await two.ofctl('del-flows', 'br-int', `table=${table}${match}`);
    const view = await trace();
    expect(view.verdict).toBe('allowed');
    const [first, second] = view.switches;
    expect(first).toMatchObject({ host: 'host-1', agrees: true });
    expect(second).toMatchObject({ host: 'host-2', agrees: false });
    expect(new Set(second?.flows.map((flow) => `${flow.problem} ${flow.table}`))).toEqual(
      new Set([`missing ${table}`]),
    );
    await region.fleet.auditNow('host-2');
    expect((await trace()).switches[1]).toMatchObject({ agrees: true });
  },
);

test('a deleted marker is a table that differs, not a flow of the way', async () => {
  await two.ofctl('del-flows', 'br-int', 'table=Marker,metadata=100');
  expect((await trace()).switches[1]).toMatchObject({
    agrees: false,
    tables: ['Output'],
    flows: [],
  });
  await region.fleet.auditNow('host-2');
});

test('another controller sees the switches through the one that owns them', async () => {
  const other = await Region.start({ redis: redis.address, controllerId: 'other' });
  const question = { from: client, to: server, protocol: 'tcp', port: 80 };
  const switches = async () =>
    (await other.controller.trace(question, CALL.requester)).switches.map(
      ({ agrees, flows }) => [agrees, flows] as const,
    );
  const agreed = [true, []] as const;
  const watcher = redis.client();
  const listen = async (): Promise<boolean> =>
    (await watcher.pubsub('NUMSUB', '{heddle:test}:inspections'))[1] === 2;
  await until(listen, 'both controllers to listen');
  expect(await switches()).toEqual([agreed, agreed]);
  await two.ofctl('del-flows', 'br-int', 'table=RuleHits');
  expect(await switches()).toEqual([agreed, [false, [{ table: 'RuleHits', problem: 'missing' }]]]);
  await region.fleet.auditNow('host-2');
  expect(await switches()).toEqual([agreed, agreed]);
  watcher.disconnect();
  await other.stop();
});

test('a host that is away is said to be so', async () => {
  await two.vsctl('del-manager');
  await two.vsctl('del-controller', 'br-int');
  await until(() => region.fleet.status('host-2')?.state === 'lost', 'host-2 to be lost');
  const view = await trace();
  expect(view.verdict).toBe('allowed');
  expect(view.switches[1]).toMatchObject({ host: 'host-2', agrees: null });
  expect(view.switches[1]?.text).toContain('it is lost');
});

test.each<[Readonly<Record<string, string>>, number, string]>([
  [{}, 400, 'HTTPBadRequest'],
  [{ from: 'x', to: '10.0.0.1' }, 404, 'PortNotFound'],
  [{ from: 'x', to: 'y', hops: '1' }, 400, 'HTTPBadRequest'],
  [{ from: 'x', to: 'y', port: 'http' }, 400, 'HTTPBadRequest'],
])('%j is refused with %d', async (query, status, type) => {
  const answer = await ask(query);
  expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
});
