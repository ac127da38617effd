/**
 * Goal: ports get the addresses that Neutron would give them, never one that another has, and keep
 * them over updates; the rest is refused with Neutron's error types and texts.
 * Method: requests against a small topology; a property over random requests and deletions.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressClaim,
  claimConflict,
  claimsOf,
  type Network,
  type Port,
  referencesOf,
  type Subnet,
} from '../../../src/topology/index.ts';
import { AT, LATER, refusal, uuid, World } from './world.ts';

interface Dual {
  readonly world: World;
  readonly network: Network;
  readonly v4: Subnet;
  readonly v6: Subnet;
  readonly slaac: Subnet;
}

function dual(): Dual {
  const world = new World();
  const network = world.network();
  const v4 = world.subnet(network, { cidr: '10.0.0.0/24' });
  const v6 = world.subnet(network, { cidr: '2001:db8:1::/64', ip_version: 6 });
  const slaac = world.subnet(network, {
    cidr: '2001:db8:2::/64',
    ip_version: 6,
    ipv6_address_mode: 'slaac',
    ipv6_ra_mode: 'slaac',
  });
  return { world, network, v4, v6, slaac };
}

const subnetsOf = (port: Port) => port.fixed_ips.map((fixed) => fixed.subnet_id);
const addressIn = (port: Port, subnet: Subnet) =>
  port.fixed_ips.filter((fixed) => fixed.subnet_id === subnet.id).map((f) => f.ip_address);

describe('a new port', () => {
  test('has the defaults of its request and its network', () => {
    const world = new World();
    const port = world.port(world.network({ port_security_enabled: false }), { name: 'eth0' });
    expect(port).toMatchObject({
      name: 'eth0',
      project_id: 'tenant',
      mac_address: expect.stringMatching(/^fa:16:3e(:[0-9a-f]{2}){3}$/),
      fixed_ips: [],
      port_security_enabled: false,
      'binding:host_id': '',
      'binding:vnic_type': 'normal',
      'binding:profile': {},
      revision_number: 1,
      created_at: AT,
    });
  });

  test('gets one address of each version and that of every auto-addressed subnet', () => {
    const { world, network, v4, v6, slaac } = dual();
    const port = world.port(network, { mac_address: 'fa:16:3e:00:00:01' });
    expect(subnetsOf(port)).toEqual([v4.id, v6.id, slaac.id]);
    expect(addressIn(port, slaac)).toEqual(['2001:db8:2:0:f816:3eff:fe00:1']);
  });

  test('gets from the next subnet of a version when the first is full', () => {
    const world = new World();
    const network = world.network();
    const small = world.subnet(network, { cidr: '10.0.0.0/30' });
    const large = world.subnet(network, { cidr: '10.0.1.0/24' });
    expect(subnetsOf(world.port(network))).toEqual([small.id]);
    expect(subnetsOf(world.port(network))).toEqual([large.id]);
  });

  test('is refused when every subnet of a version is full', () => {
    const world = new World();
    const network = world.network();
    const subnet = world.subnet(network, { cidr: '10.0.0.0/30' });
    world.port(network);
    const expected = [
      'IpAddressGenerationFailure',
      409,
      `No more IP addresses available on network ${network.id}.`,
    ];
    expect(refusal(() => world.port(network))).toEqual(expected);
    const fixed_ips = [{ subnet_id: subnet.id }];
    expect(refusal(() => world.port(network, { fixed_ips }))).toEqual(expected);
  });

  test('gets no address when it asks for none', () => {
    const world = new World();
    const network = world.network();
    world.subnet(network, { cidr: '10.0.0.0/24' });
    expect(world.port(network, { fixed_ips: [] }).fixed_ips).toEqual([]);
  });

  test('gets the addresses that it names, and none that it names is picked for it', () => {
    const world = new World();
    const network = world.network();
    const subnet = world.subnet(network, { cidr: '10.0.0.0/29' });
    const named = ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'];
    const port = world.port(network, {
      fixed_ips: [{ subnet_id: subnet.id }, ...named.map((ip_address) => ({ ip_address }))],
    });
    expect(port.fixed_ips.map((fixed) => fixed.ip_address)).toEqual([...named, '10.0.0.6']);
  });

  test('may have the gateway address, and addresses outside of the pools', () => {
    const world = new World();
    const network = world.network();
    const pools = [{ start: '10.0.0.10', end: '10.0.0.20' }];
    world.subnet(network, { cidr: '10.0.0.0/24', allocation_pools: pools });
    const fixed_ips = [{ ip_address: '10.0.0.1' }, { ip_address: '10.0.0.200' }];
    expect(world.port(network, { fixed_ips }).fixed_ips).toHaveLength(2);
  });

  test('passes over addresses that requests under way were promised', () => {
    const world = new World();
    const network = world.network();
    const subnet = world.subnet(network, { cidr: '10.0.0.0/29' });
    for (const n of [2, 3, 5, 6]) world.reservations.add(addressClaim(subnet.id, `10.0.0.${n}`));
    expect(addressIn(world.port(network), subnet)).toEqual(['10.0.0.4']);
  });

  test.each([
    [{ isolation: 'isolated' }, 'isolated', null],
    [{ isolation: 'promiscuous' }, 'promiscuous', null],
    [{ isolation: 'community', isolation_community: 'web' }, 'community', 'web'],
    [{}, null, null],
  ] as const)('is set apart as it says: %j', (given, isolation, isolation_community) => {
    const world = new World();
    const port = world.port(world.network(), { ...given, port_security_enabled: true });
    expect(port).toMatchObject({ isolation, isolation_community });
  });

  test.each([
    [{ isolation: 'community' }, 'HTTPBadRequest'],
    [{ isolation_community: 'web' }, 'HTTPBadRequest'],
    [{ isolation: 'isolated', isolation_community: 'web' }, 'HTTPBadRequest'],
    [{ isolation: 'community', isolation_community: '' }, 'HTTPBadRequest'],
    [{ isolation: 'isolated', port_security_enabled: false }, 'IsolationAndPortSecurityRequired'],
    [
      {
        isolation: 'isolated',
        allowed_address_pairs: [{ ip_address: '10.0.0.9', mac_address: '02:00:00:00:00:99' }],
      },
      'IsolationAndForeignMac',
    ],
  ] as const)('is not set apart where others could not tell: %j', (given, type) => {
    const world = new World();
    const network = world.network();
    expect(refusal(() => world.port(network, given))[0]).toBe(type);
  });

  test('of a router gets no automatic address', () => {
    const { world, network, slaac } = dual();
    const port = world.port(network, { device_owner: 'network:router_interface' });
    expect(subnetsOf(port)).not.toContain(slaac.id);
  });

  test('has its own MAC address in address pairs that name none', () => {
    const world = new World();
    const mac = 'fa:16:3e:00:00:01';
    const pairs = [{ ip_address: '10.9.0.0/16' }];
    const port = world.port(world.network(), { mac_address: mac, allowed_address_pairs: pairs });
    expect(port.allowed_address_pairs).toEqual([{ ip_address: '10.9.0.0/16', mac_address: mac }]);
  });
});

describe('a new port is refused', () => {
  const invalid = (reason: string) => [
    'InvalidInput',
    400,
    `Invalid input for operation: ${reason}.`,
  ];

  test('a MAC address that another of its network has', () => {
    const world = new World();
    const [network, other] = [world.network(), world.network()];
    const { mac_address } = world.port(network);
    expect(refusal(() => world.port(network, { mac_address }))).toEqual([
      'MacAddressInUse',
      409,
      `Unable to complete operation for network ${network.id}. The mac address ${mac_address} is in use.`,
    ]);
    world.port(other, { mac_address });
  });

  test('an address that another has', () => {
    const { world, network, v4 } = dual();
    const fixed_ips = [{ ip_address: '10.0.0.9' }];
    world.port(network, { fixed_ips });
    expect(refusal(() => world.port(network, { fixed_ips }))).toEqual([
      'IpAddressAlreadyAllocated',
      409,
      `IP address 10.0.0.9 already allocated in subnet ${v4.id}`,
    ]);
  });

  test.each([['10.0.0.0'], ['10.0.0.255'], ['10.0.1.1'], ['2001:db8:9::1']])(
    'the address %s, which no host of its network can have',
    (ip_address) => {
      const { world, network, v4 } = dual();
      expect(refusal(() => world.port(network, { fixed_ips: [{ ip_address }] }))).toEqual([
        'InvalidIpForNetwork',
        400,
        `IP address ${ip_address} is not a valid IP for any of the subnets on the specified network.`,
      ]);
      const fixed_ips = [{ ip_address, subnet_id: v4.id }];
      expect(refusal(() => world.port(network, { fixed_ips }))).toEqual([
        'InvalidIpForSubnet',
        400,
        `IP address ${ip_address} is not a valid IP for the specified subnet.`,
      ]);
    },
  );

  test('an address of its own choice where addresses are automatic', () => {
    const { world, network, slaac } = dual();
    const fixed_ips = [{ ip_address: '2001:db8:2::9' }];
    expect(refusal(() => world.port(network, { fixed_ips }))).toEqual([
      'AllocationOnAutoAddressSubnet',
      400,
      `IPv6 address 2001:db8:2::9 cannot be directly assigned to a port on subnet ${slaac.id} as the subnet is configured for automatic addresses`,
    ]);
  });

  test('an address of a subnet that is not its network’s, or nowhere', () => {
    const { world, network } = dual();
    const other = world.subnet(world.network(), { cidr: '10.0.0.0/24' });
    expect(refusal(() => world.port(network, { fixed_ips: [{ subnet_id: other.id }] }))).toEqual(
      invalid(
        `Failed to create port on network ${network.id}, because fixed_ips included invalid subnet ${other.id}`,
      ),
    );
    const nowhere = uuid(999);
    expect(refusal(() => world.port(network, { fixed_ips: [{ subnet_id: nowhere }] }))).toEqual([
      'SubnetNotFound',
      404,
      `Subnet ${nowhere} could not be found.`,
    ]);
  });

  test('an address where there is no subnet, or one of which it says nothing', () => {
    const world = new World();
    const fixed_ips = [{ ip_address: '10.0.0.1' }];
    expect(refusal(() => world.port(world.network(), { fixed_ips }))).toEqual(
      invalid('IP allocation requires subnets for network'),
    );
    const { world: filled, network } = dual();
    expect(refusal(() => filled.port(network, { fixed_ips: [{}] }))).toEqual(
      invalid('IP allocation requires subnet_id or ip_address'),
    );
  });

  test('address pairs, or security groups, without port security', () => {
    const world = new World();
    const pairs = {
      allowed_address_pairs: [{ ip_address: '10.0.0.1' }],
      port_security_enabled: false,
    };
    expect(refusal(() => world.port(world.network(), pairs))[0]).toBe(
      'AddressPairAndPortSecurityRequired',
    );
    const groups = { security_groups: [uuid(7)], port_security_enabled: false };
    expect(refusal(() => world.port(world.network(), groups)).slice(0, 2)).toEqual([
      'PortSecurityAndIPRequiredForSecurityGroups',
      400,
    ]);
    const port = world.port(world.network(), { security_groups: [uuid(7)] });
    expect(refusal(() => world.updatePort(port, { port_security_enabled: false }))[0]).toBe(
      'PortSecurityPortHasSecurityGroup',
    );
    expect(refusal(() => world.updatePort(port, groups))[0]).toBe(
      'PortSecurityAndIPRequiredForSecurityGroups',
    );
    const none = { port_security_enabled: false, security_groups: [] };
    expect(world.updatePort(port, none).security_groups).toEqual([]);
  });

  test('when no MAC address can be found', () => {
    const world = new World();
    const network = world.network();
    world.port(network, { mac_address: 'fa:16:3e:00:00:00' });
    Object.assign(world, { random: { ...world.random, integer: () => 0 } });
    expect(refusal(() => world.port(network))).toEqual([
      'NetworkMacAddressGenerationFailure',
      503,
      `Unable to generate unique mac on network ${network.id}.`,
    ]);
  });
});

describe('a port that is updated', () => {
  test('keeps its addresses when nobody mentions them', () => {
    const { world, network } = dual();
    const port = world.port(network);
    const after = world.updatePort(port, { name: 'renamed' });
    expect(after).toEqual({ ...port, name: 'renamed', revision_number: 2, updated_at: LATER });
  });

  test('keeps the address of a subnet that is named again, and its automatic ones', () => {
    const { world, network, v4, slaac } = dual();
    const port = world.port(network);
    const after = world.updatePort(port, { fixed_ips: [{ subnet_id: v4.id }] });
    expect(subnetsOf(after)).toEqual([v4.id, slaac.id]);
    expect(addressIn(after, v4)).toEqual(addressIn(port, v4));
  });

  test('gets a second address of a subnet that is named twice', () => {
    const { world, network, v4 } = dual();
    const port = world.port(network, { fixed_ips: [{ subnet_id: v4.id }] });
    const twice = [{ subnet_id: v4.id }, { subnet_id: v4.id }];
    const addresses = addressIn(world.updatePort(port, { fixed_ips: twice }), v4);
    expect(new Set(addresses).size).toBe(2);
    expect(addresses).toContain(addressIn(port, v4)[0]);
  });

  test('gets another automatic address with another MAC address', () => {
    const { world, network, slaac, v4 } = dual();
    const port = world.port(network, { mac_address: 'fa:16:3e:00:00:01' });
    const after = world.updatePort(port, { mac_address: 'fa:16:3e:00:00:02' });
    expect(addressIn(after, slaac)).toEqual(['2001:db8:2:0:f816:3eff:fe00:2']);
    expect(addressIn(after, v4)).toEqual(addressIn(port, v4));
  });

  test('is refused the MAC address and the addresses of another', () => {
    const { world, network, v4 } = dual();
    const [one, two] = [world.port(network), world.port(network)];
    expect(refusal(() => world.updatePort(one, { mac_address: two.mac_address }))[0]).toBe(
      'MacAddressInUse',
    );
    const fixed_ips = addressIn(two, v4).map((ip_address) => ({ ip_address }));
    expect(refusal(() => world.updatePort(one, { fixed_ips }))[0]).toBe(
      'IpAddressAlreadyAllocated',
    );
  });
});

test('claims and references name all that a port has, each once', () => {
  const { world, network, v4 } = dual();
  const fixed_ips = [{ ip_address: '10.0.0.8' }, { ip_address: '10.0.0.9' }];
  const plain = world.port(network, { mac_address: 'fa:16:3e:00:00:01', fixed_ips });
  expect(claimsOf('port', plain)).toEqual([
    `mac/${network.id}/fa:16:3e:00:00:01`,
    `address/${v4.id}/10.0.0.8`,
    `address/${v4.id}/10.0.0.9`,
    `address/${plain.fixed_ips[2]?.subnet_id}/2001:db8:2:0:f816:3eff:fe00:1`,
  ]);
  expect(referencesOf('port', plain)).toEqual([
    `network/${network.id}`,
    `subnet/${v4.id}`,
    `subnet/${plain.fixed_ips[2]?.subnet_id}`,
  ]);
});

test('a claim that was lost is told in Neutron’s words', () => {
  const tell = (claim: string) =>
    refusal(() => {
      throw claimConflict(claim, 'rule-1');
    });
  expect(tell('mac/n/fa:16:3e:00:00:01')).toEqual([
    'MacAddressInUse',
    409,
    'Unable to complete operation for network n. The mac address fa:16:3e:00:00:01 is in use.',
  ]);
  expect(tell('address/s/2001:db8::1')[2]).toBe(
    'IP address 2001:db8::1 already allocated in subnet s',
  );
  expect(tell('vni/7')).toEqual([
    'TunnelIdInUse',
    409,
    'Unable to create the network. The tunnel ID 7 is in use.',
  ]);
});

test('no address or MAC address is ever given twice, and a full subnet is used to the last', () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.constant('create' as const) },
    { weight: 1, arbitrary: fc.nat(20) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const { world, network, v4 } = dualSmall();
      const ports: Port[] = [];
      for (const step of actions) {
        if (step === 'create') {
          const isFull = world.topology.addressesOfSubnet(v4.id).size === 13;
          if (isFull)
            expect(refusal(() => world.port(network))[0]).toBe('IpAddressGenerationFailure');
          else ports.push(world.port(network));
        } else {
          const [gone] = ports.splice(step % Math.max(ports.length, 1), 1);
          if (gone !== undefined) remove(world, gone);
        }
        const claims = ports.flatMap((port) => claimsOf('port', port));
        expect(new Set(claims).size).toBe(claims.length);
      }
    }),
    { numRuns: 60 },
  );
});

function dualSmall(): { world: World; network: Network; v4: Subnet } {
  const world = new World();
  const network = world.network();
  const v4 = world.subnet(network, { cidr: '10.0.0.0/28' });
  world.subnet(network, { cidr: '2001:db8:1::/64', ip_version: 6 });
  return { world, network, v4 };
}

function remove(world: World, port: Port): void {
  const revision = world.topology.revision + 1;
  world.topology.apply({ revision, at: AT, puts: [], deletes: [`port/${port.id}`] });
}
