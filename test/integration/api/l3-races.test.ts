/**
 * Goal: whatever runs at once on two controllers, no outer address is given twice, no router loses
 * what a floating IP needs, and what many do through one router succeeds.
 * Method: storms of requests through inject(); invariants read from a replica afterwards.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { act, makeCloud, makeOutside } from './l3-world.ts';
import { atOnce, caughtUp, storm, tally } from './storms.ts';
import { type Controller, makeSegment, startController } from './world.ts';

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

const either = (at: number): Controller => (at % 2 === 0 ? one : two);

/** The outcomes of two requests at once, as `201 RouterInUse`. */
async function raced(...requests: Parameters<typeof atOnce>): Promise<string> {
  const answers = await atOnce(...requests);
  return answers.map(({ status, error }) => error ?? status).join(' ');
}

const post = (heddle: Controller, floatingip: object) =>
  heddle.call('POST', '/v2.0/floatingips', { floatingip });
const put = (heddle: Controller, id: string, floatingip: object) =>
  heddle.call('PUT', `/v2.0/floatingips/${id}`, { floatingip });

/** What each floating IP needs is there. */
function checkFloatingIps({ topology }: Controller): void {
  for (const fip of topology.list('floatingip')) {
    expect(topology.get('port', fip.floating_port_id)?.fixed_ips).toContainEqual(
      expect.objectContaining({ ip_address: fip.floating_ip_address }),
    );
    if (fip.port_id === null) continue;
    expect(topology.get('port', fip.port_id)?.fixed_ips).toContainEqual(
      expect.objectContaining({ ip_address: fip.fixed_ip_address }),
    );
    const router = topology.get('router', fip.router_id ?? '');
    expect(router?.gateway_port_id).toBe(fip.gateway_port_id);
    expect(router?.interface_port_ids).toContain(fip.interface_port_id);
    expect(topology.get('port', fip.interface_port_id ?? '')).toBeDefined();
  }
}

test('outer addresses are all different, to the last of the pool', async () => {
  const { network } = await makeOutside(one, '203.0.113.0/27');
  await caughtUp(two, one);
  const gateway = { external_gateway_info: { network_id: network.id } };
  const answers = await storm(36, (at) =>
    at % 4 < 2
      ? post(either(at), { floating_network_id: network.id })
      : either(at).call('POST', '/v2.0/routers', { router: gateway }),
  );
  expect(tally(answers)).toEqual({ 201: 29, IpAddressGenerationFailure: 7 });
  await caughtUp(one, two);
  const ports = [...one.topology.members('portsOfNetwork', network.id).values()];
  const addresses = ports.flatMap(({ fixed_ips }) => fixed_ips.map((fixed) => fixed.ip_address));
  expect([ports.length, new Set(addresses).size]).toEqual([29, 29]);
  checkFloatingIps(one);
});

test('an address that many name goes to one', async () => {
  const { network } = await makeOutside(one);
  await caughtUp(two, one);
  const wish = { floating_network_id: network.id, floating_ip_address: '203.0.113.77' };
  const answers = await storm(10, (at) => post(either(at), wish));
  expect(tally(answers)).toEqual({ 201: 1, IpAddressAlreadyAllocated: 9 });
});

test('a port that many floating IPs are to stand for gets one', async () => {
  const { outside, vm } = await makeCloud(one);
  await caughtUp(two, one);
  const wish = { floating_network_id: outside.network.id, port_id: vm.id };
  const answers = await storm(8, (at) => post(either(at), wish));
  expect(tally(answers)).toEqual({ 201: 1, FloatingIPPortAlreadyAssociated: 7 });
});

test('many get their floating IPs through one router at once', async () => {
  const { outside, inside } = await makeCloud(one);
  const ports = Array.from({ length: 40 }, () => ({ network_id: inside.network.id }));
  const made = await one.call('POST', '/v2.0/ports', { ports });
  await caughtUp(two, one);
  const answers = await storm(40, (at) =>
    post(either(at), {
      floating_network_id: outside.network.id,
      port_id: made.body.ports[at].id,
    }),
  );
  expect(tally(answers)).toEqual({ 201: 40 });
});

test('forwardings of one floating IP made at once keep apart', async () => {
  const { outside, vm } = await makeCloud(one);
  const fip = await one.make('floatingip', { floating_network_id: outside.network.id });
  await caughtUp(two, one);
  const forward = (at: number, external_port: number) =>
    either(at).call('POST', `/v2.0/floatingips/${fip.id}/port_forwardings`, {
      port_forwarding: {
        protocol: 'tcp',
        internal_port_id: vm.id,
        internal_ip_address: vm.fixed_ips[0].ip_address,
        internal_port: 1000 + at,
        external_port,
      },
    });
  const same = tally(await storm(5, (at) => forward(at, 8080)));
  expect(same).toEqual({ 201: 1, BadRequest: 4 });
});

test('one subnet added many times at once is one interface', async () => {
  const { network, subnet } = await makeSegment(one, '10.7.0.0/24');
  const { id } = await one.make('router');
  await caughtUp(two, one);
  const answers = await storm(8, (at) =>
    act(either(at), id, 'add_router_interface', { subnet_id: subnet.id }),
  );
  expect(tally(answers)).toEqual({ 200: 1, BadRequest: 7 });
  await caughtUp(one, two);
  const ports = [...one.topology.members('portsOfNetwork', network.id).keys()];
  expect(one.topology.get('router', id)?.interface_port_ids).toEqual(ports);
});

