/**
 * Goal: bodies are read as Neutron reads them: what may be set when, what is taken for what, and in
 * which words the rest is refused.
 * Method: tables of bodies; random JSON, which must be read or refused but never break anything.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IntentError } from '../../../src/topology/index.ts';
import {
  readNetworkCreate,
  readNetworkUpdate,
  readPortCreate,
  readPortUpdate,
  readSubnetCreate,
  readSubnetUpdate,
  refusal,
  uuid,
} from './world.ts';

const NETWORK = uuid(1);
const port = (body: object) => readPortCreate({ network_id: NETWORK, ...body });
const subnet = (body: object) =>
  readSubnetCreate({ network_id: NETWORK, ip_version: 4, cidr: '10.0.0.0/24', ...body });

test('what a body does not name gets its initial value', () => {
  expect(readNetworkCreate({})).toEqual({
    name: '',
    description: '',
    admin_state_up: true,
    shared: false,
    mtu: 0,
    port_security_enabled: true,
    'router:external': false,
    is_default: false,
    dns_domain: '',
    availability_zone_hints: [],
    qos_policy_id: null,
  });
});

test('an update gives only what the body names', () => {
  expect(readNetworkUpdate({ name: 'red' })).toEqual({ name: 'red' });
  expect(readPortUpdate({})).toEqual({});
});

test('tenant_id is the old name of project_id', () => {
  expect(readNetworkCreate({ tenant_id: 'a' }).project_id).toBe('a');
  expect(readNetworkCreate({ tenant_id: 'a', project_id: 'a' }).project_id).toBe('a');
  expect(refusal(() => readNetworkCreate({ tenant_id: 'a', project_id: 'b' }))[1]).toBe(400);
});

test.each([
  [1, true],
  ['1', true],
  ['True', true],
  ['yes', true],
  ['on', true],
  [0, false],
  ['f', false],
  ['OFF', false],
])('the boolean %j is %s', (value, expected) => {
  expect(readNetworkCreate({ admin_state_up: value }).admin_state_up).toBe(expected);
});

test('addresses are made canonical', () => {
  const given = port({
    mac_address: 'FA-16-3E-00-00-01',
    fixed_ips: [{ ip_address: '2001:DB8:0::1' }],
    allowed_address_pairs: [{ ip_address: '10.1.2.3/8', mac_address: 'FA:16:3E:00:00:02' }],
  });
  expect(given.mac_address).toBe('fa:16:3e:00:00:01');
  expect(given.fixed_ips).toEqual([{ ip_address: '2001:db8::1' }]);
  expect(given.allowed_address_pairs).toEqual([
    { ip_address: '10.0.0.0/8', mac_address: 'fa:16:3e:00:00:02' },
  ]);
  expect(subnet({ cidr: '10.0.0.77/24' }).cidr).toBe('10.0.0.0/24');
});

test('null stands for nothing where Neutron takes it so', () => {
  const given = port({
    device_id: null,
    'binding:host_id': null,
    'binding:profile': null,
    allowed_address_pairs: null,
  });
  expect(given).toMatchObject({
    device_id: '',
    'binding:host_id': '',
    'binding:profile': {},
    allowed_address_pairs: [],
  });
  expect(subnet({ gateway_ip: null, dns_nameservers: null })).toMatchObject({
    gateway_ip: null,
    dns_nameservers: [],
  });
});

describe('a body is refused', () => {
  const bad = (reason: string) => ['HTTPBadRequest', 400, reason];
  const invalid = (reason: string) => [
    'InvalidInput',
    400,
    `Invalid input for operation: ${reason}.`,
  ];

  test.each<[string, () => unknown, unknown[]]>([
    ['that is none', () => readNetworkCreate([]), bad('Body contains invalid data')],
    [
      'without what is required',
      () => readPortCreate({}),
      bad("Failed to parse request. Required attribute 'network_id' not specified"),
    ],
    [
      'with what nobody knows',
      () => readNetworkCreate({ colour: 1, taste: 2 }),
      bad("Unrecognized attribute(s) 'colour, taste'"),
    ],
    [
      'with a name from every object',
      () => readNetworkCreate(JSON.parse('{"__proto__": 1, "constructor": 2}')),
      bad("Unrecognized attribute(s) '__proto__, constructor'"),
    ],
    [
      'that sets at creation what only we set',
      () => readNetworkCreate({ status: 'ACTIVE' }),
      bad("Attribute 'status' not allowed in POST"),
    ],
    [
      'that changes what cannot be changed',
      () => readSubnetUpdate({ cidr: '10.0.0.0/8' }),
      bad('Cannot update read-only attribute cidr'),
    ],
    [
      'with a number for a name',
      () => readNetworkCreate({ name: 7 }),
      bad("Invalid input for name. Reason: '7' is not a valid string."),
    ],
    [
      'with too long a name',
      () => readNetworkCreate({ name: 'x'.repeat(256) }),
      bad(`Invalid input for name. Reason: '${'x'.repeat(200)}' exceeds maximum length of 255.`),
    ],
    [
      'with more addresses than a port may have',
      () => port({ fixed_ips: Array.from({ length: 257 }, () => ({ subnet_id: NETWORK })) }),
      bad('Invalid input for fixed_ips. Reason: 257 fixed IPs exceed the maximum of 256.'),
    ],
    [
      'with more pools than a subnet may have',
      () => subnet({ allocation_pools: Array.from({ length: 20_000 }, () => 0) }),
      bad('Invalid input for allocation_pools. Reason: 20000 IP pools exceed the maximum of 256.'),
    ],
    [
      'with a boolean that is none',
      () => readNetworkCreate({ shared: 'maybe' }),
      invalid("'maybe' cannot be converted to boolean"),
    ],
    [
      'with a boolean that cannot even be made text',
      () => readNetworkCreate({ shared: { toString: 1, valueOf: 1 } }),
      invalid('\'{"toString":1,"valueOf":1}\' cannot be converted to boolean'),
    ],
    [
      'with a negative MTU',
      () => readNetworkCreate({ mtu: -1 }),
      bad("Invalid input for mtu. Reason: '-1' should be non-negative."),
    ],
    [
      'with an MTU that is no number',
      () => readNetworkCreate({ mtu: 1.5 }),
      invalid("'1.5' is not an integer"),
    ],
    [
      'for a VLAN network of no physical network',
      () => readNetworkCreate({ 'provider:network_type': 'vlan' }),
      invalid('physical_network required for vlan provider network'),
    ],
    [
      'for a tunnelled network of a physical network',
      () => readNetworkCreate({ 'provider:physical_network': 'physnet1' }),
      invalid('provider:physical_network specified for geneve network'),
    ],
    [
      'for a flat network with a segmentation id',
      () =>
        readNetworkCreate({
          'provider:network_type': 'flat',
          'provider:physical_network': 'physnet1',
          'provider:segmentation_id': 5,
        }),
      invalid('provider:segmentation_id specified for flat network'),
    ],
    [
      'with a network type that we do not have',
      () => readNetworkCreate({ 'provider:network_type': 'gre' }),
      bad(
        "Invalid input for provider:network_type. Reason: gre is not in ['geneve', 'vxlan', 'vlan', 'flat', 'local'].",
      ),
    ],
    [
      'with a VNI of 25 bits',
      () => readNetworkCreate({ 'provider:segmentation_id': 2 ** 24 }),
      invalid('provider:segmentation_id out of range (1 through 16777215)'),
    ],
    [
      'with a UUID that is none',
      () => readPortCreate({ network_id: '1' }),
      bad("Invalid input for network_id. Reason: '1' is not a valid UUID."),
    ],
    [
      'with a MAC address that is none',
      () => port({ mac_address: 'fa:16:3e' }),
      bad("Invalid input for mac_address. Reason: 'fa:16:3e' is not a valid MAC address."),
    ],
    [
      'with a multicast MAC address',
      () => port({ mac_address: '01:00:5e:00:00:01' }),
      bad("Invalid input for mac_address. Reason: '01:00:5e:00:00:01' is not a valid MAC address."),
    ],
    [
      'with fixed_ips that are no list',
      () => port({ fixed_ips: 'all' }),
      bad("Invalid input for fixed_ips. Reason: Invalid data format for fixed IP: 'all'."),
    ],
    [
      'with an address twice, in whatever spelling',
      () => port({ fixed_ips: [{ ip_address: '2001:db8::1' }, { ip_address: '2001:DB8::0:1' }] }),
      bad("Invalid input for fixed_ips. Reason: Duplicate IP address '2001:db8::1'."),
    ],
    [
      'with an octal address',
      () => port({ fixed_ips: [{ ip_address: '10.0.0.010' }] }),
      bad("Invalid input for fixed_ips. Reason: '10.0.0.010' is not a valid IP address."),
    ],
    [
      'with an address pair without an address',
      () => port({ allowed_address_pairs: [{ mac_address: 'fa:16:3e:00:00:01' }] }),
      ['AllowedAddressPairsMissingIP', 400, 'AllowedAddressPair must contain ip_address'],
    ],
    [
      'with a multicast address pair',
      () => port({ allowed_address_pairs: [{ ip_address: '224.0.0.0/4' }] }),
      bad("'224.0.0.0/4' cannot be multicast"),
    ],
    [
      'with more address pairs than ten',
      () =>
        port({
          allowed_address_pairs: Array.from({ length: 11 }, (_, i) => ({
            ip_address: `10.0.0.${i}`,
          })),
        }),
      [
        'AllowedAddressPairExhausted',
        400,
        'The number of allowed address pair exceeds the maximum 10.',
      ],
    ],
    [
      'with an address pair twice',
      () =>
        port({ allowed_address_pairs: [{ ip_address: '10.0.0.1' }, { ip_address: '10.0.0.1' }] }),
      [
        'DuplicateAddressPairInRequest',
        400,
        'Request contains duplicate address pair: mac_address None ip_address 10.0.0.1.',
      ],
    ],
    [
      'with a kind of port that there is not',
      () => port({ 'binding:vnic_type': 'paper' }),
      bad(
        "Invalid input for binding:vnic_type. Reason: paper is not in ['normal', 'direct', 'macvtap', 'baremetal', 'direct-physical', 'virtio-forwarder', 'smart-nic', 'vdpa', 'accelerator-direct', 'accelerator-direct-physical', 'remote-managed'].",
      ),
    ],
    [
      'with an IP version of 5',
      () => subnet({ ip_version: 5 }),
      bad('Invalid input for ip_version. Reason: 5 is not in [4, 6].'),
    ],
    [
      'with a CIDR that is none',
      () => subnet({ cidr: '10.0.0.0' }),
      invalid('10.0.0.0 is not in a CIDR format'),
    ],
    [
      'with a pool without an end',
      () => subnet({ allocation_pools: [{ start: '10.0.0.2' }] }),
      bad(
        "Invalid input for allocation_pools. Reason: Validation of dictionary's keys failed. Expected keys: ['start', 'end'] Provided keys: ['start'].",
      ),
    ],
    [
      'with a nameserver twice',
      () => subnet({ dns_nameservers: ['192.0.2.1', '192.0.2.1'] }),
      bad("Invalid input for dns_nameservers. Reason: Duplicate nameserver '192.0.2.1'."),
    ],
  ])('%s', (_, work, expected) => {
    expect(refusal(work)).toEqual(expected);
  });
});

test('any JSON is read or refused, and never breaks anything', () => {
  const name = fc.constantFrom(
    'name',
    'mac_address',
    'fixed_ips',
    'allowed_address_pairs',
    'binding:profile',
    'extra_dhcp_opts',
    'dns_name',
    'tags',
    'availability_zone_hints',
    'mtu',
    'cidr',
    'network_id',
    'allocation_pools',
    'dns_nameservers',
    'host_routes',
    'gateway_ip',
    'shared',
    'ip_version',
    'provider:segmentation_id',
    'tenant_id',
    'security_groups',
    '__proto__',
  );
  const part = fc.constantFrom('ip_address', 'subnet_id', 'start', 'end', 'destination', 'nexthop');
  const value = fc.oneof(
    fc.jsonValue(),
    fc.array(fc.dictionary(part, fc.oneof(fc.ipV4(), fc.ipV6(), fc.uuid(), fc.jsonValue()))),
  );
  const readers = [
    readNetworkCreate,
    readNetworkUpdate,
    readSubnetCreate,
    readSubnetUpdate,
    readPortCreate,
    readPortUpdate,
  ];
  fc.assert(
    fc.property(fc.dictionary(name, value), fc.constantFrom(...readers), (body, read) => {
      try {
        read(body);
      } catch (error) {
        expect(error).toBeInstanceOf(IntentError);
      }
    }),
    { numRuns: 500 },
  );
});
