/**
 * Goal: what requests say of routers, floating IPs and port forwardings is read as Neutron reads it,
 * addresses of routers follow its rules, and the way out is the one that packets take.
 * Method: readers on single values; a small topology of one router between two networks.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floatingIp, router } from '../../../lab/records.ts';
import {
  associate,
  checkOverlap,
  FLOATING_IP_ATTRIBUTES,
  IntentError,
  PORT_FORWARDING_ATTRIBUTES,
  type Port,
  ROUTER_ATTRIBUTES,
  type Router,
  readCreate,
  readUpdate,
  referencesOf,
  type Subnet,
  singlePort,
  wantsOtherAddresses,
} from '../../../src/topology/index.ts';
import { refusal, uuid, World } from './world.ts';

const ID = uuid(9);

describe('a router’s body', () => {
  const gateway = (value: unknown) =>
    readCreate(ROUTER_ATTRIBUTES, { external_gateway_info: value }).external_gateway_info;

  test('says that there is no gateway in three ways', () => {
    expect([gateway(null), gateway({}), gateway([])]).toEqual([null, null, null]);
    expect(readCreate(ROUTER_ATTRIBUTES, {}).external_gateway_info).toBeUndefined();
  });

  test('names a gateway, canonically', () => {
    const fixed = [{ ip_address: '2001:DB8:0::1' }, { subnet_id: ID }];
    expect(gateway({ network_id: ID, enable_snat: 'no', external_fixed_ips: fixed })).toEqual({
      network_id: ID,
      enable_snat: false,
      external_fixed_ips: [{ ip_address: '2001:db8::1' }, { subnet_id: ID }],
    });
  });

  test.each([
    ['x', "'x' is not a dictionary"],
    [{ enable_snat: true }, "Expected keys: ['network_id'] Provided keys: ['enable_snat']"],
    [{ network_id: ID, foo: 1, bar: 2 }, 'Unexpected keys supplied: foo, bar'],
    [{ network_id: 'x' }, "'x' is not a valid UUID"],
    [{ network_id: ID, external_fixed_ips: 'x' }, "Invalid data format for fixed IP: 'x'"],
  ])('is refused with a gateway like %j', (value, reason) => {
    expect(refusal(() => gateway(value))[2]).toContain(
      `Invalid input for external_gateway_info. Reason: `,
    );
    expect(refusal(() => gateway(value))[2]).toContain(reason);
  });

  test.each([
    ['192.0.2.1/24', "'192.0.2.1/24' is not a recognized CIDR, '192.0.2.0/24' is recommended"],
    ['192.0.2.0', "'192.0.2.0' is not a valid CIDR"],
    ['127.0.0.0/8', "'127.0.0.0/8' is not a routable CIDR"],
  ])('is refused with a route to %s', (destination, reason) => {
    const routes = [{ destination, nexthop: '10.0.0.2' }];
    expect(refusal(() => readUpdate(ROUTER_ATTRIBUTES, { routes }))[2]).toBe(
      `Invalid input for routes. Reason: ${reason}.`,
    );
  });

  test('takes an IPv6 route in any spelling', () => {
    const routes = [{ destination: '2001:DB8:0:0::/64', nexthop: 'FE80::1' }];
    expect(readUpdate(ROUTER_ATTRIBUTES, { routes }).routes).toEqual([
      { destination: '2001:db8::/64', nexthop: 'fe80::1' },
    ]);
  });
});

describe('a floating IP’s names', () => {
  const read = (names: object) =>
    readCreate(FLOATING_IP_ATTRIBUTES, { floating_network_id: ID, ...names });

  test('are kept in lower case', () => {
    expect(read({ dns_name: 'Web-1', dns_domain: 'Example.ORG.' })).toMatchObject({
      dns_name: 'web-1',
      dns_domain: 'example.org.',
    });
  });

  test.each([
    [{ dns_name: 'web.' }, 'It should be a relative domain name'],
    [{ dns_name: 'a..b' }, 'Encountered an empty component'],
    [{ dns_name: '-a' }, "Name '-a' must not start or end with a hyphen"],
    [{ dns_name: 'a_b' }, "Name 'a_b' must be 1-63 characters long"],
    [{ dns_name: `${'x'.repeat(64)}` }, 'must be 1-63 characters long'],
    [{ dns_name: 'web.123' }, "TLD '123' must not be all numeric"],
    [{ dns_name: 'a.'.repeat(126).slice(0, -1) }, ''],
    [{ dns_name: `${'a.'.repeat(127)}b` }, 'exceeds 252 characters'],
    [{ dns_domain: 'example.org' }, "'example.org' is not a FQDN"],
  ])('like %j', (names, reason) => {
    if (reason === '') expect(read(names)).toMatchObject(names);
    else expect(refusal(() => read(names))[2]).toContain(reason);
  });
});

describe('a range of ports', () => {
  const read = (range: unknown) =>
    readUpdate(PORT_FORWARDING_ATTRIBUTES, { external_port_range: range }).external_port_range;

  test('is two ports in order, or one', () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(port, port, (a, b) => {
        const [first, last] = a < b ? [a, b] : [b, a];
        expect(read(`${first}:${last}`)).toBe(`${first}:${last}`);
        expect([read(a), read(`${a}`)]).toEqual([`${a}:${a}`, `${a}:${a}`]);
        expect(singlePort(`${first}:${last}`)).toBe(a === b ? a : undefined);
      }),
    );
    expect(read(null)).toBeNull();
  });

  test.each([
    '',
    ':',
    '1:',
    ':2',
    '1:2:3',
    '2:1',
    '0',
    '0:5',
    '1:65536',
    'x',
    '-1',
    '1.5',
    [],
    {},
    true,
  ])('is not %j', (range) => {
    expect(() => read(range)).toThrow(IntentError);
  });
});

describe('addresses of a router', () => {
  const v6 = { ip_version: 6, cidr: '2001:db8::/64' };
  const slaac = { ...v6, ipv6_address_mode: 'slaac', ipv6_ra_mode: 'slaac' };

  test('inside may be an IPv6 subnet’s own, and never follow from the MAC address', () => {
    const world = new World();
    const network = world.network();
    const subnet = world.subnet(network, slaac);
    const device_owner = 'network:router_interface';
    const own = { ip_address: '2001:db8::', subnet_id: subnet.id };
    expect(world.port(network, { device_owner, fixed_ips: [own] }).fixed_ips).toEqual([own]);
    expect(world.port(network, { device_owner }).fixed_ips).toEqual([]);
  });

  test('outside follow from the MAC address as a host’s do', () => {
    const world = new World();
    const network = world.network();
    world.subnet(network, slaac);
    const device_owner = 'network:router_gateway';
    const [fixed] = world.port(network, { device_owner }).fixed_ips;
    expect(fixed?.ip_address).toMatch(/^2001:db8::f816:3eff:fe/);
  });

  test('outside are others when the request names others', () => {
    const has = [
      { subnet_id: 'a', ip_address: '192.0.2.1' },
      { subnet_id: 'b', ip_address: '192.0.2.9' },
    ];
    const port = { fixed_ips: has } as unknown as Port;
    expect(wantsOtherAddresses(port, [])).toBe(false);
    expect(wantsOtherAddresses(port, has.toReversed())).toBe(false);
    expect(wantsOtherAddresses(port, has.slice(1))).toBe(true);
    expect(wantsOtherAddresses(port, [{ subnet_id: 'a' }, { subnet_id: 'b' }])).toBe(true);
  });
});

/** A router between an external network and a tenant's, and a port behind it. */
function cloud() {
  const world = new World();
  const outside = world.network({ 'router:external': true });
  world.subnet(outside, { cidr: '203.0.113.0/24' });
  const inside = world.network();
  const subnet = world.subnet(inside, { cidr: '10.0.0.0/24' });
  const addRouter = (id: string, ip_address: string): Router => {
    const gateway = world.port(outside, { device_id: id, device_owner: 'network:router_gateway' });
    const port = world.port(inside, {
      device_id: id,
      device_owner: 'network:router_interface',
      fixed_ips: [{ ip_address }],
    });
    const record = router(id, { gateway_port_id: gateway.id, interface_port_ids: [port.id] });
    return world.save('router', id, record);
  };
  const fip = floatingIp('fip', { network: outside.id, ip: '203.0.113.7', port: uuid(99) });
  // Given, so that it is none of the routers'.
  const vm = world.port(inside, { fixed_ips: [{ ip_address: '10.0.0.9' }] });
  return { world, outside, inside, subnet, addRouter, fip, vm };
}

