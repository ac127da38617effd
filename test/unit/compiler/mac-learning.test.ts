/**
 * Goal: what is for an address that nobody has goes to the ports that learn, and to nobody else;
 * what such a port sends from another address is told until it is known, or it has too many.
 * Method: units of a small topology as ovs-ofctl text with table names; what changes touch.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileUnit } from '../../../src/compiler/index.ts';
import { TABLE_NAMES } from '../../../src/pipeline/index.ts';
import {
  type AnyRecord,
  LEARNED_OF_PORT_MAX,
  learnedMacId,
  type Port,
  type RecordKey,
  touchedUnits,
  type UnitKey,
} from '../../../src/topology/index.ts';
import { changeBetween, type State } from '../../support/world.ts';
import { flowLine } from '../../support/world-text.ts';

const NESTED = '02:00:00:00:01:01';
const LEARNS = { port_security_enabled: false, mac_learning_enabled: true };
const FROM_ONE = 'local-port/one';
const SOURCE: UnitKey = `learned-mac/${learnedMacId('net', NESTED)}`;

/** Ports one and two learn, on hosts a and b; port other, on c, does not. */
function world(learned: readonly string[] = [], more: Partial<Port> = LEARNS) {
  const at = (number: number) => ({
    network: 'net',
    mac: `02:00:00:00:00:0${number}`,
    ips: [`10.0.0.${number}`],
  });
  return new Map<RecordKey, AnyRecord>([
    ['host/a', host('a', '198.18.0.1')],
    ['host/b', host('b', '198.18.0.2')],
    ['host/c', host('c', '198.18.0.3')],
    ['network/net', network('net', 101)],
    ['port/one', port('one', at(1), more)],
    ['port/two', port('two', at(2), LEARNS)],
    ['port/other', port('other', at(3))],
    ['binding/one', binding('one', 'a', 3)],
    ['binding/two', binding('two', 'b', 4)],
    ['binding/other', binding('other', 'c', 5)],
    ...learned.map((mac_address) => {
      const record = { network_id: 'net', mac_address, port_id: 'one' };
      return [`learned_mac/${learnedMacId('net', mac_address)}` as RecordKey, record] as const;
    }),
  ]);
}

function flowsOf(state: State, hostId: string, key: UnitKey): string[] {
  const unit = compileUnit(topologyOf(state), hostId, key);
  return (unit?.flows ?? []).map(({ table, priority, match, instructions }) =>
    flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
  );
}

const inTable = (flows: readonly string[], ...tables: readonly string[]) =>
  flows.filter((flow) => tables.some((table) => flow.startsWith(`table=${table},`)));
const UNKNOWN = ['UnknownUnicast', 'LearningHosts', 'LearningPorts'];
const rest = (flows: readonly string[]) =>
  flows.filter((flow) => flow.startsWith('table=L2Forwarding, priority=10,'));

function touched(before: State, after: State): string[] {
  const scope = touchedUnits(topologyOf(before), changeBetween(before, after, 2));
  return [...scope.entries()]
    .flatMap(([id, keys]) => [...keys].map((key) => `${id} ${key}`))
    .sort();
}

test('what a learning port sends from other addresses than its own is told', () => {
  expect(inTable(flowsOf(world(), 'a', FROM_ONE), 'StormControl', 'MacLearning')).toEqual([
    'table=StormControl, priority=100,reg14=0x3,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=meter:34,goto_table:MacLearning',
    'table=StormControl, priority=10,reg14=0x3 actions=goto_table:MacLearning',
    'table=MacLearning, priority=100,reg14=0x3,dl_src=02:00:00:00:00:01 actions=goto_table:Isolation',
    'table=MacLearning, priority=10,reg14=0x3 actions=controller(max_len=14,userdata=09,meter_id=28),goto_table:Isolation',
  ]);
  expect(inTable(flowsOf(world(), 'c', 'local-port/other'), 'MacLearning')).toEqual([]);
});

test('but for those that it has: they are counted on its host, and every host sends to them', () => {
  const state = world([NESTED]);
  expect(flowsOf(state, 'a', SOURCE)).toEqual([
    `table=MacLearning, priority=50,reg14=0x3,dl_src=${NESTED} actions=goto_table:Isolation`,
  ]);
  for (const id of ['b', 'c']) expect(flowsOf(state, id, SOURCE)).toEqual([]);
  const match = `table=L2Forwarding, priority=50,metadata=0x65,dl_dst=${NESTED}`;
  expect(flowsOf(state, 'a', FROM_ONE)).toContain(
    `${match} actions=set_field:0x3->reg15,goto_table:IngressSecurity`,
  );
  expect(flowsOf(state, 'c', 'remote-port/one')).toContain(
    `${match} actions=set_field:198.18.0.1->tun_dst,goto_table:TunnelMtu`,
  );
});