test('of many routers one becomes the gateway of a subnet', async () => {
  const { network, subnet } = await makeSegment(one, '10.6.0.0/24');
  const made = await one.call('POST', '/v2.0/routers', { routers: Array(8).fill({}) });
  await caughtUp(two, one);
  const answers = await storm(8, (at) =>
    act(either(at), made.body.routers[at].id, 'add_router_interface', { subnet_id: subnet.id }),
  );
  expect(tally(answers)).toEqual({ 200: 1, IpAddressAlreadyAllocated: 7 });
  await caughtUp(one, two);
  expect(one.topology.members('portsOfNetwork', network.id).size).toBe(1);
});

test('a port added to two routers at once is one’s', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { network } = await makeSegment(one, '10.5.0.0/24');
    const port = await one.make('port', { network_id: network.id });
    const [first, second] = [await one.make('router'), await one.make('router')];
    await caughtUp(two, one);
    const outcome = await raced(
      round,
      () => act(two, first.id, 'add_router_interface', { port_id: port.id }),
      () => act(one, second.id, 'add_router_interface', { port_id: port.id }),
    );
    expect(['200 PortInUse', 'PortInUse 200']).toContain(outcome);
    await caughtUp(one, two);
    const owner = outcome.startsWith('200') ? first : second;
    expect(one.topology.get('port', port.id)?.device_id).toBe(owner.id);
  }
});

test('a gateway goes or a floating IP comes, never both', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { outside, router, vm } = await makeCloud(one);
    await caughtUp(two, one);
    const outcome = await raced(
      round % 10,
      () => post(either(round), { floating_network_id: outside.network.id, port_id: vm.id }),
      () =>
        one.call('PUT', `/v2.0/routers/${router.id}`, { router: { external_gateway_info: null } }),
    );
    expect([
      '201 RouterExternalGatewayInUseByFloatingIp',
      'ExternalGatewayForFloatingIPNotFound 200',
    ]).toContain(outcome);
    await caughtUp(one, two);
    checkFloatingIps(one);
  }
});

test('an interface goes or a floating IP comes, never both', async () => {
  for (let round = 0; round < 20; round += 1) {
    const cloud = await makeCloud(one);
    const { outside, inside, router, vm } = cloud;
    let portId = cloud.interfaceId;
    if (round % 2 === 1) {
      // An interface that stays when it loses the subnet: it has an IPv6 address besides.
      const v6 = { network_id: inside.network.id, ip_version: 6, cidr: 'fd09::/64' };
      const { id: subnet_id } = await one.make('subnet', v6);
      await act(one, router.id, 'remove_router_interface', { port_id: portId });
      const fixed_ips = [{ subnet_id: inside.subnet.id }, { subnet_id }];
      const mixed = await one.make('port', { network_id: inside.network.id, fixed_ips });
      await act(one, router.id, 'add_router_interface', { port_id: mixed.id });
      portId = mixed.id;
    }
    await caughtUp(two, one);
    const outcome = await raced(
      round % 10,
      () => post(either(round >> 1), { floating_network_id: outside.network.id, port_id: vm.id }),
      () => act(one, router.id, 'remove_router_interface', { subnet_id: inside.subnet.id }),
    );
    expect([
      '201 RouterInterfaceInUseByFloatingIP',
      'ExternalGatewayForFloatingIPNotFound 200',
    ]).toContain(outcome);
    await caughtUp(one, two);
    checkFloatingIps(one);
    const fixed = one.topology.get('port', portId)?.fixed_ips ?? [];
    const isThere = fixed.some(({ subnet_id }) => subnet_id === inside.subnet.id);
    expect(isThere).toBe(outcome.startsWith('201'));
  }
});

test('a port goes, whatever comes to stand for it, and nothing leads to it afterwards', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { outside, vm } = await makeCloud(one);
    const { id } = await one.make('floatingip', { floating_network_id: outside.network.id });
    await caughtUp(two, one);
    const outcome = await raced(
      round % 10,
      () => put(either(round), id, { port_id: vm.id }),
      () => one.call('DELETE', `/v2.0/ports/${vm.id}`),
    );
    expect(['200 204', 'PortNotFound 204']).toContain(outcome);
    await caughtUp(one, two);
    expect(one.topology.get('floatingip', id)?.port_id).toBeNull();
  }
});

test('a router goes or gets an interface, never both', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { network, subnet } = await makeSegment(one, '10.9.0.0/24');
    const { id } = await one.make('router');
    await caughtUp(two, one);
    const outcome = await raced(
      round % 10,
      () => act(either(round), id, 'add_router_interface', { subnet_id: subnet.id }),
      () => one.call('DELETE', `/v2.0/routers/${id}`),
    );
    expect(['200 RouterInUse', 'RouterNotFound 204']).toContain(outcome);
    await caughtUp(one, two);
    const isThere = one.topology.get('router', id) !== undefined;
    expect(one.topology.members('portsOfNetwork', network.id).size > 0).toBe(isThere);
  }
});

test('one router never gets two subnets that overlap', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { id } = await one.make('router');
    const wide = await makeSegment(one, '10.8.0.0/23');
    const narrow = await makeSegment(one, '10.8.1.0/24');
    await caughtUp(two, one);
    const outcome = await raced(
      round,
      () => act(two, id, 'add_router_interface', { subnet_id: wide.subnet.id }),
      () => act(one, id, 'add_router_interface', { subnet_id: narrow.subnet.id }),
    );
    expect(['200 BadRequest', 'BadRequest 200']).toContain(outcome);
  }
});
