/**
 * Goal: routers, their gateways, interfaces and routes behave over REST as Neutron's do, and the ports
 * that belong to them come and go with them.
 * Method: requests through inject() on a controller with a real Redis.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { act, makeCloud, makeOutside, refusal } from './l3-world.ts';
import { type Answer, type Controller, makeSegment, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
const ABSENT = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const get = async (path: string) => (await heddle.call('GET', `/v2.0/${path}`)).body;
const putRouter = (id: string, router: object) =>
  heddle.call('PUT', `/v2.0/routers/${id}`, { router });
const portsOf = async (query: string) => (await get(`ports?${query}`)).ports;
const add = (id: string, body: object) => act(heddle, id, 'add_router_interface', body);
const remove = (id: string, body: object) => act(heddle, id, 'remove_router_interface', body);
const refused = (answer: Promise<Answer>) => refusal(heddle, answer);

describe('a router', () => {
  test('is created with every attribute a client expects', async () => {
    const router = await heddle.make('router', { name: 'edge' });
    expect(router).toEqual({
      id: expect.any(String),
      project_id: 'default',
      tenant_id: 'default',
      name: 'edge',
      description: '',
      admin_state_up: true,
      status: 'ACTIVE',
      external_gateway_info: null,
      routes: [],
      distributed: false,
      ha: false,
      flavor_id: null,
      availability_zone_hints: [],
      availability_zones: [],
      conntrack_helpers: [],
      enable_ndp_proxy: false,
      tags: [],
      revision_number: 1,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect((await get(`routers/${router.id}`)).router).toEqual(router);
    expect((await get(`routers?name=edge&admin_state_up=true`)).routers).toEqual([router]);
  });

  test('is changed, tagged and deleted', async () => {
    const { id } = await heddle.make('router');
    const changed = await putRouter(id, { name: 'b', admin_state_up: false, description: 'd' });
    expect(changed.body.router).toMatchObject({
      name: 'b',
      admin_state_up: false,
      description: 'd',
    });
    expect((await putRouter(id, { distributed: true, ha: true })).body.router).toMatchObject({
      distributed: true,
      ha: true,
      revision_number: 3,
    });
    await heddle.call('PUT', `/v2.0/routers/${id}/tags/red`, {});
    expect((await get(`routers?tags=red`)).routers).toHaveLength(1);
    expect((await heddle.call('DELETE', `/v2.0/routers/${id}`)).status).toBe(204);
    expect((await heddle.call('GET', `/v2.0/routers/${id}`)).error).toBe('RouterNotFound');
    expect((await heddle.call('DELETE', `/v2.0/routers/${id}`)).error).toBe('RouterNotFound');
  });

  test('names the zone of the region, and no other', async () => {
    const router = await heddle.make('router', { availability_zone_hints: ['nova'] });
    expect(router).toMatchObject({
      availability_zone_hints: ['nova'],
      availability_zones: ['nova'],
    });
  });

  test.each([
    [{ availability_zone_hints: ['nova', 'zz'] }, 404, 'AvailabilityZoneNotFound'],
    [{ flavor_id: ABSENT }, 404, 'FlavorNotFound'],
    [{ availability_zone_hints: ['zz'] }, 404, 'AvailabilityZoneNotFound'],
    [{ availability_zone_hints: ['a', 'a'] }, 400, 'HTTPBadRequest'],
    [{ enable_ndp_proxy: true }, 409, 'RouterGatewayNotValid'],
    [{ routes: [] }, 400, 'HTTPBadRequest'],
    [{ status: 'DOWN' }, 400, 'HTTPBadRequest'],
    [{ distributed: 'x' }, 400, 'InvalidInput'],
    [{ external_gateway_info: 'x' }, 400, 'HTTPBadRequest'],
    [{ external_gateway_info: { enable_snat: true } }, 400, 'HTTPBadRequest'],
    [{ external_gateway_info: { network_id: ABSENT, x: 1 } }, 400, 'HTTPBadRequest'],
    [{ external_gateway_info: { network_id: ABSENT } }, 404, 'NetworkNotFound'],
  ])('with %j is refused', async (router, status, type) => {
    expect(await refused(heddle.call('POST', '/v2.0/routers', { router }))).toEqual([status, type]);
  });

  test('that is up does not become distributed, or highly available', async () => {
    const { id } = await heddle.make('router');
    expect(await refused(putRouter(id, { distributed: true }))).toEqual([400, 'BadRequest']);
    expect(await refused(putRouter(id, { ha: true }))).toEqual([400, 'BadRequest']);
    await putRouter(id, { admin_state_up: false });
    const both = { distributed: true, admin_state_up: true };
    expect(await refused(putRouter(id, both))).toEqual([400, 'BadRequest']);
  });
});

describe('a gateway', () => {
  test('is a port of no project, made, moved and deleted with the router', async () => {
    const { network, subnet } = await makeOutside(heddle);
    const v6 = { network_id: network.id, ip_version: 6, cidr: '2001:db8::/64', enable_dhcp: false };
    const { id: v6Id } = await heddle.make('subnet', v6);
    const before = heddle.topology.revision;
    const gateway = { external_gateway_info: { network_id: network.id } };
    const router = await heddle.make('router', gateway);
    expect(heddle.topology.revision).toBe(before + 1);
    const info = router.external_gateway_info;
    expect(info).toMatchObject({ network_id: network.id, enable_snat: true });
    expect(info.external_fixed_ips.map((it: { subnet_id: string }) => it.subnet_id)).toEqual([
      subnet.id,
      v6Id,
    ]);
    const [port] = await portsOf(`device_id=${router.id}`);
    expect(port).toMatchObject({
      project_id: '',
      network_id: network.id,
      device_owner: 'network:router_gateway',
      fixed_ips: info.external_fixed_ips,
      port_security_enabled: false,
      status: 'DOWN',
    });
    const wish = [
      { subnet_id: subnet.id, ip_address: '203.0.113.50' },
      { ip_address: '203.0.113.51' },
    ];
    const moved = await putRouter(router.id, {
      external_gateway_info: {
        network_id: network.id,
        enable_snat: false,
        external_fixed_ips: wish,
      },
    });
    expect(moved.body.router.external_gateway_info).toEqual({
      network_id: network.id,
      enable_snat: false,
      external_fixed_ips: [
        { subnet_id: subnet.id, ip_address: '203.0.113.50' },
        { subnet_id: subnet.id, ip_address: '203.0.113.51' },
      ],
    });
    const cleared = await putRouter(router.id, { external_gateway_info: {} });
    expect(cleared.body.router.external_gateway_info).toBeNull();
    expect(await portsOf(`network_id=${network.id}`)).toEqual([]);
    await putRouter(router.id, gateway);
    expect((await heddle.call('DELETE', `/v2.0/routers/${router.id}`)).status).toBe(204);
    expect(await portsOf(`network_id=${network.id}`)).toEqual([]);
    expect((await heddle.call('DELETE', `/v2.0/networks/${network.id}`)).status).toBe(204);
  });

  test('keeps its addresses, and forgets enable_snat, when its network is named again', async () => {
    const { network } = await makeOutside(heddle);
    const info = { network_id: network.id, enable_snat: false };
    const router = await heddle.make('router', { external_gateway_info: info });
    const again = await putRouter(router.id, { external_gateway_info: { network_id: network.id } });
    expect(again.body.router.external_gateway_info).toEqual({
      ...router.external_gateway_info,
      enable_snat: true,
    });
  });

  test('gets an address of a version that its network had not before', async () => {
    const { network } = await makeOutside(heddle);
    const router = await heddle.make('router', {
      external_gateway_info: { network_id: network.id },
    });
    const more = { network_id: network.id, enable_dhcp: false };
    await heddle.make('subnet', { ...more, ip_version: 4, cidr: '203.0.114.0/24' });
    const v6 = await heddle.make('subnet', { ...more, ip_version: 6, cidr: '2001:db8::/64' });
    const after = (await get(`routers/${router.id}`)).router;
    expect(after.external_gateway_info.external_fixed_ips).toEqual([
      ...router.external_gateway_info.external_fixed_ips,
      { subnet_id: v6.id, ip_address: expect.stringContaining('2001:db8::') },
    ]);
    expect(after.revision_number).toBe(2);
  });

  test('is refused where Neutron refuses it', async () => {
    const { network } = await makeOutside(heddle);
    const inside = await makeSegment(heddle, '203.0.113.0/25');
    const { id } = await heddle.make('router');
    const set = (info: object) => refused(putRouter(id, { external_gateway_info: info }));
    expect(await set({ network_id: inside.network.id })).toEqual([400, 'BadRequest']);
    const at = (ip_address: string) => ({
      network_id: network.id,
      external_fixed_ips: [{ ip_address }],
    });
    expect(await set(at('203.0.113.1'))).toEqual([400, 'BadRequest']);
    expect(await set(at('192.0.2.1'))).toEqual([400, 'InvalidIpForNetwork']);
    await heddle.make('router', { external_gateway_info: at('203.0.113.60') });
    expect(await set(at('203.0.113.60'))).toEqual([409, 'IpAddressAlreadyAllocated']);
    await add(id, { subnet_id: inside.subnet.id });
    expect(await set({ network_id: network.id })).toEqual([400, 'BadRequest']);
  });

  test('keeps its network external, and there', async () => {
    const { network, subnet } = await makeOutside(heddle);
    await heddle.make('router', { external_gateway_info: { network_id: network.id } });
    const close = { network: { 'router:external': false } };
    const path = `/v2.0/networks/${network.id}`;
    expect(await refused(heddle.call('PUT', path, close))).toEqual([409, 'ExternalNetworkInUse']);
    expect(await refused(heddle.call('DELETE', path))).toEqual([409, 'NetworkInUse']);
    expect(await refused(heddle.call('DELETE', `/v2.0/subnets/${subnet.id}`))).toEqual([
      409,
      'SubnetInUse',
    ]);
  });
});

describe('an interface', () => {
  test('added by subnet is a port at its gateway, and goes again', async () => {
    const { network, subnet } = await makeSegment(heddle, '10.20.0.0/24');
    const { id } = await heddle.make('router');
    const added = await add(id, { subnet_id: subnet.id });
    const answer = {
      id,
      tenant_id: 'default',
      port_id: expect.any(String),
      network_id: network.id,
      subnet_id: subnet.id,
      subnet_ids: [subnet.id],
    };
    expect([added.status, added.body]).toEqual([200, answer]);
    expect((await get(`ports/${added.body.port_id}`)).port).toMatchObject({
      project_id: 'default',
      device_id: id,
      device_owner: 'network:router_interface',
      fixed_ips: [{ subnet_id: subnet.id, ip_address: '10.20.0.1' }],
    });
    expect((await get(`routers/${id}`)).router.revision_number).toBe(2);
    expect(await refused(heddle.call('DELETE', `/v2.0/routers/${id}`))).toEqual([
      409,
      'RouterInUse',
    ]);
    const removed = await remove(id, { subnet_id: subnet.id });
    expect([removed.status, removed.body]).toEqual([
      200,
      { ...answer, port_id: added.body.port_id },
    ]);
    expect((await heddle.call('GET', `/v2.0/ports/${added.body.port_id}`)).status).toBe(404);
    expect((await heddle.call('DELETE', `/v2.0/routers/${id}`)).status).toBe(204);
  });

  test('added by port takes the port as it is', async () => {
    const { network, subnet } = await makeSegment(heddle, '10.21.0.0/24');
    const { id } = await heddle.make('router');
    const port = await heddle.make('port', { network_id: network.id, name: 'mine' });
    expect((await add(id, { port_id: port.id })).body).toMatchObject({
      port_id: port.id,
      subnet_ids: [subnet.id],
    });
    expect((await get(`ports/${port.id}`)).port).toMatchObject({
      name: 'mine',
      device_id: id,
      device_owner: 'network:router_interface',
      fixed_ips: port.fixed_ips,
    });
    expect((await remove(id, { port_id: port.id, subnet_id: subnet.id })).status).toBe(200);
    expect((await heddle.call('GET', `/v2.0/ports/${port.id}`)).status).toBe(404);
  });

  test('has all the IPv6 subnets of a network that are added', async () => {
    const { network } = await makeSegment(heddle, '10.22.0.0/24');
    const v6 = (cidr: string) =>
      heddle.make('subnet', { network_id: network.id, ip_version: 6, cidr });
    const [one, two] = [await v6('fd01::/64'), await v6('fd02::/64')];
    const { id } = await heddle.make('router');
    const { port_id } = (await add(id, { subnet_id: one.id })).body;
    expect((await add(id, { subnet_id: two.id })).body).toMatchObject({
      port_id,
      subnet_id: two.id,
      subnet_ids: [two.id],
    });
    const addresses = async () =>
      (await get(`ports/${port_id}`)).port.fixed_ips.map(
        (it: { ip_address: string }) => it.ip_address,
      );
    expect(await addresses()).toEqual(['fd01::', 'fd02::']);
    const other = await heddle.make('port', {
      network_id: network.id,
      fixed_ips: [{ subnet_id: two.id }],
    });
    expect(await refused(add(id, { port_id: other.id }))).toEqual([400, 'BadRequest']);
    expect((await remove(id, { subnet_id: one.id })).body.subnet_ids).toEqual([one.id]);
    expect(await addresses()).toEqual(['fd02::']);
    expect((await remove(id, { port_id })).body.subnet_ids).toEqual([two.id]);
  });

  test('is refused where Neutron refuses it', async () => {
    const { network, subnet } = await makeSegment(heddle, '10.23.0.0/24');
    const other = await makeSegment(heddle, '10.23.0.0/25');
    const make = (attributes: object) => heddle.make('subnet', { ip_version: 4, ...attributes });
    const bare = await make({ network_id: network.id, cidr: '10.24.0.0/24', gateway_ip: null });
    const second = await make({ network_id: network.id, cidr: '10.25.0.0/24' });
    const foreign = await make({
      network_id: other.network.id,
      ip_version: 6,
      cidr: 'fd05::/64',
      ipv6_address_mode: 'slaac',
    });
    const { id } = await heddle.make('router');
    const port = (attributes: object) =>
      heddle.make('port', { network_id: network.id, ...attributes });
    const bad: [object, number, string][] = [
      [{}, 400, 'BadRequest'],
      [{ subnet_id: 'x' }, 400, 'BadRequest'],
      [{ subnet_id: subnet.id, port_id: ABSENT }, 400, 'BadRequest'],
      [{ subnet_id: ABSENT }, 404, 'SubnetNotFound'],
      [{ port_id: ABSENT }, 404, 'PortNotFound'],
      [{ subnet_id: bare.id }, 400, 'BadRequest'],
      [{ subnet_id: foreign.id }, 400, 'BadRequest'],
      [{ port_id: (await port({ fixed_ips: [] })).id }, 400, 'BadRequest'],
      [{ port_id: (await port({ device_id: 'vm' })).id }, 409, 'PortInUse'],
      [
        {
          port_id: (await port({ fixed_ips: [{ subnet_id: subnet.id }, { subnet_id: second.id }] }))
            .id,
        },
        400,
        'BadRequest',
      ],
    ];
    for (const [body, status, type] of bad) {
      expect(await refused(add(id, body)), JSON.stringify(body)).toEqual([status, type]);
    }
    expect((await add(id, { subnet_id: subnet.id })).status).toBe(200);
    expect(await refused(add(id, { subnet_id: subnet.id }))).toEqual([400, 'BadRequest']);
    expect(await refused(add(id, { subnet_id: other.subnet.id }))).toEqual([400, 'BadRequest']);
    const rival = await heddle.make('router');
    expect(await refused(add(rival.id, { subnet_id: subnet.id }))).toEqual([
      409,
      'IpAddressAlreadyAllocated',
    ]);
    expect(await refused(add(ABSENT, { subnet_id: subnet.id }))).toEqual([404, 'RouterNotFound']);
  });

  test('is removed only where it is, and not while it is needed', async () => {
    const { router, inside, interfaceId, vm } = await makeCloud(heddle);
    const other = await makeSegment(heddle, '10.40.0.0/24');
    const bad: [object, number, string][] = [
      [{}, 400, 'BadRequest'],
      [{ subnet_id: ABSENT }, 404, 'SubnetNotFound'],
      [{ subnet_id: other.subnet.id }, 404, 'RouterInterfaceNotFoundForSubnet'],
      [{ port_id: ABSENT }, 404, 'RouterInterfaceNotFound'],
      [{ port_id: vm.id }, 404, 'RouterInterfaceNotFound'],
      [{ port_id: interfaceId, subnet_id: other.subnet.id }, 400, 'SubnetMismatchForPort'],
    ];
    for (const [body, status, type] of bad) {
      expect(await refused(remove(router.id, body)), JSON.stringify(body)).toEqual([status, type]);
    }
    const routes = [{ destination: '192.0.2.0/24', nexthop: '10.1.0.9' }];
    await putRouter(router.id, { routes });
    for (const body of [{ subnet_id: inside.subnet.id }, { port_id: interfaceId }]) {
      expect(await refused(remove(router.id, body))).toEqual([409, 'RouterInterfaceInUseByRoute']);
    }
  });

  test('is left to its router: not deleted, moved or renamed through ports', async () => {
    const { router, inside, interfaceId } = await makeCloud(heddle);
    const [gateway] = await portsOf(`device_id=${router.id}&device_owner=network:router_gateway`);
    const path = `/v2.0/ports/${interfaceId}`;
    const put = (port: object) => refused(heddle.call('PUT', path, { port }));
    for (const id of [interfaceId, gateway.id]) {
      expect(await refused(heddle.call('DELETE', `/v2.0/ports/${id}`))).toEqual([
        409,
        'ServicePortInUse',
      ]);
    }
    const at = (ip_address: string) => [{ subnet_id: inside.subnet.id, ip_address }];
    expect(await put({ fixed_ips: at('10.1.0.77') })).toEqual([400, 'BadRequest']);
    expect(await put({ fixed_ips: [] })).toEqual([400, 'BadRequest']);
    expect(await put({ device_id: '' })).toEqual([409, 'PortInUse']);
    expect(await put({ device_owner: 'compute:x' })).toEqual([409, 'PortInUse']);
    expect(await put({ mac_address: 'fa:16:3e:00:00:01' })).toEqual([
      409,
      'UnsupportedPortDeviceOwner',
    ]);
    const same = { port: { fixed_ips: [{ subnet_id: inside.subnet.id }], name: 'if' } };
    expect((await heddle.call('PUT', path, same)).status).toBe(200);
    const outside = { port: { fixed_ips: [{ ip_address: '203.0.113.99' }] } };
    expect((await heddle.call('PUT', `/v2.0/ports/${gateway.id}`, outside)).status).toBe(200);
    const info = (await get(`routers/${router.id}`)).router.external_gateway_info;
    expect(info.external_fixed_ips).toMatchObject([{ ip_address: '203.0.113.99' }]);
    expect(await refused(heddle.call('DELETE', `/v2.0/subnets/${inside.subnet.id}`))).toEqual([
      409,
      'SubnetInUse',
    ]);
    expect(await refused(heddle.call('DELETE', `/v2.0/networks/${inside.network.id}`))).toEqual([
      409,
      'NetworkInUse',
    ]);
    const gone = { subnet: { gateway_ip: '10.1.0.250' } };
    expect(await refused(heddle.call('PUT', `/v2.0/subnets/${inside.subnet.id}`, gone))).toEqual([
      409,
      'GatewayIpInUse',
    ]);
  });
});

describe('routes', () => {
  const route = (destination: string, nexthop: string) => ({ destination, nexthop });

  test('are replaced, added and removed one by one', async () => {
    const { router } = await makeCloud(heddle);
    const one = route('192.0.2.0/24', '10.1.0.9');
    const two = route('192.0.3.0/24', '203.0.113.9');
    expect((await putRouter(router.id, { routes: [one] })).body.router.routes).toEqual([one]);
    const added = await act(heddle, router.id, 'add_extraroutes', {
      router: { routes: [one, two] },
    });
    expect(added.body.router).toMatchObject({
      id: router.id,
      status: 'ACTIVE',
      routes: [one, two],
    });
    expect(Object.keys(added.body.router).toSorted()).toEqual(Object.keys(router).toSorted());
    const absent = route('192.0.99.0/24', '10.1.0.9');
    const body = { router: { routes: [one, absent] } };
    const removed = await act(heddle, router.id, 'remove_extraroutes', body);
    expect(removed.body.router.routes).toEqual([two]);
    expect((await putRouter(router.id, { routes: null })).body.router.routes).toEqual([]);
  });

  test('have neighbours for next hops, and there are at most thirty', async () => {
    const { router } = await makeCloud(heddle);
    const put = (...routes: object[]) => refused(putRouter(router.id, { routes }));
    expect(await put(route('192.0.2.0/24', '172.16.0.1'))).toEqual([400, 'InvalidRoutes']);
    expect(await put(route('192.0.2.0/24', '10.1.0.1'))).toEqual([400, 'InvalidRoutes']);
    expect(await put(route('192.0.2.1/24', '10.1.0.9'))).toEqual([400, 'HTTPBadRequest']);
    expect(await put(route('127.0.0.0/8', '10.1.0.9'))).toEqual([400, 'HTTPBadRequest']);
    const twice = route('192.0.2.0/24', '10.1.0.9');
    expect(await put(twice, twice)).toEqual([400, 'HTTPBadRequest']);
    const many = Array.from({ length: 31 }, (_, at) => route(`192.0.${at}.0/24`, '10.1.0.9'));
    expect(await put(...many)).toEqual([400, 'RoutesExhausted']);
    const add31 = act(heddle, router.id, 'add_extraroutes', { router: { routes: many } });
    expect(await refused(add31)).toEqual([400, 'RoutesExhausted']);
    for (const body of [
      {},
      { router: {} },
      { router: { routes: null } },
      { router: { routes: [1] } },
    ]) {
      const answer = act(heddle, router.id, 'add_extraroutes', body);
      expect(await refused(answer)).toEqual([400, 'HTTPBadRequest']);
    }
  });

  test('keep the gateway that they need', async () => {
    const { router } = await makeCloud(heddle);
    await putRouter(router.id, { routes: [route('192.0.2.0/24', '203.0.113.9')] });
    expect(await refused(putRouter(router.id, { external_gateway_info: null }))).toEqual([
      400,
      'InvalidRoutes',
    ]);
    const both = { external_gateway_info: null, routes: [] };
    expect((await putRouter(router.id, both)).status).toBe(200);
  });
});