test('a port that has as many as it may tells nothing more', () => {
  const macs = Array.from({ length: LEARNED_OF_PORT_MAX }, (_, index) => {
    return `02:00:00:00:02:${index.toString(16).padStart(2, '0')}`;
  });
  const told = (learned: readonly string[]) =>
    flowsOf(world(learned), 'a', FROM_ONE).filter((flow) => flow.includes('userdata=09'));
  expect(told(macs.slice(1))).toHaveLength(1);
  expect(told(macs)).toHaveLength(0);
});

test('what is for an address that nobody has goes to ports that learn, within the limit', () => {
  const flows = flowsOf(world(), 'a', 'network/net');
  expect(rest(flows)).toEqual([
    'table=L2Forwarding, priority=10,metadata=0x65 actions=goto_table:UnknownUnicast',
  ]);
  expect(inTable(flows, ...UNKNOWN)).toEqual([
    'table=UnknownUnicast, priority=100,reg14=0x3 actions=meter:34,goto_table:LearningHosts',
    'table=LearningHosts, priority=100,reg0=0/0x1,metadata=0x65 actions=clone(move:OXM_OF_METADATA[0..23]->NXM_NX_TUN_ID[0..23],set_field:198.18.0.2->tun_dst,output:65000,set_field:0.0.0.0->tun_dst),goto_table:LearningPorts',
    'table=LearningPorts, priority=100,metadata=0x65 actions=clone(set_field:0x3->reg15,resubmit(,IngressSecurity))',
  ]);
  expect(inTable(flowsOf(world(), 'c', 'network/net'), 'LearningPorts')).toEqual([]);
  expect(flows).toContain(
    'table=L2Forwarding, priority=50,metadata=0x65,dl_dst=02:48:44:00:00:01 actions=drop',
  );
});

test('without a limit of storms there is none of it either', () => {
  const unit = compileUnit(topologyOf(world()), 'a', 'network/net', {
    storm: undefined,
    snooping: true,
  });
  const tables = (unit?.flows ?? []).map(({ table }) => TABLE_NAMES.get(table));
  expect(tables).not.toContain('UnknownUnicast');
  expect(tables).toContain('LearningPorts');
});

test('where no port learns it goes nowhere', () => {
  const state = world();
  state.set('port/one', { ...(state.get('port/one') as Port), mac_learning_enabled: false });
  state.set('port/two', { ...(state.get('port/two') as Port), mac_learning_enabled: false });
  const flows = flowsOf(state, 'a', 'network/net');
  expect(rest(flows)).toEqual(['table=L2Forwarding, priority=10,metadata=0x65 actions=drop']);
  expect(inTable(flows, ...UNKNOWN)).toEqual([]);
});

test('a port with port security does not learn, whatever it says', () => {
  const state = world([NESTED], { ...LEARNS, port_security_enabled: true });
  expect(inTable(flowsOf(state, 'a', FROM_ONE), 'MacLearning')).toEqual([]);
  expect(flowsOf(state, 'a', SOURCE)).toEqual([]);
  expect(inTable(flowsOf(state, 'a', 'network/net'), 'LearningPorts')).toEqual([]);
});

test('an address touches its port on every host, and nothing else', () => {
  expect(touched(world(), world([NESTED]))).toEqual([
    `a ${SOURCE}`,
    'a local-port/one',
    'b remote-port/one',
    'c remote-port/one',
  ]);
});

test('a port that begins to learn touches its network where something differs', () => {
  const silent = { port_security_enabled: false };
  expect(touched(world([], silent), world())).toEqual([
    'a local-port/one',
    'a network/net',
    'b network/net',
    'c network/net',
  ]);
  const second = (learns: boolean) => {
    const state = world();
    const at = { network: 'net', mac: '02:00:00:00:00:09', ips: [] };
    state.set('port/more', port('more', at, { ...LEARNS, mac_learning_enabled: learns }));
    return state.set('binding/more', binding('more', 'a', 9));
  };
  expect(touched(second(false), second(true))).toEqual(['a local-port/more', 'a network/net']);
});
