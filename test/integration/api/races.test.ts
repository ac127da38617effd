/**
 * Goal: whatever runs at once, on one controller or two, no value is given twice and nothing dangles.
 * Method: storms of requests through inject(); invariants read from a replica of its own afterwards.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { atOnce, caughtUp, storm, tally } from './storms.ts';
import { type Answer, type Controller, makeSegment, startController } from './world.ts';

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

function addressesOf(answers: readonly Answer[]): string[] {
  return answers
    .filter(({ status }) => status === 201)
    .map(({ body }) => body.port.fixed_ips[0].ip_address);
}

describe('addresses', () => {
  test('of 100 ports made at once on one controller are all different', async () => {
    const { network } = await makeSegment(one);
    const port = { network_id: network.id };
    const answers = await storm(100, () => one.call('POST', '/v2.0/ports', { port }));
    expect(tally(answers)).toEqual({ 201: 100 });
    expect(new Set(addressesOf(answers)).size).toBe(100);
  });

  test('run out with a refusal: no more and no fewer than the pool has', async () => {
    const { network } = await makeSegment(one, '10.0.0.0/28');
    const port = { network_id: network.id };
    const answers = await storm(20, () => one.call('POST', '/v2.0/ports', { port }));
    expect(tally(answers)).toEqual({ 201: 13, IpAddressGenerationFailure: 7 });
    expect(new Set(addressesOf(answers)).size).toBe(13);
  });

  test('of ports made on two controllers are all different, to the last of the pool', async () => {
    const { network } = await makeSegment(one, '10.0.0.0/25');
    await caughtUp(two, one);
    const port = { network_id: network.id };
    const answers = await storm(140, (at) =>
      (at % 2 === 0 ? one : two).call('POST', '/v2.0/ports', { port }),
    );
    expect(tally(answers)).toEqual({ 201: 125, IpAddressGenerationFailure: 15 });
    expect(new Set(addressesOf(answers)).size).toBe(125);
  });

  test('that are named go to exactly one of many who ask at once', async () => {
    const { network, subnet } = await makeSegment(one);
    await caughtUp(two, one);
    const fixed_ips = [{ subnet_id: subnet.id, ip_address: '10.0.0.9' }];
    const port = { network_id: network.id, fixed_ips };
    const answers = await storm(20, (at) =>
      (at % 2 === 0 ? one : two).call('POST', '/v2.0/ports', { port }),
    );
    expect(tally(answers)).toEqual({ 201: 1, IpAddressAlreadyAllocated: 19 });
  });

  test('given back while others take them never belong to two', async () => {
    const { network, subnet } = await makeSegment(one, '10.0.0.0/28');
    await caughtUp(two, one);
    const port = { network_id: network.id };
    await storm(60, async (at) => {
      const heddle = at % 2 === 0 ? one : two;
      const made = await heddle.call('POST', '/v2.0/ports', { port });
      if (made.status === 201 && at % 3 !== 0) {
        return heddle.call('DELETE', `/v2.0/ports/${made.body.port.id}`);
      }
      return made;
    });
    await caughtUp(one, two);
    const ports = [...one.topology.members('portsOfNetwork', network.id).values()];
    const addresses = ports.flatMap(({ fixed_ips }) => fixed_ips.map((fixed) => fixed.ip_address));
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(one.topology.addressesOfSubnet(subnet.id).size).toBe(addresses.length);
  });
});

test('MAC addresses and segmentation ids that are named go to exactly one', async () => {
  const { network } = await makeSegment(one);
  await caughtUp(two, one);
  const port = { network_id: network.id, mac_address: 'fa:16:3e:00:00:01' };
  const ports = await storm(10, (at) =>
    (at % 2 === 0 ? one : two).call('POST', '/v2.0/ports', { port }),
  );
  expect(tally(ports)).toEqual({ 201: 1, MacAddressInUse: 9 });
  const wish = { 'provider:segmentation_id': 99 };
  const networks = await storm(10, (at) =>
    (at % 2 === 0 ? one : two).call('POST', '/v2.0/networks', { network: wish }),
  );
  expect(tally(networks)).toEqual({ 201: 1, TunnelIdInUse: 9 });
});

test('subnets made at once on one network never overlap', async () => {
  const network = await one.make('network');
  await caughtUp(two, one);
  const answers = await storm(12, (at) =>
    (at % 2 === 0 ? one : two).call('POST', '/v2.0/subnets', {
      subnet: { network_id: network.id, ip_version: 4, cidr: `10.0.${at % 3}.0/${24 - (at % 2)}` },
    }),
  );
  const counts = tally(answers);
  expect((counts['201'] ?? 0) + (counts['InvalidInput'] ?? 0)).toBe(12);
  await caughtUp(one, two);
  const cidrs = [...one.topology.members('subnetsOfNetwork', network.id).values()].map(
    ({ cidr }) => cidr,
  );
  expect(cidrs).toHaveLength(counts['201'] ?? 0);
  // 10.0.0.0/23 holds 10.0.0.0/24 and 10.0.1.0/24: two disjoint ranges at least, three at most.
  expect(cidrs.length).toBeGreaterThan(1);
  expect(cidrs.length).toBeLessThan(4);
});

test('no port misses an auto-addressed subnet that was there before it', async () => {
  const { network } = await makeSegment(one);
  await caughtUp(two, one);
  const modes = { ipv6_address_mode: 'slaac', ipv6_ra_mode: 'slaac' };
  const subnet = { network_id: network.id, ip_version: 6, cidr: 'fd00::/64', ...modes };
  const port = { network_id: network.id };
  const [made, ...ports] = await storm(41, (at) =>
    at === 0
      ? one.call('POST', '/v2.0/subnets', { subnet })
      : (at % 2 === 0 ? one : two).call('POST', '/v2.0/ports', { port }),
  );
  expect([made?.status, tally(ports)]).toEqual([201, { 201: 40 }]);
  for (const { body, revision } of ports) {
    const before = revision < (made?.revision ?? 0);
    expect(body.port.fixed_ips).toHaveLength(before ? 1 : 2);
  }
});

test('a network goes or gets a port, never both', async () => {
  for (let round = 0; round < 30; round += 1) {
    const { network } = await makeSegment(one);
    await caughtUp(two, one);
    const port = { network_id: network.id };
    const [created, deleted] = await atOnce(
      round % 10,
      () => (round % 3 === 0 ? one : two).call('POST', '/v2.0/ports', { port }),
      () => one.call('DELETE', `/v2.0/networks/${network.id}`),
    );
    const outcome = `${deleted.error ?? deleted.status} ${created.error ?? created.status}`;
    expect(['204 NetworkNotFound', 'NetworkInUse 201']).toContain(outcome);
    await caughtUp(one, two);
    const there = one.topology.get('network', network.id) !== undefined;
    expect(one.topology.members('portsOfNetwork', network.id).size > 0).toBe(there);
    expect(one.topology.members('subnetsOfNetwork', network.id).size > 0).toBe(there);
  }
});

test('a subnet goes or gives an address, never both', async () => {
  for (let round = 0; round < 30; round += 1) {
    const { network, subnet } = await makeSegment(one);
    await caughtUp(two, one);
    const port = { network_id: network.id, fixed_ips: [{ subnet_id: subnet.id }] };
    const [created, deleted] = await atOnce(
      round % 10,
      () => (round % 3 === 0 ? one : two).call('POST', '/v2.0/ports', { port }),
      () => one.call('DELETE', `/v2.0/subnets/${subnet.id}`),
    );
    const outcome = `${deleted.error ?? deleted.status} ${created.error ?? created.status}`;
    expect(['204 InvalidInput', '204 SubnetNotFound', 'SubnetInUse 201']).toContain(outcome);
  }
});

test('changes of one port at once are all counted', async () => {
  const { network } = await makeSegment(one);
  const { id } = await one.make('port', { network_id: network.id });
  await caughtUp(two, one);
  const answers = await storm(6, (at) =>
    (at % 2 === 0 ? one : two).call('PUT', `/v2.0/ports/${id}`, { port: { name: `n${at}` } }),
  );
  const done = answers.filter(({ status }) => status === 200);
  const revisions = done.map(({ body }) => Number(body.port.revision_number));
  expect(new Set(revisions).size).toBe(done.length);
  expect(Math.max(...revisions)).toBe(done.length + 1);
});

const inProject = (project: string) => ({ 'x-project-id': project });

test('a project gets one default group, whoever asks for it first', async () => {
  for (let round = 0; round < 5; round += 1) {
    const project = `fresh-${round}`;
    const requests = [
      ['GET', '/v2.0/security-groups', undefined],
      ['POST', '/v2.0/networks', { network: {} }],
      ['POST', '/v2.0/security-groups', { security_group: {} }],
      ['GET', `/v2.0/security-group-rules?project_id=${project}`, undefined],
    ] as const;
    const answers = await storm(12, (at) => {
      const [method, path, body] = requests[at % 4] ?? requests[0];
      return (at % 3 === 0 ? one : two).call(method, path, body, inProject(project));
    });
    expect(tally(answers)).toEqual({ 200: 6, 201: 6 });
    await caughtUp(one, two);
    await caughtUp(two, one);
    for (const { topology } of [one, two]) {
      expect(topology.members('defaultGroupOfProject', project).size).toBe(1);
      expect(topology.countOfProject('security_group', project)).toBe(4);
    }
  }
});

test('a rule that many make at once is made once, and different ones all are', async () => {
  const { id } = await one.make('security_group');
  await caughtUp(two, one);
  const rule = (more: object) => ({
    security_group_rule: { security_group_id: id, direction: 'ingress', ...more },
  });
  const post = (at: number, body: object) =>
    (at % 2 === 0 ? one : two).call('POST', '/v2.0/security-group-rules', body);
  const same = await storm(20, (at) => post(at, rule({ protocol: at % 4 < 2 ? 'tcp' : 6 })));
  expect(tally(same)).toEqual({ 201: 1, SecurityGroupRuleExists: 19 });
  // More than the attempts that one request has: those who lose take turns.
  const different = await storm(30, (at) => post(at, rule({ protocol: 100 + at })));
  expect(tally(different)).toEqual({ 201: 30 });
  await caughtUp(one, two);
  expect(one.topology.members('rulesOfGroup', id).size).toBe(33);
  expect(one.topology.get('security_group', id)?.revision_number).toBe(32);
});

test('a security group goes or gets a port, never both', async () => {
  const { network } = await makeSegment(one);
  for (let round = 0; round < 20; round += 1) {
    const { id } = await one.make('security_group');
    await caughtUp(two, one);
    const port = { network_id: network.id, security_groups: [id] };
    const [created, deleted] = await atOnce(
      round % 10,
      () => (round % 3 === 0 ? one : two).call('POST', '/v2.0/ports', { port }),
      () => one.call('DELETE', `/v2.0/security-groups/${id}`),
    );
    const outcome = `${deleted.error ?? deleted.status} ${created.error ?? created.status}`;
    expect(['204 SecurityGroupNotFound', 'SecurityGroupInUse 201']).toContain(outcome);
  }
});

test('no rule is left of a security group that goes while others refer to it', async () => {
  const { id: other } = await one.make('security_group');
  for (let round = 0; round < 30; round += 1) {
    const { id } = await one.make('security_group');
    await caughtUp(two, one);
    const rule = { security_group_id: other, direction: 'ingress', remote_group_id: id };
    const [created, deleted] = await atOnce(
      round % 10,
      () => two.call('POST', '/v2.0/security-group-rules', { security_group_rule: rule }),
      () => one.call('DELETE', `/v2.0/security-groups/${id}`),
    );
    expect(deleted.status).toBe(204);
    expect([201, 404]).toContain(created.status);
    await caughtUp(one, two);
    expect(one.topology.members('rulesToGroup', id).size).toBe(0);
  }
});

test('an address group goes or gets a rule, never both', async () => {
  const group = await one.make('security_group');
  for (let round = 0; round < 20; round += 1) {
    const addresses = await one.make('address_group');
    await caughtUp(two, one);
    const rule = {
      security_group_id: group.id,
      direction: 'ingress',
      remote_address_group_id: addresses.id,
    };
    const [created, deleted] = await atOnce(
      round % 10,
      () =>
        (round % 3 === 0 ? one : two).call('POST', '/v2.0/security-group-rules', {
          security_group_rule: rule,
        }),
      () => one.call('DELETE', `/v2.0/address-groups/${addresses.id}`),
    );
    const outcome = `${deleted.error ?? deleted.status} ${created.error ?? created.status}`;
    expect(['204 AddressGroupNotFound', 'AddressGroupInUse 201']).toContain(outcome);
  }
});

test('templates of rules are written down once', async () => {
  const answers = await storm(10, (at) =>
    (at % 2 === 0 ? one : two).call('GET', '/v2.0/default-security-group-rules'),
  );
  for (const { body } of answers) expect(body.default_security_group_rules).toHaveLength(4);
});
