/**
 * Goal: each refusal of networks, subnets and ports has Neutron's status and type, and leaves no trace.
 * Method: one request a row; the revision must not move.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { type Controller, makeSegment, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let net: string;
let v4: string;
let slaac: string;
let port: string;
let group: string;
let stateless: string;
const ABSENT = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address);
  const { network, subnet } = await makeSegment(heddle);
  [net, v4] = [network.id, subnet.id];
  const modes = { ipv6_address_mode: 'slaac', ipv6_ra_mode: 'slaac' };
  const v6 = { network_id: net, ip_version: 6, cidr: 'fd00::/64', ...modes };
  slaac = (await heddle.make('subnet', v6)).id;
  const fixed_ips = [{ subnet_id: v4, ip_address: '10.0.0.5' }];
  const mac_address = 'fa:16:3e:aa:aa:aa';
  port = (await heddle.make('port', { network_id: net, mac_address, fixed_ips })).id;
  await heddle.make('network', { 'provider:segmentation_id': 77 });
  group = (await heddle.make('security_group')).id;
  stateless = (await heddle.make('security_group', { stateful: false })).id;
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

type Row = [status: number, type: string, method: 'POST' | 'PUT', path: string, body: () => object];

const subnet = (attributes: object) => ({
  subnet: { network_id: net, ip_version: 4, cidr: '10.5.0.0/24', ...attributes },
});
const onNet = (attributes: object) => ({ port: { network_id: net, ...attributes } });
const pools = (...ends: [string, string][]) => ({
  allocation_pools: ends.map(([start, end]) => ({ start, end })),
});

const ROWS: Row[] = [
  [400, 'HTTPBadRequest', 'POST', 'networks', () => ({ network: { foo: 1 } })],
  [400, 'HTTPBadRequest', 'POST', 'networks', () => ({ network: { id: ABSENT } })],
  [400, 'HTTPBadRequest', 'POST', 'networks', () => ({ network: { name: 5 } })],
  [400, 'HTTPBadRequest', 'POST', 'networks', () => ({ network: { name: 'x'.repeat(256) } })],
  [400, 'InvalidInput', 'POST', 'networks', () => ({ network: { admin_state_up: 'perhaps' } })],
  [
    400,
    'InvalidInput',
    'POST',
    'networks',
    () => ({ network: { 'provider:network_type': 'flat' } }),
  ],
  [400, 'HTTPBadRequest', 'POST', 'networks', () => ({ network: { mtu: -1 } })],
  [
    409,
    'TunnelIdInUse',
    'POST',
    'networks',
    () => ({ network: { 'provider:segmentation_id': 77 } }),
  ],
  [
    400,
    'InvalidInput',
    'POST',
    'networks',
    () => ({ network: { 'provider:segmentation_id': 2 ** 24 } }),
  ],
  [400, 'HTTPBadRequest', 'PUT', 'networks/NET', () => ({ network: { id: 'x' } })],
  [
    400,
    'HTTPBadRequest',
    'PUT',
    'networks/NET',
    () => ({ network: { 'provider:segmentation_id': 5 } }),
  ],
  [409, 'NetworkMTUSubnetConflict', 'PUT', 'networks/NET', () => ({ network: { mtu: 1000 } })],
  [404, 'NetworkNotFound', 'POST', 'subnets', () => subnet({ network_id: ABSENT })],
  [400, 'HTTPBadRequest', 'POST', 'subnets', () => ({ subnet: { network_id: net } })],
  [400, 'InvalidInput', 'POST', 'subnets', () => subnet({ cidr: '10.0.0.0/99' })],
  [400, 'InvalidInput', 'POST', 'subnets', () => subnet({ cidr: '10.0.0.0/25' })],
  [400, 'InvalidInput', 'POST', 'subnets', () => subnet({ cidr: 'fd01::/64' })],
  [400, 'HTTPBadRequest', 'POST', 'subnets', () => subnet({ ip_version: 5 })],
  [400, 'HTTPBadRequest', 'POST', 'subnets', () => subnet({ gateway_ip: 'here' })],
  [
    400,
    'OutOfBoundsAllocationPool',
    'POST',
    'subnets',
    () => subnet(pools(['10.6.0.1', '10.6.0.2'])),
  ],
  [400, 'InvalidAllocationPool', 'POST', 'subnets', () => subnet(pools(['10.5.0.9', '10.5.0.2']))],
  [
    409,
    'OverlappingAllocationPools',
    'POST',
    'subnets',
    () => subnet(pools(['10.5.0.2', '10.5.0.9'], ['10.5.0.9', '10.5.0.12'])),
  ],
  [
    409,
    'GatewayConflictWithAllocationPools',
    'POST',
    'subnets',
    () => subnet({ gateway_ip: '10.5.0.3', ...pools(['10.5.0.2', '10.5.0.9']) }),
  ],
  [400, 'HTTPBadRequest', 'PUT', 'subnets/V4', () => ({ subnet: { cidr: '10.0.0.0/16' } })],
  [404, 'SubnetNotFound', 'PUT', `subnets/${ABSENT}`, () => ({ subnet: { name: 'x' } })],
  [404, 'NetworkNotFound', 'POST', 'ports', () => onNet({ network_id: ABSENT })],
  [400, 'HTTPBadRequest', 'POST', 'ports', () => ({ port: {} })],
  [409, 'MacAddressInUse', 'POST', 'ports', () => onNet({ mac_address: 'fa-16-3e-aa-aa-aa' })],
  [400, 'HTTPBadRequest', 'POST', 'ports', () => onNet({ mac_address: '01:00:5e:00:00:01' })],
  [
    409,
    'IpAddressAlreadyAllocated',
    'POST',
    'ports',
    () => onNet({ fixed_ips: [{ ip_address: '10.0.0.5' }] }),
  ],
  [
    400,
    'InvalidIpForNetwork',
    'POST',
    'ports',
    () => onNet({ fixed_ips: [{ ip_address: '192.0.2.1' }] }),
  ],
  [
    400,
    'InvalidIpForSubnet',
    'POST',
    'ports',
    () => onNet({ fixed_ips: [{ subnet_id: v4, ip_address: '192.0.2.1' }] }),
  ],
  [404, 'SubnetNotFound', 'POST', 'ports', () => onNet({ fixed_ips: [{ subnet_id: ABSENT }] })],
  [400, 'InvalidInput', 'POST', 'ports', () => onNet({ fixed_ips: [{}] })],
  [
    400,
    'AllocationOnAutoAddressSubnet',
    'POST',
    'ports',
    () => onNet({ fixed_ips: [{ subnet_id: slaac, ip_address: 'fd00::7' }] }),
  ],
  [404, 'SecurityGroupNotFound', 'POST', 'ports', () => onNet({ security_groups: [ABSENT] })],
  [
    400,
    'PortSecurityAndIPRequiredForSecurityGroups',
    'POST',
    'ports',
    () => onNet({ port_security_enabled: false, security_groups: [group] }),
  ],
  [
    400,
    'PortSecurityAndIPRequiredForSecurityGroups',
    'PUT',
    'ports/PORT',
    () => ({ port: { port_security_enabled: false, security_groups: [group] } }),
  ],
  [
    409,
    'PortSecurityPortHasSecurityGroup',
    'PUT',
    'ports/PORT',
    () => ({ port: { port_security_enabled: false } }),
  ],
  [
    409,
    'SecurityGroupConflict',
    'PUT',
    'ports/PORT',
    () => ({ port: { security_groups: [group, stateless] } }),
  ],
  [
    404,
    'SecurityGroupNotFound',
    'PUT',
    'ports/PORT',
    () => ({ port: { security_groups: [ABSENT] } }),
  ],
  [400, 'HTTPBadRequest', 'PUT', 'ports/PORT', () => ({ port: { security_groups: 'x' } })],
  [
    409,
    'AddressPairAndPortSecurityRequired',
    'POST',
    'ports',
    () =>
      onNet({
        port_security_enabled: false,
        allowed_address_pairs: [{ ip_address: '10.0.0.9' }],
      }),
  ],
  [400, 'HTTPBadRequest', 'PUT', 'ports/PORT', () => ({ port: { network_id: net } })],
  [400, 'HTTPBadRequest', 'PUT', 'ports/PORT', () => ({ port: { 'binding:vif_type': 'x' } })],
  [400, 'HTTPBadRequest', 'PUT', 'ports/PORT', () => ({ port: { 'binding:profile': [] } })],
];

test.each(ROWS)('%i %s: %s %s', async (...[status, type, method, path, body]) => {
  const before = heddle.topology.revision;
  const real = path.replace('NET', net).replace('V4', v4).replace('PORT', port);
  const answer = await heddle.call(method, `/v2.0/${real}`, body());
  expect(answer.body.NeutronError?.message).toBeTruthy();
  expect([answer.status, answer.error]).toEqual([status, type]);
  expect(heddle.topology.revision).toBe(before);
});

test('a network with ports is in use', async () => {
  const answer = await heddle.call('DELETE', `/v2.0/networks/${net}`);
  expect([answer.status, answer.error]).toEqual([409, 'NetworkInUse']);
  expect(answer.body.NeutronError.message).toContain('one or more ports still in use');
});

test('an unknown attribute is named', async () => {
  const answer = await heddle.call('POST', '/v2.0/ports', onNet({ foo: 1 }));
  expect(answer.body.NeutronError).toEqual({
    type: 'HTTPBadRequest',
    message: "Unrecognized attribute(s) 'foo'",
    detail: '',
  });
});
