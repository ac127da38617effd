/**
 * Goal: ports get and lose addresses with their subnets as in Neutron: those that form their own
 * address in a new auto-addressed subnet, and those whose subnet goes; and subnets that name owners
 * give addresses to ports of these owners alone.
 * Method: small topologies filled by the functions that serve requests.
 */
import { describe, expect, test } from 'vitest';
import type { Port, Subnet } from '../../../src/topology/index.ts';
import {
  portsLacking,
  portsLosing,
  withAutoAddress,
  withoutSubnet,
} from '../../../src/topology/index.ts';
import { LATER, readSubnetUpdate, refusal, World } from './world.ts';

const SLAAC = { ip_version: 6, cidr: '2001:db8::/64', ipv6_address_mode: 'slaac' };
const MAC = 'fa:16:3e:00:00:01';
const EUI64 = '2001:db8::f816:3eff:fe00:1';
const ROUTER = 'network:router_interface';

const ids = (ports: Iterable<Port>) => [...ports].map(({ id }) => id);
const addresses = ({ fixed_ips }: Port) => fixed_ips.map((fixed) => fixed.ip_address);

describe('a new auto-addressed subnet', () => {
  test('gives the ports that are there their addresses, but not interfaces of routers', () => {
    const world = new World();
    const network = world.network();
    const port = world.port(network, { mac_address: MAC });
    const none = world.port(network, { fixed_ips: [] });
    world.port(network, { device_owner: ROUTER });
    const subnet = world.subnet(network, SLAAC);
    const later = world.port(network);
    expect(ids(portsLacking(world.topology, subnet))).toEqual([port.id, none.id]);
    const after = withAutoAddress(port, subnet, LATER);
    expect(after).toMatchObject({
      fixed_ips: [{ subnet_id: subnet.id, ip_address: EUI64 }],
      revision_number: port.revision_number + 1,
      updated_at: LATER,
    });
    world.save('port', port.id, after);
    expect(ids(portsLacking(world.topology, subnet))).toEqual([none.id]);
    expect(addresses(later)).toHaveLength(1);
  });

  test('is nothing to ports of owners that it is not for', () => {
    const world = new World();
    const network = world.network();
    const vm = world.port(network, { device_owner: 'compute:nova' });
    world.port(network, { device_owner: 'compute:other' });
    const subnet = world.subnet(network, { ...SLAAC, service_types: ['compute:nova'] });
    expect(ids(portsLacking(world.topology, subnet))).toEqual([vm.id]);
  });

  test.each([{ ipv6_ra_mode: 'dhcpv6-stateful' }, {}, { ip_version: 4, cidr: '10.0.0.0/24' }])(
    'is not one with %j',
    (mode) => {
      const world = new World();
      const network = world.network();
      world.port(network);
      const subnet = world.subnet(network, { ...SLAAC, ipv6_address_mode: null, ...mode });
      expect(ids(portsLacking(world.topology, subnet))).toEqual([]);
    },
  );
});

describe('a subnet that goes', () => {
  const inUse = (subnet: Subnet) => [
    'SubnetInUse',
    409,
    `Unable to complete operation on subnet ${subnet.id}: One or more ports have an IP allocation from this subnet.`,
  ];

  test('takes addresses that follow from it along, and leaves the others', () => {
    const world = new World();
    const network = world.network();
    const four = world.subnet(network, { cidr: '10.0.0.0/24' });
    const six = world.subnet(network, SLAAC);
    const port = world.port(network, { mac_address: MAC });
    expect(ids(portsLosing(world.topology, six))).toEqual([port.id]);
    const after = withoutSubnet(port, six.id, LATER);
    expect(after.fixed_ips.map((fixed) => fixed.subnet_id)).toEqual([four.id]);
    expect(after.revision_number).toBe(2);
    expect(refusal(() => portsLosing(world.topology, four))).toEqual(inUse(four));
  });

  test('is held by the interface of a router, also where addresses follow from it', () => {
    const world = new World();
    const network = world.network();
    const subnet = world.subnet(network, SLAAC);
    const fixed_ips = [{ subnet_id: subnet.id, ip_address: '2001:db8::1' }];
    world.port(network, { device_owner: ROUTER, fixed_ips });
    expect(refusal(() => portsLosing(world.topology, subnet))).toEqual(inUse(subnet));
  });

  test('is not held by ports that serve the network', () => {
    const world = new World();
    const network = world.network();
    const subnet = world.subnet(network, { cidr: '10.0.0.0/24' });
    expect(portsLosing(world.topology, subnet)).toEqual([]);
    const server = world.port(network, { device_owner: 'network:dhcp' });
    expect(ids(portsLosing(world.topology, subnet))).toEqual([server.id]);
  });
});

