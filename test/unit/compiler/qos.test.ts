/**
 * Goal: a QoS policy is meters and a flow or two on the port's own host, and no more.
 * Method: units of a small topology as text; changes by their touched units.
 */
import { describe, expect, test } from 'vitest';
import { binding, host, network, port, qosRule } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileUnit } from '../../../src/compiler/index.ts';
import { portMeter, TABLE_NAMES } from '../../../src/pipeline/index.ts';
import {
  type AnyRecord,
  type QosRule,
  type RecordKey,
  touchedUnits,
} from '../../../src/topology/index.ts';
import { changeBetween, type State } from '../../support/world.ts';
import { flowLine, meterLines } from '../../support/world-text.ts';

/** Of the port that a policy is looked at. */
const METER = {
  egressBits: portMeter('egress-bandwidth', 3),
  ingressBits: portMeter('ingress-bandwidth', 3),
  egressPackets: portMeter('egress-packets', 3),
  ingressPackets: portMeter('ingress-packets', 3),
};

const AT = { network: 'net', mac: '02:00:00:00:00:0a', ips: ['10.0.0.10'] };

function stateOf(rules: readonly QosRule[], more: readonly [RecordKey, AnyRecord][] = []): State {
  return new Map<RecordKey, AnyRecord>([
    ['host/a', host('a', '198.18.0.1')],
    ['host/b', host('b', '198.18.0.2')],
    ['network/net', network('net', 101, { qos_policy_id: 'gold' })],
    ['port/web', port('web', AT)],
    ['binding/web', binding('web', 'a', 3)],
    ['port/db', port('db', { ...AT, mac: '02:00:00:00:00:0b', ips: [] })],
    ['binding/db', binding('db', 'b', 4)],
    ...rules.map((rule): [RecordKey, AnyRecord] => [`qos_rule/${rule.id}`, rule]),
    ...more,
  ]);
}

function compiled(state: State): { flows: string[]; meters: string[] } {
  const unit = compileUnit(topologyOf(state), 'a', 'local-port/web');
  const flows = (unit?.flows ?? []).map(({ table, priority, match, instructions }) =>
    flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
  );
  const own = flows.filter((flow) =>
    /^table=(Classifier|EgressMeter|Output|IngressMeter),/.test(flow),
  );
  // Meters of services are those that every port has.
  const meters = (unit?.meters ?? []).filter(({ meterId }) =>
    Object.values(METER).includes(meterId),
  );
  return { flows: own, meters: meterLines(meters) };
}

const limit = (
  direction: 'ingress' | 'egress',
  max_kbps: number,
  max_burst_kbps = 0,
  id = `kbps-${direction}`,
) => qosRule(id, 'gold', { type: 'bandwidth_limit', direction, max_kbps, max_burst_kbps });

const packets = (direction: 'ingress' | 'egress', max_kpps: number, max_burst_kpps = 0) =>
  qosRule(`kpps-${direction}`, 'gold', {
    type: 'packet_rate_limit',
    direction,
    max_kpps,
    max_burst_kpps,
  });

const mark = qosRule('mark', 'gold', { type: 'dscp_marking', dscp_mark: 46 });

const METADATA = 'set_field:0x65->metadata,set_field:0x3->reg14,set_field:0x3/0xffff->reg10';
const FROM_PORT = 'in_port=3,vlan_tci=0x0000/0x1fff';

test('a port without a policy has no flow and no meter for it', () => {
  expect(compiled(stateOf([]))).toEqual({
    flows: [
      `table=Classifier, priority=100,${FROM_PORT} actions=${METADATA},goto_table:PortSecurityEth`,
    ],
    meters: [],
  });
});

test('limits of both kinds are meters that the flows of the port name', () => {
  const rules = [limit('egress', 5000), limit('ingress', 4000, 1000)];
  const rates = [packets('egress', 2), packets('ingress', 3, 1)];
  expect(compiled(stateOf([...rules, ...rates]))).toEqual({
    flows: [
      `table=Classifier, priority=100,${FROM_PORT} actions=meter:${METER.egressBits},${METADATA},goto_table:EgressMeter`,
      `table=EgressMeter, priority=100,reg14=0x3 actions=meter:${METER.egressPackets},goto_table:PortSecurityEth`,
      `table=Output, priority=200,reg15=0x3 actions=meter:${METER.ingressBits},goto_table:IngressMeter`,
      `table=IngressMeter, priority=100,reg15=0x3 actions=meter:${METER.ingressPackets},output:NXM_NX_REG15[]`,
    ],
    meters: [
      `meter=${METER.egressBits} kbps burst stats bands=\ntype=drop rate=5000 burst_size=4000`,
      `meter=${METER.egressPackets} pktps burst stats bands=\ntype=drop rate=2000 burst_size=1600`,
      `meter=${METER.ingressBits} kbps burst stats bands=\ntype=drop rate=4000 burst_size=1000`,
      `meter=${METER.ingressPackets} pktps burst stats bands=\ntype=drop rate=3000 burst_size=1000`,
    ],
  });
});

