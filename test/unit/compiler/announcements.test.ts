/**
 * Goal: a MAC address that several ports may have is sent to the port that has it, on every host;
 * what others say that may have it is told of, and nothing else is.
 * Method: units of a small topology as ovs-ofctl text with table names; the size of scopes.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileUnit, UnitCache } from '../../../src/compiler/index.ts';
import { TABLE_NAMES } from '../../../src/pipeline/index.ts';
import {
  type AnyRecord,
  learnedMacId,
  type Port,
  type RecordKey,
  touchedUnits,
  type UnitKey,
} from '../../../src/topology/index.ts';
import { changeBetween, type State } from '../../support/world.ts';
import { flowLine } from '../../support/world-text.ts';

const VIRTUAL = '00:00:5e:00:01:07';
const PAIRS = ['10.0.0.100', 'fd00::100'].map((ip_address) => ({
  ip_address,
  mac_address: VIRTUAL,
}));
const HELD = `learned_mac/${learnedMacId('net', VIRTUAL)}` as const;

/** Ports one and two may have the address, on hosts a and b; port other, on c, may not. */
function world(holder?: string, more: Partial<Port> = {}): Map<RecordKey, AnyRecord> {
  const at = (number: number) => ({
    network: 'net',
    mac: `02:00:00:00:00:0${number}`,
    ips: [`10.0.0.${number}`],
  });
  const held = { network_id: 'net', mac_address: VIRTUAL, port_id: holder ?? '' };
  return new Map<RecordKey, AnyRecord>([
    ['host/a', host('a', '198.18.0.1')],
    ['host/b', host('b', '198.18.0.2')],
    ['host/c', host('c', '198.18.0.3')],
    ['network/net', network('net', 101)],
    ['port/one', port('one', at(1), { allowed_address_pairs: PAIRS, ...more })],
    ['port/two', port('two', at(2), { allowed_address_pairs: PAIRS })],
    ['port/other', port('other', at(3))],
    ['binding/one', binding('one', 'a', 3)],
    ['binding/two', binding('two', 'b', 4)],
    ['binding/other', binding('other', 'c', 5)],
    ...(holder === undefined ? [] : [[HELD, held] as const]),
  ]);
}

function flowsOf(state: State, hostId: string, key: UnitKey): string[] {
  const unit = compileUnit(topologyOf(state), hostId, key);
  return (unit?.flows ?? []).map(({ table, priority, match, instructions }) =>
    flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
  );
}

const forwarding = (flows: readonly string[]) =>
  flows.filter((flow) => flow.includes(`dl_dst=${VIRTUAL}`));
const told = (flows: readonly string[]) => flows.filter((flow) => flow.includes('userdata=09'));

test('what a port says that may have the address and has not is told, for each address of the pair', () => {
  const flows = told(flowsOf(world(), 'a', 'local-port/one'));
  expect(flows).toEqual([
    `table=Services, priority=100,arp,reg14=0x3,dl_src=${VIRTUAL},arp_spa=10.0.0.100 actions=controller(max_len=14,userdata=09,meter_id=28),set_field:0x10/0x10->reg0,goto_table:NeighborResponder`,
    `table=Services, priority=100,icmp6,reg14=0x3,dl_src=${VIRTUAL},icmp_type=136,icmp_code=0,nd_target=fd00::100 actions=controller(max_len=14,userdata=09,meter_id=28),set_field:0x10/0x10->reg0,goto_table:NeighborResponder`,
  ]);
  expect(told(flowsOf(world(), 'c', 'local-port/other'))).toEqual([]);
});

test('nothing is told of a port that has the address already', () => {
  expect(told(flowsOf(world('one'), 'a', 'local-port/one'))).toEqual([]);
  expect(told(flowsOf(world('one'), 'b', 'local-port/two'))).toHaveLength(2);
});

test('nothing is told of addresses with the own MAC address, or without port security', () => {
  const own = PAIRS.map((pair) => ({ ...pair, mac_address: '02:00:00:00:00:01' }));
  const state = world(undefined, { allowed_address_pairs: own });
  expect(told(flowsOf(state, 'a', 'local-port/one'))).toEqual([]);
  const open = world('one', { port_security_enabled: false });
  expect(told(flowsOf(open, 'a', 'local-port/one'))).toEqual([]);
  expect(forwarding(flowsOf(open, 'a', 'local-port/one'))).toEqual([]);
});

test('every host sends to the port that has the address, and to no other', () => {
  const match = `table=L2Forwarding, priority=50,metadata=0x65,dl_dst=${VIRTUAL}`;
  const here = `${match} actions=set_field:0x3->reg15,goto_table:IngressSecurity`;
  const there = `${match} actions=set_field:198.18.0.1->tun_dst,goto_table:TunnelMtu`;
  expect(forwarding(flowsOf(world('one'), 'a', 'local-port/one'))).toEqual([here]);
  expect(forwarding(flowsOf(world('one'), 'c', 'remote-port/one'))).toEqual([there]);
  expect(forwarding(flowsOf(world('one'), 'b', 'local-port/two'))).toEqual([]);
  expect(forwarding(flowsOf(world(), 'c', 'remote-port/one'))).toEqual([]);
});

test.each([
  ['has no such pair', { allowed_address_pairs: [] }],
  ['is in another network', { network_id: 'else' }],
])('nobody is sent to a port that %s', (_, more) => {
  const state = world('one', more);
  for (const key of ['local-port/one', 'remote-port/one'] as const) {
    for (const id of ['a', 'b', 'c']) expect(forwarding(flowsOf(state, id, key))).toEqual([]);
  }
});

test('a move touches the two ports on every host, and nothing else', () => {
  const [before, after] = [world('one'), world('two')];
  const scope = touchedUnits(topologyOf(before), changeBetween(before, after, 2));
  const touched = [...scope.entries()].flatMap(([id, keys]) =>
    [...keys].map((key) => `${id} ${key}`),
  );
  expect(touched.sort()).toEqual([
    'a local-port/one',
    'a remote-port/two',
    'b local-port/two',
    'b remote-port/one',
    'c remote-port/one',
    'c remote-port/two',
  ]);
});

test('units that hosts share follow', () => {
  const cache = new UnitCache();
  const count = (holder?: string) =>
    cache.compile(topologyOf(world(holder)), 'c', 'remote-port/one')?.flows.length ?? 0;
  const topology = topologyOf(world());
  const without = cache.compile(topology, 'c', 'remote-port/one')?.flows.length ?? 0;
  const record = world('one').get(HELD) as AnyRecord;
  touchedUnits(topology, {
    revision: 2,
    at: '',
    puts: [{ key: HELD, value: record }],
    deletes: [],
  });
  expect(cache.compile(topology, 'c', 'remote-port/one')?.flows).toHaveLength(without + 1);
  expect(count()).toBe(without);
});
