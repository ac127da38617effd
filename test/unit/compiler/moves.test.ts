/**
 * Goal: while a VM moves, both hosts hold all that its port needs, every host sends to both, and the
 * new one tells of the first packet there; before and after a port costs what it always does.
 * Method: units of a small topology as ovs-ofctl text with table names.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, compileUnit, DesiredState } from '../../../src/compiler/index.ts';
import { TABLE_NAMES } from '../../../src/pipeline/index.ts';
import type { AnyRecord, Binding, Port, RecordKey, UnitKey } from '../../../src/topology/index.ts';
import { flowLine } from '../../support/world-text.ts';

type State = 'arriving' | 'left' | 'none';

/** Port web runs on host a at 3, and is plugged into host b at 7, too. */
function world(state: State, more: Partial<Port> = {}) {
  const at = { network: 'net', mac: '02:00:00:00:00:0a', ips: ['10.0.0.10'] };
  const here = binding('web', 'a', 3);
  const move = { host_id: 'b', ofport: 7, interface_name: 'tap' };
  const moving: Binding = state === 'none' ? here : { ...here, move: { ...move, state } };
  return topologyOf(
    new Map<RecordKey, AnyRecord>([
      ['host/a', host('a', '198.18.0.1')],
      ['host/b', host('b', 'fd99::2')],
      ['host/c', host('c', '198.18.0.3')],
      ['network/net', network('net', 101)],
      ['port/web', port('web', at, more)],
      ['port/db', port('db', { ...at, mac: '02:00:00:00:00:0b', ips: [] })],
      ['binding/web', moving],
      ['binding/db', binding('db', 'c', 4)],
    ]),
  );
}

function flowsOf(state: State, hostId: string, key: UnitKey, more: Partial<Port> = {}): string[] {
  const unit = compileUnit(world(state, more), hostId, key);
  return (unit?.flows ?? []).map(({ table, priority, match, instructions }) =>
    flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
  );
}

function flowCount(state: State, hostId: string): number {
  const desired = new DesiredState();
  desired.apply(compileHost(world(state), hostId));
  return desired.flowCount;
}

const forwarding = (flows: readonly string[]) =>
  flows.filter((flow) => flow.includes('table=L2Forwarding')).map(actionsOf);
const actionsOf = (flow: string) => flow.slice(flow.indexOf('actions=') + 8);

test('other hosts send to both, each by its own kind of address', () => {
  expect(forwarding(flowsOf('arriving', 'c', 'remote-port/web'))).toEqual([
    'set_field:fd99::2->tun_ipv6_dst,resubmit(,RemoteOutput),set_field:::->tun_ipv6_dst,set_field:198.18.0.1->tun_dst,goto_table:TunnelMtu',
  ]);
});

test('each of the two hosts sends to its own interface, and to the other host', () => {
  expect(forwarding(flowsOf('arriving', 'a', 'local-port/web'))).toEqual([
    'set_field:fd99::2->tun_ipv6_dst,resubmit(,RemoteOutput),set_field:::->tun_ipv6_dst,set_field:0x3->reg15,goto_table:IngressSecurity',
  ]);
  expect(forwarding(flowsOf('arriving', 'b', 'local-port/web'))).toEqual([
    'set_field:198.18.0.1->tun_dst,resubmit(,RemoteOutput),set_field:0.0.0.0->tun_dst,set_field:0x7->reg15,goto_table:IngressSecurity',
  ]);
});

test.each([true, false])('the new host alone tells what is sent there (security %s)', (secured) => {
  const more = { port_security_enabled: secured };
  const tells = (state: State, hostId: string) =>
    flowsOf(state, hostId, 'local-port/web', more).filter((flow) => flow.includes('userdata=08'));
  expect(tells('arriving', 'a')).toEqual([]);
  expect(tells('none', 'a')).toEqual([]);
  const [flow = '', ...others] = tells('arriving', 'b');
  expect(others).toEqual([]);
  expect(flow).toMatch(
    /table=PortSecurityEth.*actions=controller\(.*meter_id=64\),set_field:0x10\/0x10->reg0,goto_table/,
  );
});

test('a place that was left holds nothing, and a move costs no flow where the VM runs', () => {
  expect(flowsOf('left', 'b', 'local-port/web')).toEqual([]);
  expect(flowCount('left', 'b')).toBe(flowCount('none', 'b'));
  for (const id of ['a', 'c']) expect(flowCount('left', id)).toBe(flowCount('none', id));
  expect(flowCount('arriving', 'c')).toBe(flowCount('none', 'c') + 1);
});
