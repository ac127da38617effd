/**
 * Goal: networks and subnets become the records that Neutron would make of the same requests, or are
 * refused with its error types and texts.
 * Method: requests against a small topology.
 */
import { describe, expect, test } from 'vitest';
import {
  checkNetworkDelete,
  freshNetwork,
  type Subnet,
  touchedNetwork,
  updatedNetwork,
  updatedSubnet,
  vniClaim,
} from '../../../src/topology/index.ts';
import {
  AT,
  LATER,
  readNetworkCreate,
  readNetworkUpdate,
  readSubnetUpdate,
  refusal,
  World,
} from './world.ts';

describe('a network', () => {
  test('is made with defaults and stamps', () => {
    const world = new World();
    expect(world.network({ name: 'blue' })).toMatchObject({
      name: 'blue',
      project_id: 'tenant',
      mtu: 1450,
      'provider:network_type': 'geneve',
      'provider:segmentation_id': expect.any(Number),
      'router:external': false,
      revision_number: 1,
      created_at: AT,
      updated_at: AT,
    });
  });

  test('is owned by the project that its request names', () => {
    expect(new World().network({ tenant_id: 'other' }).project_id).toBe('other');
  });

  test('has a new revision and time after an update, and the rest as it was', () => {
    const network = new World().network({ name: 'blue' });
    const after = updatedNetwork(network, readNetworkUpdate({ admin_state_up: false }), LATER, []);
    expect(after).toEqual({
      ...network,
      admin_state_up: false,
      revision_number: 2,
      updated_at: LATER,
    });
    expect(touchedNetwork(network, LATER)).toEqual({
      ...network,
      revision_number: 2,
      updated_at: LATER,
    });
  });

  test('keeps an MTU that its subnets can live with', () => {
    const world = new World();
    const network = world.network({ mtu: 1300 });
    world.subnet(network, { ip_version: 6, cidr: '2001:db8::/64' });
    const shrink = (mtu: number) => () =>
      updatedNetwork(
        network,
        readNetworkUpdate({ mtu }),
        LATER,
        world.topology.members('subnetsOfNetwork', network.id).values(),
      );
    expect(shrink(1280)).not.toThrow();
    expect(refusal(shrink(1279))).toEqual([
      'NetworkMTUSubnetConflict',
      409,
      `MTU of ${network.id} is not valid, subnet requires a minimum of 1280`,
    ]);
    expect(refusal(() => world.network({ mtu: 67 }))[0]).toBe('NetworkMTUSubnetConflict');
    expect(refusal(() => world.network({ mtu: 65_536 }))[0]).toBe('InvalidInput');
  });

  test('is not deleted while it has ports, which are named', () => {
    const world = new World();
    const network = world.network();
    expect(() => checkNetworkDelete(world.topology, network.id)).not.toThrow();
    const port = world.port(network);
    expect(refusal(() => checkNetworkDelete(world.topology, network.id))).toEqual([
      'NetworkInUse',
      409,
      `Unable to complete operation on network ${network.id}. There are one or more ports still in use on the network, id for these ports is: ${port.id}.`,
    ]);
  });

  test('gets a VNI that no other has or is about to have', () => {
    const world = new World();
    world.network({ 'provider:segmentation_id': 1 });
    world.reservations.add(vniClaim(2));
    const { topology, reservations } = world;
    const draws = [0, 1, 2];
    const random = { ...world.random, integer: () => draws.shift() ?? 0 };
    const given = readNetworkCreate({});
    const made = freshNetwork(given, world.birth(), { topology, reservations, random });
    expect(made.vni).toBe(3);
    const stuck = { topology, reservations, random: { ...world.random, integer: () => 0 } };
    expect(refusal(() => freshNetwork(given, world.birth(), stuck))[0]).toBe('NoNetworkAvailable');
  });
});

