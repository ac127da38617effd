/**
 * Goal: what would be too much for a host is refused with 409 and the figures, by whatever call,
 * and leaves no trace; two controllers at once pass a limit by no more than what they had under way.
 * Method: controllers with small limits over one Redis; bindings are written as hosts would.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { binding, host } from '../../../lab/records.ts';
import { DEFAULT_HOST_LIMITS, lookupsOf } from '../../../src/topology/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, makeSegment, startController } from './world.ts';

const PORTS_MAX = 4;
const FLOWS_MAX = 445;

let redis: RedisServer;
let controller: Controller;
let other: Controller;

beforeAll(async () => {
  redis = await startRedis();
  const hostLimits = { ...DEFAULT_HOST_LIMITS, lookups: lookupsOf(PORTS_MAX), flows: FLOWS_MAX };
  controller = await startController(redis.address, { hostLimits });
  other = await startController(redis.address, { hostLimits, controllerId: 'c2' });
  await commit(['host/h', host('h', '198.18.0.1', { hostname: 'rack-1' })]);
});

afterAll(async () => {
  await controller.stop();
  await other.stop();
  await redis.stop();
});

async function commit(...records: Parameters<Map<string, object>['set']>[]): Promise<void> {
  await controller.store.commit({ put: new Map(records) as never });
  await other.store.catchUp();
}

function postPorts(networkId: string, count: number, more: object = {}) {
  const ports = Array.from({ length: count }, () => ({ network_id: networkId, ...more }));
  return controller.call('POST', '/v2.0/ports', { ports });
}

test('ports that are meant for a host are refused where they are too many for it', async () => {
  const { network } = await makeSegment(controller);
  const meant = { 'binding:host_id': 'rack-1' };
  expect((await postPorts(network.id, PORTS_MAX + 1, meant)).status).toBe(409);
  expect((await postPorts(network.id, PORTS_MAX, meant)).status).toBe(201);
  const { status, body } = await postPorts(network.id, 1, meant);
  expect(status).toBe(409);
  expect(body.NeutronError).toMatchObject({
    type: 'HostLimitExceeded',
    message: expect.stringContaining(
      `Host h would need ${lookupsOf(PORTS_MAX + 1)} lookups for one broadcast packet, and takes ` +
        `${lookupsOf(PORTS_MAX)}; nothing was changed.`,
    ),
  });
  const free = (await postPorts(network.id, 1)).body.ports[0];
  const put = { port: { 'binding:host_id': 'h' } };
  expect((await controller.call('PUT', `/v2.0/ports/${free.id}`, put)).error).toBe(
    'HostLimitExceeded',
  );
  const list = await controller.call('GET', `/v2.0/ports?network_id=${network.id}`);
  expect(list.body.ports).toHaveLength(PORTS_MAX + 1);
});

test('rules, members and documents are refused where they are too much for a host', async () => {
  const { network } = await makeSegment(controller, '10.0.0.0/22');
  const web = await controller.make('security_group', { name: 'web' });
  const clients = await controller.make('security_group', { name: 'clients' });
  const port = await controller.make('port', { network_id: network.id, security_groups: [web.id] });
  await commit([`binding/${port.id}`, binding(port.id, 'h', 1)]);
  const ranged = {
    security_group_id: web.id,
    direction: 'ingress',
    protocol: 'tcp',
    port_range_min: 1,
    port_range_max: 65_534,
  };
  const rules = Array.from({ length: 10 }, (_, index) => ({
    ...ranged,
    remote_ip_prefix: `10.${index}.0.0/16`,
  }));
  const bulk = await controller.call('POST', '/v2.0/security-group-rules', {
    security_group_rules: rules,
  });
  expect(bulk).toMatchObject({ status: 409, error: 'HostLimitExceeded' });
  const naming = { security_group_id: web.id, direction: 'ingress', remote_group_id: clients.id };
  await controller.make('security_group_rule', naming);
  const members = await postPorts(network.id, 400, { security_groups: [clients.id] });
  expect(members).toMatchObject({ status: 409, error: 'HostLimitExceeded' });
  // What the document leaves out would be deleted, and a port keeps its group.
  const project = port.project_id;
  const { body: document } = await controller.call('GET', `/v1/projects/${project}/topology`);
  document.security_groups.web.rules = rules.map((rule) => ({
    ...rule,
    security_group_id: undefined,
  }));
  for (const query of ['?dry_run=true', '']) {
    const path = `/v1/projects/${project}/topology${query}`;
    const answer = await controller.call('PUT', path, document);
    expect(answer.body.NeutronError, path).toMatchObject({ type: 'HostLimitExceeded' });
  }
});

test('two controllers at once pass a limit by no more than what was under way', async () => {
  const { network } = await makeSegment(controller);
  await other.store.catchUp();
  const body = { port: { network_id: network.id, 'binding:host_id': 'h' } };
  const calls = Array.from({ length: 2 * PORTS_MAX }, (_, index) =>
    (index % 2 === 0 ? controller : other).call('POST', '/v2.0/ports', body),
  );
  const made = (await Promise.all(calls)).filter(({ status }) => status === 201).length;
  expect(made).toBeGreaterThanOrEqual(PORTS_MAX);
  expect((await postPorts(network.id, 1, { 'binding:host_id': 'h' })).error).toBe(
    'HostLimitExceeded',
  );
});
