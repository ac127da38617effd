/**
 * Goal: QoS policies, trunks, metering labels, logs and flavors stay whole, whatever runs at once on two
 * controllers: nothing is given twice, nothing contradicts, nothing dangles.
 * Method: requests at once through inject(); invariants read from a replica afterwards.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { atOnce } from './storms.ts';
import { type Answer, type Controller, startController } from './world.ts';

let redis: RedisServer;
let one: Controller;
let two: Controller;

beforeAll(async () => {
  redis = await startRedis();
  one = await startController(redis.address);
  two = await startController(redis.address);
});
afterAll(async () => {
  await one.stop();
  await two.stop();
  await redis.stop();
});

const ROUNDS = 8;

/** Waits until both replicas have what either has acknowledged. */
async function settled(): Promise<void> {
  while (one.topology.revision !== two.topology.revision) await new Promise(setImmediate);
}

async function make(path: string, singular: string, attributes: object) {
  const answer = await one.call('POST', `/v2.0/${path}`, { [singular]: attributes });
  expect(answer.status).toBe(201);
  await settled();
  return answer.body[singular];
}

/** As `atOnce`, and both replicas know it. */
async function bothAtOnce(
  ...requests: Parameters<typeof atOnce>
): Promise<readonly [Answer, Answer]> {
  const answers = await atOnce(...requests);
  await settled();
  return answers;
}

/** The same request on both controllers, many times at once. */
async function storm(path: string, body: (at: number) => object, method: 'POST' | 'PUT' = 'POST') {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      (at % 2 === 0 ? one : two).call(method, `/v2.0/${path}`, body(at)),
    ),
  );
  await settled();
  const tally: Record<string, number> = {};
  for (const { status, error } of answers) {
    const key = error ?? String(status);
    tally[key] = (tally[key] ?? 0) + 1;
  }
  return tally;
}

const policy = (attributes: object = {}) => make('qos/policies', 'policy', attributes);
const port = (network_id: string, attributes: object = {}) =>
  make('ports', 'port', { network_id, ...attributes });

describe('of a QoS policy', () => {
  test('one is the default of its project', async () => {
    const body = () => ({ policy: { project_id: 'p', is_default: true } });
    expect(await storm('qos/policies', body)).toEqual({
      201: 1,
      QoSPolicyDefaultAlreadyExists: 7,
    });
  });

  test('no two rules are doubles', async () => {
    const { id } = await policy();
    const body = (at: number) => ({ bandwidth_limit_rule: { max_kbps: at } });
    expect(await storm(`qos/policies/${id}/bandwidth_limit_rules`, body)).toEqual({
      201: 1,
      QoSRulesConflict: 7,
    });
    expect(one.topology.members('rulesOfQosPolicy', id).size).toBe(1);
  });

  test('nobody keeps one that is gone', async () => {
    const { id: network_id } = await make('networks', 'network', {});
    for (let round = 0; round < ROUNDS; round += 1) {
      const { id } = await policy();
      const [gone, made] = await bothAtOnce(
        round,
        () => one.call('DELETE', `/v2.0/qos/policies/${id}`),
        () => two.call('POST', '/v2.0/ports', { port: { network_id, qos_policy_id: id } }),
      );
      const outcome = [gone.error ?? gone.status, made.error ?? made.status];
      expect([
        [204, 'QosPolicyNotFound'],
        ['QosPolicyInUse', 201],
      ]).toContainEqual(outcome);
    }
  });
});