describe('a subnet', () => {
  const make = (body: object): Subnet => {
    const world = new World();
    return world.subnet(world.network(), body);
  };

  test('gets the first address as gateway and the rest as its pool', () => {
    expect(make({ cidr: '10.0.0.0/24' })).toMatchObject({
      cidr: '10.0.0.0/24',
      gateway_ip: '10.0.0.1',
      allocation_pools: [{ start: '10.0.0.2', end: '10.0.0.254' }],
      enable_dhcp: true,
      dns_nameservers: [],
      host_routes: [],
      ipv6_address_mode: null,
      ipv6_ra_mode: null,
    });
    expect(make({ cidr: '2001:db8::/64', ip_version: 6 })).toMatchObject({
      gateway_ip: '2001:db8::',
      allocation_pools: [{ start: '2001:db8::1', end: '2001:db8::ffff:ffff:ffff:ffff' }],
    });
  });

  test('has no gateway when its request says so, and its pool is the whole', () => {
    expect(make({ cidr: '10.0.0.0/24', gateway_ip: null })).toMatchObject({
      gateway_ip: null,
      allocation_pools: [{ start: '10.0.0.1', end: '10.0.0.254' }],
    });
  });

  test('may have its gateway outside', () => {
    expect(make({ cidr: '10.0.0.0/24', gateway_ip: '192.0.2.1' }).gateway_ip).toBe('192.0.2.1');
  });

  const invalid = (reason: string) => [
    'InvalidInput',
    400,
    `Invalid input for operation: ${reason}.`,
  ];
  const V6 = { ip_version: 6, cidr: '2001:db8::/64' };
  const dhcp = 'Subnet has a prefix length that is incompatible with DHCP service enabled';

  test.each<[string, object, unknown[]]>([
    [
      'of another version than its CIDR',
      { ip_version: 6, cidr: '10.0.0.0/24' },
      invalid("cidr '10.0.0.0/24' does not match the ip_version '6'"),
    ],
    ['of everything', { cidr: '0.0.0.0/0' }, invalid('0 is not allowed as CIDR prefix length')],
    [
      'of the unspecified IPv6 address',
      { ip_version: 6, cidr: '::/64' },
      invalid("IPv6 subnet '::' is not supported"),
    ],
    ['with DHCP and two addresses', { cidr: '10.0.0.0/31' }, invalid(dhcp)],
    ['with DHCP and two IPv6 addresses', { ip_version: 6, cidr: '2001:db8::/127' }, invalid(dhcp)],
    [
      'with DHCP of multicast addresses',
      { cidr: '224.0.0.0/24' },
      invalid('Multicast IP subnet is not supported if enable_dhcp is True'),
    ],
    [
      'with DHCP of loopback addresses',
      { cidr: '127.0.0.0/24' },
      invalid('Loopback IP subnet is not supported if enable_dhcp is True'),
    ],
    [
      'with DHCP that begins at 0.0.0.0',
      { cidr: '0.0.0.0/24' },
      invalid("First IP '0.0.0.0' of network is not supported if enable_dhcp is True."),
    ],
    [
      'whose gateway is its broadcast address',
      { cidr: '10.0.0.0/24', gateway_ip: '10.0.0.255' },
      invalid('Gateway is not valid on subnet'),
    ],
    [
      'whose gateway is of another version',
      { cidr: '10.0.0.0/24', gateway_ip: '2001:db8::1' },
      invalid("gateway_ip '2001:db8::1' does not match the ip_version '4'"),
    ],
    [
      'whose pool holds the gateway',
      { cidr: '10.0.0.0/24', allocation_pools: [{ start: '10.0.0.1', end: '10.0.0.9' }] },
      [
        'GatewayConflictWithAllocationPools',
        409,
        'Gateway ip 10.0.0.1 conflicts with allocation pool 10.0.0.1-10.0.0.9.',
      ],
    ],
    [
      'whose pool lies outside',
      { cidr: '10.0.0.0/24', allocation_pools: [{ start: '10.0.1.1', end: '10.0.1.9' }] },
      [
        'OutOfBoundsAllocationPool',
        400,
        'The allocation pool 10.0.1.1-10.0.1.9 spans beyond the subnet cidr 10.0.0.0/24.',
      ],
    ],
    [
      'with more nameservers than five',
      { cidr: '10.0.0.0/24', dns_nameservers: [1, 2, 3, 4, 5, 6].map((n) => `192.0.2.${n}`) },
      [
        'DNSNameServersExhausted',
        400,
        'Unable to complete operation for new subnet. The number of DNS nameservers exceeds the limit 5.',
      ],
    ],
    [
      'with a nameserver of another version',
      { cidr: '10.0.0.0/24', dns_nameservers: ['2001:db8::1'] },
      invalid("dns_nameserver '2001:db8::1' does not match the ip_version '4'"),
    ],
    [
      'with a route of another version',
      { cidr: '10.0.0.0/24', host_routes: [{ destination: '2001:db8::/64', nexthop: '10.0.0.9' }] },
      invalid("destination '2001:db8::/64' does not match the ip_version '4'"),
    ],
    [
      'of IPv4 with an IPv6 mode',
      { cidr: '10.0.0.0/24', ipv6_ra_mode: 'slaac' },
      invalid('ipv6_ra_mode is not valid when ip_version is 4'),
    ],
    [
      'with an IPv6 mode and without DHCP',
      { ...V6, ipv6_ra_mode: 'slaac', enable_dhcp: false },
      invalid('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False'),
    ],
    [
      'with two IPv6 modes',
      { ...V6, ipv6_ra_mode: 'slaac', ipv6_address_mode: 'dhcpv6-stateful' },
      invalid(
        "ipv6_ra_mode set to 'slaac' with ipv6_address_mode set to 'dhcpv6-stateful' is not valid. If both attributes are set, they must be the same value",
      ),
    ],
    [
      'auto-addressed with a prefix that is not 64',
      { ip_version: 6, cidr: '2001:db8::/80', ipv6_address_mode: 'slaac' },
      invalid(
        'Invalid CIDR 2001:db8::/80 for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64',
      ),
    ],
  ])('%s is refused', (_, body, expected) => {
    expect(refusal(() => make(body))).toEqual(expected);
  });

  test('may not overlap another of its network, and may that of another network', () => {
    const world = new World();
    const [network, other] = [world.network(), world.network()];
    world.subnet(network, { cidr: '10.0.0.0/16' });
    expect(refusal(() => world.subnet(network, { cidr: '10.0.9.0/24' }))).toEqual(
      invalid(
        `Requested subnet with cidr: 10.0.9.0/24 for network: ${network.id} overlaps with another subnet`,
      ),
    );
    world.subnet(network, { cidr: '10.1.0.0/16' });
    world.subnet(other, { cidr: '10.0.9.0/24' });
  });

  test('is one of at most a thousand of its network, which one commit can delete', () => {
    const world = new World();
    const network = world.network();
    for (let i = 0; i < 1000; i++) world.subnet(network, { cidr: `10.${i >> 8}.${i & 255}.0/24` });
    const quota = ['OverQuota', 409, "Quota exceeded for resources: ['subnet']."];
    expect(refusal(() => world.subnet(network, { cidr: '10.9.0.0/24' }))).toEqual(quota);
    world.subnet(world.network(), { cidr: '10.9.0.0/24' });
  });

  describe('when it is updated', () => {
    const update = (world: World, subnet: Subnet, body: object): Subnet =>
      updatedSubnet(subnet, readSubnetUpdate(body), LATER, world.topology);

    test('takes what the request names and keeps the rest', () => {
      const world = new World();
      const subnet = world.subnet(world.network(), { cidr: '10.0.0.0/24' });
      const pools = [{ start: '10.0.0.10', end: '10.0.0.20' }];
      const after = update(world, subnet, { gateway_ip: '10.0.0.2', allocation_pools: pools });
      expect(after).toEqual({
        ...subnet,
        gateway_ip: '10.0.0.2',
        allocation_pools: pools,
        revision_number: 2,
        updated_at: LATER,
      });
      expect(update(world, after, { gateway_ip: null }).gateway_ip).toBeNull();
    });

    test('is refused a gateway within the pools that it has', () => {
      const world = new World();
      const subnet = world.subnet(world.network(), { cidr: '10.0.0.0/24' });
      expect(refusal(() => update(world, subnet, { gateway_ip: '10.0.0.9' }))[0]).toBe(
        'GatewayConflictWithAllocationPools',
      );
    });

    test('is refused another gateway while a router has the present one', () => {
      const world = new World();
      const network = world.network();
      const subnet = world.subnet(network, { cidr: '10.0.0.0/24' });
      const fixed_ips = [{ ip_address: '10.0.0.1' }];
      const port = world.port(network, { fixed_ips, device_owner: 'network:router_interface' });
      expect(refusal(() => update(world, subnet, { gateway_ip: '10.0.0.9' }))).toEqual([
        'GatewayIpInUse',
        409,
        `Current gateway ip 10.0.0.1 already in use by port ${port.id}. Unable to update.`,
      ]);
      // Without a gateway the port keeps an address like any other.
      expect(update(world, subnet, { gateway_ip: null }).gateway_ip).toBeNull();
    });

    test('is refused DHCP where it does not fit', () => {
      const world = new World();
      const subnet = world.subnet(world.network(), { cidr: '10.0.0.0/31', enable_dhcp: false });
      expect(refusal(() => update(world, subnet, { enable_dhcp: true }))).toEqual(invalid(dhcp));
    });
  });
});