describe('what a port is promised to send', () => {
  const promise = (min_kbps: number, direction: 'ingress' | 'egress' = 'egress') =>
    qosRule(`promise-${direction}`, 'gold', { type: 'minimum_bandwidth', min_kbps, direction });
  const knowing = (...rules: QosRule[]): State =>
    stateOf(rules, [['host/a', host('a', '198.18.0.1', { egress_queues: true })]]);
  const queues = (state: State) =>
    compileUnit(topologyOf(state), 'a', 'local-port/web')?.queues.map(({ queueId, kbps }) => [
      queueId,
      kbps,
    ]);
  const at = (ofport: number): State =>
    new Map([...knowing(promise(1)), ['binding/web', binding('web', 'a', ofport)]]);

  test('is a queue of its number, which all that it sends goes to', () => {
    const state = knowing(promise(3000), limit('egress', 5000), mark);
    const chosen = `meter:${METER.egressBits},set_queue:3,${METADATA}`;
    expect(compiled(state).flows).toEqual([
      `table=Classifier, priority=100,${FROM_PORT} actions=${chosen},goto_table:PortSecurityEth`,
      ...['ip', 'ipv6'].map(
        (ip) =>
          `table=Classifier, priority=200,${ip},${FROM_PORT} actions=${chosen},set_field:46->ip_dscp,goto_table:PortSecurityEth`,
      ),
    ]);
    expect(queues(state)).toEqual([[3, 3000]]);
  });

  test('is nothing where the way out is not known, or nothing is promised of it', () => {
    const nothing = compiled(stateOf([]));
    const states = [stateOf([promise(3000)]), knowing(promise(0)), knowing(promise(9, 'ingress'))];
    for (const state of states) {
      expect(compiled(state)).toEqual(nothing);
      expect(queues(state)).toEqual([]);
    }
  });

  test('is nothing to a port whose number no queue has', () => {
    expect(queues(at(61_439))).toEqual([[61_439, 1]]);
    expect(queues(at(61_440))).toEqual([]);
  });

  test('touches the port on its own host when it changes, or the host’s way out does', () => {
    const touched = (before: State, after: State) => [
      ...touchedUnits(topologyOf(before), changeBetween(before, after, 2)).entries(),
    ];
    const one = [['a', ['local-port/web']]];
    const units = (before: State, after: State) =>
      touched(before, after).map(([id, keys]) => [id, [...keys]]);
    expect(units(knowing(promise(1)), knowing(promise(2)))[0]).toEqual(one[0]);
    expect(units(stateOf([promise(1)]), knowing(promise(1)))).toEqual(one);
  });
});

test('one limit is one flow, whichever it is', () => {
  expect(compiled(stateOf([packets('ingress', 2)])).flows.slice(1)).toEqual([
    `table=Output, priority=200,reg15=0x3 actions=meter:${METER.ingressPackets},output:NXM_NX_REG15[]`,
  ]);
});

test('a burst holds the largest packet, or no such packet would ever pass', () => {
  expect(compiled(stateOf([limit('egress', 100)])).meters[0]).toContain('burst_size=525');
  expect(compiled(stateOf([limit('egress', 5000, 1)])).meters[0]).toContain('burst_size=525');
});

test('a limit of 0 is none, and one above what a meter holds is as high as it goes', () => {
  expect(compiled(stateOf([limit('egress', 0), packets('ingress', 0)])).meters).toEqual([]);
  const [meter] = compiled(stateOf([packets('egress', 2 ** 31 - 1, 1)])).meters;
  expect(meter).toContain(`rate=${2 ** 32 - 1} burst_size=1000`);
});

test('a mark is written into IP packets of either version, metered alike', () => {
  const { flows } = compiled(stateOf([mark, limit('egress', 5000)]));
  const marked = (ip: string) =>
    `table=Classifier, priority=200,${ip},${FROM_PORT} actions=meter:${METER.egressBits},${METADATA},set_field:46->ip_dscp,goto_table:PortSecurityEth`;
  expect(flows.slice(1)).toEqual([marked('ip'), marked('ipv6')]);
});

test("a port's own policy wins, and ports of the network itself inherit none", () => {
  const own = port('web', AT, { qos_policy_id: 'silver' });
  const dhcp = port('web', AT, { device_owner: 'network:dhcp' });
  const rules = [limit('egress', 5000)];
  expect(compiled(stateOf(rules, [['port/web', own]])).meters).toEqual([]);
  expect(compiled(stateOf(rules, [['port/web', dhcp]])).meters).toEqual([]);
  const given = { ...dhcp, qos_policy_id: 'gold' };
  expect(compiled(stateOf(rules, [['port/web', given]])).meters).toHaveLength(1);
});

test('of two rules alike one counts, the same whatever the order in which they came', () => {
  const rules = [limit('egress', 5000), limit('egress', 6000, 0, 'kbps-zz')];
  const meters = compiled(stateOf(rules)).meters;
  expect(meters).toHaveLength(1);
  expect(compiled(stateOf(rules.toReversed())).meters).toEqual(meters);
});

test('a rate that changes changes a meter and no flow, where the port is and nowhere else', () => {
  const [before, after] = [stateOf([limit('egress', 5000)]), stateOf([limit('egress', 6000)])];
  const topology = topologyOf(before);
  const scope = touchedUnits(topology, changeBetween(before, after, 2));
  expect([...scope.unitsOf('a')]).toContain('local-port/web');
  expect([...scope.unitsOf('b')]).not.toContain('remote-port/web');
  expect(compiled(after).flows).toEqual(compiled(before).flows);
  expect(compiled(after).meters).not.toEqual(compiled(before).meters);
});