describe('the way out', () => {
  test('is through the router that is the subnet’s gateway, else through the first', () => {
    const { world, fip, vm, addRouter } = cloud();
    const way = () => associate(world.topology, fip, { port: vm, address: undefined });
    expect(refusal(way)[0]).toBe('ExternalGatewayForFloatingIPNotFound');
    const side = addRouter('side', '10.0.0.250');
    addRouter('other', '10.0.0.251');
    expect(way().association).toEqual({
      port_id: vm.id,
      fixed_ip_address: vm.fixed_ips[0]?.ip_address,
      router_id: 'side',
      gateway_port_id: side.gateway_port_id,
      interface_port_id: side.interface_port_ids[0],
    });
    addRouter('main', '10.0.0.1');
    expect(way().association.router_id).toBe('main');
  });

  test('is not through a port that only says that it is a router’s', () => {
    const { world, outside, inside, fip, vm } = cloud();
    const device = { device_id: 'r', device_owner: 'network:router_interface' };
    world.port(inside, { ...device, fixed_ips: [{ ip_address: '10.0.0.1' }] });
    const gateway = world.port(outside, { device_id: 'r', device_owner: 'network:router_gateway' });
    world.save('router', 'r', router('r', { gateway_port_id: gateway.id }));
    expect(refusal(() => associate(world.topology, fip, { port: vm, address: undefined }))[0]).toBe(
      'ExternalGatewayForFloatingIPNotFound',
    );
  });

  test('holds every port that it leads through, and the floating IP its own', () => {
    const { world, fip, vm, addRouter } = cloud();
    const main = addRouter('main', '10.0.0.1');
    const { association } = associate(world.topology, fip, { port: vm, address: undefined });
    expect(new Set(referencesOf('floatingip', { ...fip, ...association }))).toEqual(
      new Set(
        [fip.floating_port_id, vm.id, main.gateway_port_id, main.interface_port_ids[0]].map(
          (id) => `port/${id}`,
        ),
      ),
    );
    expect(referencesOf('floatingip', fip)).toEqual([`port/${fip.floating_port_id}`]);
    expect(referencesOf('router', main)).toHaveLength(2);
  });
});

test('a router’s subnets never overlap, and those that its gateway could have are among them', () => {
  const { world, outside, inside, subnet, addRouter } = cloud();
  const main = addRouter('main', '10.0.0.1');
  const second = world.subnet(outside, { cidr: '198.51.100.0/24' });
  const away = (cidr: string): Subnet => world.subnet(world.network(), { cidr });
  const refused = (fresh: Subnet) => refusal(() => checkOverlap(world.topology, main, [fresh]))[2];
  expect(refused(subnet)).toBe(
    `Bad router request: Router already has a port on subnet ${subnet.id}.`,
  );
  const wide = away('10.0.0.0/8');
  expect(refused(wide)).toBe(
    `Bad router request: Cidr 10.0.0.0/8 of subnet ${wide.id} overlaps with cidr 10.0.0.0/24 of subnet ${subnet.id}.`,
  );
  expect(refused(away('10.0.0.128/25'))).toContain('overlaps with cidr 10.0.0.0/24');
  expect(refused(away('198.51.100.0/25'))).toContain(`of subnet ${second.id}`);
  checkOverlap(world.topology, main, [
    away('10.0.1.0/24'),
    world.subnet(inside, { cidr: '10.1.0.0/24' }),
  ]);
});