describe('a subnet for certain owners', () => {
  const FOR_VMS = { cidr: '10.1.0.0/24', service_types: ['compute:nova'] };

  test('comes first for ports of theirs, and is closed to all others', () => {
    const world = new World();
    const network = world.network();
    const open = world.subnet(network, { cidr: '10.0.0.0/24' });
    const special = world.subnet(network, FOR_VMS);
    const subnetOf = (body: object) => world.port(network, body).fixed_ips[0]?.subnet_id;
    expect(subnetOf({ device_owner: 'compute:nova' })).toBe(special.id);
    expect(subnetOf({ device_owner: 'compute:other' })).toBe(open.id);
    expect(subnetOf({})).toBe(open.id);
    const named = { fixed_ips: [{ subnet_id: special.id }] };
    expect(refusal(() => world.port(network, named))[2]).toContain('included invalid subnet');
    const address = { fixed_ips: [{ ip_address: '10.1.0.9' }] };
    expect(refusal(() => world.port(network, address))[0]).toBe('InvalidIpForNetwork');
    expect(subnetOf({ ...named, device_owner: 'compute:nova' })).toBe(special.id);
  });

  test('alone in a network refuses the ports of others, but those of DHCP servers', () => {
    const world = new World();
    const network = world.network();
    const subnet = world.subnet(network, FOR_VMS);
    expect(refusal(() => world.port(network, { device_owner: 'compute:x' }))).toEqual([
      'IpAddressGenerationFailureNoMatchingSubnet',
      409,
      `No valid service subnet for the given device owner, network ${network.id}, service type compute:x.`,
    ]);
    const server = world.port(network, { device_owner: 'network:dhcp' });
    expect(server.fixed_ips[0]?.subnet_id).toBe(subnet.id);
  });

  test('leaves ports what they had before it was for others', () => {
    const world = new World();
    const network = world.network();
    const subnet = world.subnet(network, { cidr: '10.0.0.0/24' });
    const port = world.port(network);
    world.save('subnet', subnet.id, {
      ...subnet,
      ...readSubnetUpdate({ service_types: ['network:dhcp'] }),
    } as Subnet);
    const kept = world.updatePort(port, { fixed_ips: port.fixed_ips });
    expect(addresses(kept)).toEqual(addresses(port));
    const more = { fixed_ips: [...port.fixed_ips, { subnet_id: subnet.id }] };
    expect(refusal(() => world.updatePort(port, more))[0]).toBe(
      'IpAddressGenerationFailureNoMatchingSubnet',
    );
  });

  test.each([
    ['compute', 'HTTPBadRequest'],
    [{}, 'HTTPBadRequest'],
    [[1], 'InvalidInputSubnetServiceType'],
    [[null], 'InvalidInputSubnetServiceType'],
    [['storage:x'], 'InvalidSubnetServiceType'],
    [['compute'], 'InvalidSubnetServiceType'],
  ])('does not take %j for owners', (service_types, type) => {
    const world = new World();
    const body = { cidr: '10.0.0.0/24', service_types };
    expect(refusal(() => world.subnet(world.network(), body)).slice(0, 2)).toEqual([type, 400]);
  });
});
