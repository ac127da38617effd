/**
 * Goal: what is sent to a multicast group goes to hosts and ports that listen, for a few flows a
 * group; a change of who listens touches the hosts that it must; without snooping nothing is there.
 * Method: units of a small topology as ovs-ofctl text with table names; scopes of changes.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import {
  compileHost,
  compileUnit,
  DEFAULT_SETTINGS,
  DesiredState,
} from '../../../src/compiler/index.ts';
import { TABLE_NAMES } from '../../../src/pipeline/index.ts';
import { type AnyRecord, type RecordKey, touchedUnits } from '../../../src/topology/index.ts';
import { flowLine } from '../../support/world-text.ts';

const GROUP = 'multicast/net 239.1.1.1';
const OFF = { ...DEFAULT_SETTINGS, snooping: false };

const listener = (id: string, ...groups: readonly string[]) =>
  [`membership/${id}`, { port_id: id, network_id: 'net', groups }] as const;

/** Port p<number>, plugged in at that number. */
function plugged(number: number, hostId: string): readonly (readonly [RecordKey, AnyRecord])[] {
  const id = `p${number}`;
  const mac = `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`;
  return [
    [`port/${id}`, port(id, { network: 'net', mac, ips: [] })],
    [`binding/${id}`, binding(id, hostId, number)],
  ];
}

const RECORDS: readonly (readonly [RecordKey, AnyRecord])[] = [
  ['host/a', host('a', '198.18.0.1')],
  ['host/b', host('b', 'fd99::2')],
  ['host/c', host('c', '198.18.0.3')],
  ['network/net', network('net', 101)],
  ...plugged(1, 'a'),
  ...plugged(2, 'a'),
  ...plugged(3, 'b'),
  ...plugged(4, 'c'),
];

function world(...more: readonly (readonly [RecordKey, AnyRecord])[]) {
  return topologyOf(new Map<RecordKey, AnyRecord>([...RECORDS, ...more]));
}

function flowsOf(topology: ReturnType<typeof world>, hostId: string, settings = DEFAULT_SETTINGS) {
  const unit = compileUnit(topology, hostId, GROUP, settings);
  return (unit?.flows ?? []).map(({ table, priority, match, instructions }) =>
    flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
  );
}

const TO = 'ip,metadata=0x65,nw_dst=239.1.1.1';
const KEY = 'move:OXM_OF_METADATA[0..23]->NXM_NX_TUN_ID[0..23]';
const TRACK = 'set_field:0/0x2->reg0,ct(table=MulticastMembers,zone=65535)';

test('a stream goes to the hosts that have listeners, and on to those that are here', () => {
  const topology = world(listener('p2', '239.1.1.1'), listener('p3', '239.1.1.1', 'ff15::1'));
  const hereFlows = flowsOf(topology, 'a');
  expect(hereFlows.map((flow) => flow.replace('reg0=0/0x1', 'FROM-PORT'))).toEqual([
    expect.stringMatching(
      /^table=MulticastStreams, .*FROM-PORT.* actions=clone\(.*tun_ipv6_dst.*\),set_field/,
    ),
    expect.stringContaining(`actions=${TRACK}`),
    expect.stringContaining('actions=clone(set_field:0x2->reg15,resubmit(,IngressSecurity))'),
  ]);
  for (const flow of hereFlows) for (const word of TO.split(',')) expect(flow).toContain(word);
  expect(hereFlows[0]).toContain(
    `clone(${KEY},set_field:fd99::2->tun_ipv6_dst,output:65000,set_field:::->tun_ipv6_dst),${TRACK}`,
  );
  // Nobody listens on c: it sends what its own ports send, and takes nothing from tunnels.
  const others = flowsOf(topology, 'c');
  expect(others).toHaveLength(1);
  expect(others[0]).toContain(
    'set_field:198.18.0.1->tun_dst,output:65000,set_field:0.0.0.0->tun_dst',
  );
  expect(others[0]).not.toContain('ct(');
});

test('a host alone has no copies for others, and a group without listeners has nothing', () => {
  const alone = world(listener('p1', '239.1.1.1'));
  expect(flowsOf(alone, 'a').join()).not.toContain('tun_dst');
  expect(flowsOf(world(), 'a')).toEqual([]);
  expect(flowsOf(world(listener('p3', '239.1.1.2')), 'a')).toEqual([]);
});

test('of a port that is down, or plugged in nowhere, nobody thinks', () => {
  const down = port(
    'p1',
    { network: 'net', mac: '02:00:00:00:00:01', ips: [] },
    { admin_state_up: false },
  );
  expect(flowsOf(world(listener('p1', '239.1.1.1'), ['port/p1', down]), 'b')).toEqual([]);
  expect(flowsOf(world(listener('nobody', '239.1.1.1')), 'b')).toEqual([]);
});

test('without snooping there is nothing of it', () => {
  const topology = world(listener('p1', '239.1.1.1'));
  expect(flowsOf(topology, 'a', OFF)).toEqual([]);
  const state = new DesiredState();
  state.apply(compileHost(topology, 'a', (...what) => compileUnit(...what, OFF)));
  const names = ['MulticastStreams', 'MulticastMembers'];
  const tables = [...TABLE_NAMES].filter(([, name]) => names.includes(name)).map(([id]) => id);
  // The table-miss flows.
  for (const table of tables) expect(state.flowsOf(table)).toHaveLength(1);
});

/** Hosts whose unit of the group a change touches. */
function touched(
  topology: ReturnType<typeof world>,
  ...puts: readonly (readonly [RecordKey, AnyRecord])[]
): string[] {
  const list = puts.map(([key, value]) => ({ key, value }));
  const change = { revision: topology.revision + 1, at: '', puts: list, deletes: [] };
  const scope = touchedUnits(topology, change);
  return ['a', 'b', 'c'].filter((id) => scope.unitsOf(id).has(GROUP));
}

test('the first listener of a host is news to all, the second to its host alone', () => {
  expect(touched(world(), listener('p1', '239.1.1.1'))).toEqual(['a', 'b', 'c']);
  const known = () => world(listener('p1', '239.1.1.1'));
  expect(touched(known(), listener('p2', '239.1.1.1'))).toEqual(['a']);
  expect(touched(known(), listener('p2', '239.1.1.2'))).toEqual([]);
  expect(touched(known(), ['binding/p1', binding('p1', 'a', 9)])).toEqual(['a']);
  expect(touched(known(), ['binding/p1', binding('p1', 'b', 9)])).toEqual(['a', 'b', 'c']);
});

test('where very many hosts listen, all of the network get copies, by its groups', () => {
  const many = Array.from({ length: 600 }, (_, index) => {
    const id = `m${index}`;
    const encap = `198.19.${index >> 8}.${index & 255}`;
    const at = { network: 'net', mac: `02:00:00:01:${byte(index >> 8)}:${byte(index)}`, ips: [] };
    return [
      [`host/${id}`, host(id, encap)],
      [`port/${id}`, port(id, at)],
      [`binding/${id}`, binding(id, id, 1)],
      listener(id, '239.1.1.1'),
    ] as const;
  }).flat();
  const [flow = ''] = flowsOf(world(...many), 'a');
  expect(flow).toContain(`clone(${KEY},group:2147483749,group:2164260965,`);
  expect(flow).not.toContain('tun_dst');
});

function byte(value: number): string {
  return (value & 255).toString(16).padStart(2, '0');
}
