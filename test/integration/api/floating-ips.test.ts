/**
 * Goal: floating IPs behave over REST as Neutron's do.
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
const show = async (id: string) => (await get(`floatingips/${id}`)).floatingip;
const post = (floatingip: object) => heddle.call('POST', '/v2.0/floatingips', { floatingip });
const put = (id: string, floatingip: object) =>
  heddle.call('PUT', `/v2.0/floatingips/${id}`, { floatingip });
const NOTHING = { port_id: null, fixed_ip_address: null, router_id: null, port_details: null };
const refused = (answer: Promise<Answer>) => refusal(heddle, answer);

describe('a floating IP', () => {
  test('has an address of its own, with a port that nobody else may touch', async () => {
    const { network, subnet } = await makeOutside(heddle);
    const before = heddle.topology.revision;
    const fip = await heddle.make('floatingip', { floating_network_id: network.id });
    expect(heddle.topology.revision).toBe(before + 1);
    expect(fip).toEqual({
      id: expect.any(String),
      project_id: 'default',
      tenant_id: 'default',
      description: '',
      floating_network_id: network.id,
      floating_ip_address: expect.stringMatching(/^203\.0\.113\.\d+$/),
      ...NOTHING,
      status: 'DOWN',
      port_forwardings: [],
      qos_policy_id: null,
      qos_network_policy_id: null,
      dns_name: '',
      dns_domain: '',
      tags: [],
      revision_number: 1,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    const [port] = (await get(`ports?device_id=${fip.id}`)).ports;
    expect(port).toMatchObject({
      project_id: '',
      device_owner: 'network:floatingip',
      status: 'N/A',
      fixed_ips: [{ subnet_id: subnet.id, ip_address: fip.floating_ip_address }],
    });
    const path = `/v2.0/ports/${port.id}`;
    expect(await refused(heddle.call('DELETE', path))).toEqual([409, 'ServicePortInUse']);
    const moved = { port: { fixed_ips: [] } };
    expect(await refused(heddle.call('PUT', path, moved))).toEqual([400, 'BadRequest']);
    const taken = { network_id: network.id, fixed_ips: port.fixed_ips };
    expect(await refused(heddle.call('POST', '/v2.0/ports', { port: taken }))).toEqual([
      409,
      'IpAddressAlreadyAllocated',
    ]);
    expect((await heddle.call('DELETE', `/v2.0/floatingips/${fip.id}`)).status).toBe(204);
    expect((await heddle.call('GET', path)).error).toBe('PortNotFound');
    expect((await heddle.call('GET', `/v2.0/floatingips/${fip.id}`)).error).toBe(
      'FloatingIPNotFound',
    );
  });

  test('gets the subnet and the address that are asked for', async () => {
    const { network } = await makeOutside(heddle);
    const where = { network_id: network.id, ip_version: 4, cidr: '198.51.100.0/24' };
    const { id: subnet_id } = await heddle.make('subnet', where);
    const fip = { floating_network_id: network.id };
    const there = await heddle.make('floatingip', { ...fip, subnet_id });
    expect(there.floating_ip_address).toMatch(/^198\.51\.100\./);
    const wish = { ...fip, floating_ip_address: '203.0.113.70' };
    expect((await heddle.make('floatingip', wish)).floating_ip_address).toBe('203.0.113.70');
    expect(await refused(post(wish))).toEqual([409, 'IpAddressAlreadyAllocated']);
    const named = { ...fip, dns_name: 'My-Name', dns_domain: 'Example.org.', description: 'd' };
    expect(await heddle.make('floatingip', named)).toMatchObject({
      dns_name: 'my-name',
      dns_domain: 'example.org.',
      description: 'd',
    });
  });

  test('stands for a port, for another, and for none', async () => {
    const { outside, inside, router, vm } = await makeCloud(heddle);
    const made = await heddle.make('floatingip', {
      floating_network_id: outside.network.id,
      port_id: vm.id,
    });
    expect(made).toMatchObject({
      port_id: vm.id,
      fixed_ip_address: vm.fixed_ips[0].ip_address,
      router_id: router.id,
      revision_number: 1,
      port_details: {
        name: '',
        network_id: inside.network.id,
        mac_address: vm.mac_address,
        admin_state_up: true,
        status: 'DOWN',
        device_id: '',
        device_owner: '',
      },
    });
    const two = await heddle.make('port', {
      network_id: inside.network.id,
      fixed_ips: [{ ip_address: '10.1.0.60' }, { ip_address: '10.1.0.61' }],
    });
    const wish = { port_id: two.id, fixed_ip_address: '10.1.0.61' };
    expect((await put(made.id, wish)).body.floatingip).toMatchObject(wish);
    // Neither a description nor the same again changes what it stands for.
    expect((await put(made.id, { description: 'd' })).body.floatingip).toMatchObject(wish);
    expect((await put(made.id, wish)).body.floatingip).toMatchObject(wish);
    expect(
      (await get(`floatingips?port_id=${two.id}&fixed_ip_address=10.1.0.61`)).floatingips,
    ).toHaveLength(1);
    expect((await get(`floatingips?router_id=${router.id}&status=DOWN`)).floatingips).toHaveLength(
      1,
    );
    expect((await put(made.id, { port_id: null })).body.floatingip).toMatchObject(NOTHING);
    await put(made.id, { port_id: vm.id });
    expect((await put(made.id, {})).body.floatingip).toMatchObject(NOTHING);
  });

  test('goes through the router that is the gateway of its port', async () => {
    const { outside, inside, vm } = await makeCloud(heddle);
    const gateway = { external_gateway_info: { network_id: outside.network.id } };
    const second = await heddle.make('router', gateway);
    const side = await heddle.make('port', { network_id: inside.network.id });
    await act(heddle, second.id, 'add_router_interface', { port_id: side.id });
    const fip = { floating_network_id: outside.network.id, port_id: vm.id };
    const made = await heddle.make('floatingip', fip);
    expect(made.router_id).not.toBe(second.id);
    const later = await makeCloud(heddle, '10.2.0.0/24');
    const away = { floating_network_id: outside.network.id, port_id: later.vm.id };
    expect(await refused(post(away))).toEqual([404, 'ExternalGatewayForFloatingIPNotFound']);
  });

  test('ends with its port, with its address, and is there for another', async () => {
    const { outside, inside, vm } = await makeCloud(heddle);
    const fip = { floating_network_id: outside.network.id, port_id: vm.id };
    const { id } = await heddle.make('floatingip', fip);
    const moved = {
      port: { fixed_ips: [{ subnet_id: inside.subnet.id, ip_address: '10.1.0.99' }] },
    };
    await heddle.call('PUT', `/v2.0/ports/${vm.id}`, moved);
    expect(await show(id)).toMatchObject(NOTHING);
    await put(id, { port_id: vm.id });
    expect((await heddle.call('DELETE', `/v2.0/ports/${vm.id}`)).status).toBe(204);
    expect(await show(id)).toMatchObject({ ...NOTHING, revision_number: 4 });
  });

  test('keeps the router that it needs', async () => {
    const { outside, inside, router, vm, interfaceId } = await makeCloud(heddle);
    const fip = { floating_network_id: outside.network.id, port_id: vm.id };
    const { id } = await heddle.make('floatingip', fip);
    const path = `/v2.0/routers/${router.id}`;
    const none = { router: { external_gateway_info: null } };
    const gatewayInUse = [409, 'RouterExternalGatewayInUseByFloatingIp'];
    expect(await refused(heddle.call('PUT', path, none))).toEqual(gatewayInUse);
    for (const body of [{ subnet_id: inside.subnet.id }, { port_id: interfaceId }]) {
      const removed = act(heddle, router.id, 'remove_router_interface', body);
      expect(await refused(removed)).toEqual([409, 'RouterInterfaceInUseByFloatingIP']);
    }
    const outer = `/v2.0/networks/${outside.network.id}`;
    expect(await refused(heddle.call('DELETE', outer))).toEqual([409, 'NetworkInUse']);
    await put(id, { port_id: null });
    expect((await heddle.call('PUT', path, none)).status).toBe(200);
    // One that stands for nothing goes with its network.
    expect((await heddle.call('DELETE', outer)).status).toBe(204);
    expect((await heddle.call('GET', `/v2.0/floatingips/${id}`)).status).toBe(404);
  });

  test('is refused where Neutron refuses it', async () => {
    const { outside, inside, vm } = await makeCloud(heddle);
    const bare = await heddle.make('network', { 'router:external': true });
    const port = (attributes: object) =>
      heddle.make('port', { network_id: inside.network.id, ...attributes });
    const two = await port({
      fixed_ips: [{ ip_address: '10.1.0.60' }, { ip_address: '10.1.0.61' }],
    });
    const none = await port({ fixed_ips: [] });
    const dhcp = await port({ device_owner: 'network:dhcp' });
    const far = await makeSegment(heddle, '10.50.0.0/24');
    const unreachable = await heddle.make('port', { network_id: far.network.id });
    const at = { floating_network_id: outside.network.id };
    await heddle.make('floatingip', { ...at, port_id: vm.id });
    const bad: [object, number, string][] = [
      [{}, 400, 'HTTPBadRequest'],
      [{ floating_network_id: ABSENT }, 404, 'NetworkNotFound'],
      [{ floating_network_id: inside.network.id }, 400, 'BadRequest'],
      [{ floating_network_id: bare.id }, 400, 'BadRequest'],
      [{ ...at, floating_ip_address: '192.0.2.1' }, 400, 'InvalidIpForNetwork'],
      [{ ...at, subnet_id: inside.subnet.id }, 400, 'InvalidInput'],
      [{ ...at, subnet_id: ABSENT }, 404, 'SubnetNotFound'],
      [{ ...at, router_id: ABSENT }, 400, 'HTTPBadRequest'],
      [{ ...at, dns_name: 'a b' }, 400, 'HTTPBadRequest'],
      [{ ...at, dns_domain: 'x.org' }, 400, 'HTTPBadRequest'],
      [{ ...at, dns_name: 5 }, 400, 'InvalidInput'],
      [{ ...at, port_id: ABSENT }, 404, 'PortNotFound'],
      [{ ...at, fixed_ip_address: '10.1.0.60' }, 400, 'BadRequest'],
      [{ ...at, port_id: two.id }, 400, 'BadRequest'],
      [{ ...at, port_id: two.id, fixed_ip_address: '10.1.0.9' }, 400, 'BadRequest'],
      [{ ...at, port_id: two.id, fixed_ip_address: 'fd00::1' }, 400, 'BadRequest'],
      [{ ...at, port_id: none.id }, 400, 'BadRequest'],
      [{ ...at, port_id: dhcp.id }, 400, 'BadRequest'],
      [{ ...at, port_id: unreachable.id }, 404, 'ExternalGatewayForFloatingIPNotFound'],
      [{ ...at, port_id: vm.id }, 409, 'FloatingIPPortAlreadyAssociated'],
    ];
    for (const [floatingip, status, type] of bad) {
      expect(await refused(post(floatingip)), JSON.stringify(floatingip)).toEqual([status, type]);
    }
    const v6 = { network_id: outside.network.id, ip_version: 6, cidr: '2001:db8:9::/64' };
    const { id: subnet_id } = await heddle.make('subnet', v6);
    const onlyV6 = post({ ...at, subnet_id });
    expect(await refused(onlyV6)).toEqual([400, 'ExternalIpAddressExhausted']);
    const { id } = await heddle.make('floatingip', at);
    expect(await refused(put(id, { port_id: vm.id }))).toEqual([
      409,
      'FloatingIPPortAlreadyAssociated',
    ]);
    expect(await refused(put(id, { fixed_ip_address: '10.1.0.60' }))).toEqual([400, 'BadRequest']);
    expect(await refused(put(id, { floating_ip_address: '203.0.113.9' }))).toEqual([
      400,
      'HTTPBadRequest',
    ]);
  });
});
