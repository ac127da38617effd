/**
 * Goal: metadata costs a network a few flows where it has DHCP and none where it has not, and a port
 * one flow and one meter; it is found by address and MAC address alone.
 * Method: units of a small topology as text.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port, subnet } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileUnit } from '../../../src/compiler/index.ts';
import {
  METERED_PORT_MAX,
  METERS_PER_PORT,
  portMeter,
  TABLE_NAMES,
} from '../../../src/pipeline/index.ts';
import type { AnyRecord, RecordKey, Subnet, UnitKey } from '../../../src/topology/index.ts';
import { flowLine, meterLines } from '../../support/world-text.ts';

function unitOf(key: UnitKey, said: Partial<Subnet> = {}) {
  const at = { network: 'net', mac: '02:00:00:00:00:0a', ips: ['10.0.0.10'] };
  const records: [RecordKey, AnyRecord][] = [
    ['host/a', host('a', '198.18.0.1', { nd_extensions: false })],
    ['network/net', network('net', 101)],
    ['subnet/s', subnet('s', 'net', said)],
    ['port/web', port('web', at)],
    ['binding/web', binding('web', 'a', 3)],
  ];
  return compileUnit(topologyOf(new Map(records)), 'a', key);
}

function flowsOf(key: UnitKey, said: Partial<Subnet> = {}): string[] {
  const flows = (unitOf(key, said)?.flows ?? []).map(({ table, priority, match, instructions }) =>
    flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
  );
  return flows.filter((flow) => /Metadata|169\.254|a9fe/.test(flow));
}

const [V4, V6] = [
  'dl_dst=02:48:44:00:00:01,nw_dst=169.254.169.254,tp_dst=80',
  'dl_dst=02:48:44:00:00:01,ipv6_dst=fe80::a9fe:a9fe,tp_dst=80',
];

test.each<[string, Partial<Subnet>]>([
  ['IPv4', {}],
  ['IPv6', { ip_version: 6, cidr: 'fd00::/64', ipv6_address_mode: 'slaac' }],
])('a network with DHCP in a subnet of %s answers for both addresses', (_, said) => {
  expect(flowsOf('network/net', said)).toEqual([
    expect.stringContaining('arp,metadata=0x65,arp_tpa=169.254.169.254,arp_op=1 actions='),
    `table=NeighborResponder, priority=300,tcp,metadata=0x65,${V4} actions=goto_table:Metadata`,
    `table=NeighborResponder, priority=300,tcp6,metadata=0x65,${V6} actions=goto_table:Metadata`,
    'table=NeighborResponder, priority=300,icmp6,metadata=0x65,icmp_type=135,icmp_code=0,nd_target=fe80::a9fe:a9fe actions=goto_table:Metadata',
  ]);
});

test('a network without DHCP has nothing of it', () => {
  expect(flowsOf('network/net', { enable_dhcp: false })).toEqual([]);
});

test('what a port sends there is metered, apart from its other questions', () => {
  const meter = portMeter('metadata', 3);
  expect(flowsOf('local-port/web')).toEqual([
    `table=Metadata, priority=100,reg14=0x3 actions=meter:${meter},controller(userdata=06)`,
  ]);
  expect(meterLines(unitOf('local-port/web')?.meters ?? [])).toContain(
    `meter=${meter} pktps burst stats bands=\ntype=drop rate=100 burst_size=300`,
  );
});

test('only what opens a connection is judged by security groups', () => {
  expect(flowsOf('base')).toEqual([
    'table=Metadata, priority=0 actions=drop',
    `table=EgressSecurity, priority=200,tcp,${V4},tcp_flags=-syn actions=goto_table:Services`,
    `table=EgressSecurity, priority=200,tcp6,${V6},tcp_flags=-syn actions=goto_table:Services`,
  ]);
});

test('the highest meter of the highest metered port is one that a switch has', () => {
  const highest = portMeter('metadata', METERED_PORT_MAX);
  expect(highest).toBeLessThanOrEqual(2 ** 18);
  expect(highest + METERS_PER_PORT).toBeGreaterThan(2 ** 18);
  expect(portMeter('metadata', METERED_PORT_MAX + 1)).toBeLessThanOrEqual(METERS_PER_PORT);
});