describe('of a trunk', () => {
  test('a port is the parent of one', async () => {
    const { id: network_id } = await make('networks', 'network', {});
    const { id: port_id } = await port(network_id);
    const tally = await storm('trunks', () => ({ trunk: { port_id } }));
    expect(tally['201']).toBe(1);
    expect(one.topology.members('trunksOfParent', port_id).size).toBe(1);
  });

  test('a port is a subport of one', async () => {
    const { id: network_id } = await make('networks', 'network', {});
    const parents: string[] = [];
    for (let i = 0; i < 8; i += 1) parents.push((await port(network_id)).id);
    const sub_ports = [
      { port_id: (await port(network_id)).id, segmentation_type: 'vlan', segmentation_id: 1 },
    ];
    const body = (at: number) => ({ trunk: { port_id: parents[at], sub_ports } });
    expect(await storm('trunks', body)).toEqual({ 201: 1, TrunkPortInUse: 7 });
  });

  test('no two subports have one tag', async () => {
    const { id: network_id } = await make('networks', 'network', {});
    const { id } = await make('trunks', 'trunk', { port_id: (await port(network_id)).id });
    const ports: string[] = [];
    for (let i = 0; i < 8; i += 1) ports.push((await port(network_id)).id);
    const body = (at: number) => ({
      sub_ports: [{ port_id: ports[at], segmentation_type: 'vlan', segmentation_id: 7 }],
    });
    expect(await storm(`trunks/${id}/add_subports`, body, 'PUT')).toEqual({
      200: 1,
      DuplicateSubPort: 7,
    });
  });

  test('no port goes while it comes', async () => {
    const { id: network_id } = await make('networks', 'network', {});
    for (let round = 0; round < ROUNDS; round += 1) {
      const { id: port_id } = await port(network_id);
      const [gone, made] = await bothAtOnce(
        round,
        () => one.call('DELETE', `/v2.0/ports/${port_id}`),
        () => two.call('POST', '/v2.0/trunks', { trunk: { port_id } }),
      );
      const outcome = [gone.error ?? gone.status, made.error ?? made.status];
      expect([
        [204, 'PortNotFound'],
        ['PortInUseAsTrunkParent', 201],
      ]).toContainEqual(outcome);
    }
  });
});

test('no two rules of a metering label count the same', async () => {
  const { id } = await make('metering/metering-labels', 'metering_label', {});
  const body = () => ({
    metering_label_rule: {
      metering_label_id: id,
      direction: 'ingress',
      remote_ip_prefix: '10.0.0.0/8',
    },
  });
  expect(await storm('metering/metering-label-rules', body)).toEqual({
    201: 1,
    MeteringLabelRuleOverlaps: 7,
  });
});

test.each([
  ['security-groups', 'resource_id', 'ResourceNotFound'],
  ['ports', 'target_id', 'TargetResourceNotFound'],
])('no log is of one of %s that is gone', async (collection, member, refused) => {
  const { id: network_id } = await make('networks', 'network', {});
  const thing = () =>
    member === 'target_id' ? port(network_id) : make(collection, 'security_group', {});
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id } = await thing();
    const log = { resource_type: 'security_group', [member]: id };
    const [gone, made] = await bothAtOnce(
      round,
      () => one.call('DELETE', `/v2.0/${collection}/${id}`),
      () => two.call('POST', '/v2.0/log/logs', { log }),
    );
    expect(gone.status).toBe(204);
    expect([201, refused]).toContain(made.error ?? made.status);
    const { logs } = (await two.call('GET', `/v2.0/log/logs?${member}=${id}`)).body;
    expect(logs).toEqual([]);
  }
});

test('a log of a group at a port that leaves it at once is of a port that was in it', async () => {
  const { id: network_id } = await make('networks', 'network', {});
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id: group } = await make('security-groups', 'security_group', {});
    const { id } = await port(network_id, { security_groups: [group] });
    const log = { resource_type: 'security_group', resource_id: group, target_id: id };
    const [left, made] = await bothAtOnce(
      round,
      () => one.call('PUT', `/v2.0/ports/${id}`, { port: { security_groups: [] } }),
      () => two.call('POST', '/v2.0/log/logs', { log }),
    );
    expect(left.status).toBe(200);
    if (made.status === 201) expect(made.revision).toBeLessThan(left.revision);
    else expect(made.error).toBe('InvalidResourceConstraint');
  }
});

test('no flavor offers a service profile that is gone', async () => {
  const { id: flavor } = await make('flavors', 'flavor', { service_type: 'QOS' });
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id } = await make('service_profiles', 'service_profile', { metainfo: 'm' });
    const [gone, tied] = await bothAtOnce(
      round,
      () => one.call('DELETE', `/v2.0/service_profiles/${id}`),
      () =>
        two.call('POST', `/v2.0/flavors/${flavor}/service_profiles`, { service_profile: { id } }),
    );
    const outcome = [gone.error ?? gone.status, tied.error ?? tied.status];
    expect([
      [204, 'ServiceProfileNotFound'],
      ['ServiceProfileInUse', 201],
    ]).toContainEqual(outcome);
  }
});
