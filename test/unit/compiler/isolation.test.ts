/**
 * Goal: an isolated port, or one of a community, is reached by those alone whom it may hear, and asked
 * about by them alone; all others cost what they always do.
 * Method: units of a small topology as ovs-ofctl text with table names.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, compileUnit, DesiredState } from '../../../src/compiler/index.ts';
import { TABLE_NAMES } from '../../../src/pipeline/index.ts';
import type { AnyRecord, Port, RecordKey, Topology, UnitKey } from '../../../src/topology/index.ts';
import { flowLine } from '../../support/world-text.ts';

const ISOLATED = { isolation: 'isolated' } as const;
const inCommunity = (isolation_community: string): Partial<Port> => ({
  isolation: 'community',
  isolation_community,
});

/** Port web runs on host a at 3, db on host b at 4. */
function world(web: Partial<Port> = {}, more: readonly [RecordKey, AnyRecord][] = []) {
  const at = (number: number) => ({
    network: 'net',
    mac: `02:00:00:00:00:0${number}`,
    ips: [`10.0.0.${number}`],
  });
  return topologyOf(
    new Map<RecordKey, AnyRecord>([
      ['host/a', host('a', '198.18.0.1')],
      ['host/b', host('b', '198.18.0.2')],
      ['network/net', network('net', 101)],
      ['port/web', port('web', at(1), web)],
      ['port/db', port('db', at(2))],
      ['binding/web', binding('web', 'a', 3)],
      ['binding/db', binding('db', 'b', 4)],
      ...more,
    ]),
  );
}

function flowsOf(web: Partial<Port>, hostId: string, key: UnitKey, table: string): string[] {
  return flowsIn(world(web), hostId, key, table);
}

function flowsIn(topology: Topology, hostId: string, key: UnitKey, table: string): string[] {
  const unit = compileUnit(topology, hostId, key);
  return (unit?.flows ?? [])
    .map(({ table: id, priority, match, instructions }) =>
      flowLine(
        { table: id, priority, cookie: 0n, match, instructions },
        { tableNames: TABLE_NAMES },
      ),
    )
    .filter((flow) => flow.startsWith(`table=${table},`))
    .map((flow) => flow.replace(/^table=\w+, priority=\d+,/, ''));
}

function flowCount(web: Partial<Port>, hostId: string): number {
  const desired = new DesiredState();
  desired.apply(compileHost(world(web), hostId));
  return desired.flowCount;
}

/** The unit of port web on its own host, and on the other. */
const PLACES = [
  ['a', 'local-port/web'],
  ['b', 'remote-port/web'],
] as const;

test('what is for an isolated port is dropped on every host, unless all may hear its sender', () => {
  for (const [id, key] of PLACES) {
    expect(flowsOf(ISOLATED, id, key, 'Isolation')).toEqual([
      'reg13=0x1/0x1,metadata=0x65,dl_dst=02:00:00:00:00:01 actions=drop',
    ]);
    const answers = flowsOf(ISOLATED, id, key, 'NeighborResponder').filter((flow) =>
      flow.includes('goto_table:ArpReply'),
    );
    expect(answers).toHaveLength(1);
    expect(answers[0]).toContain('reg13=0/0x1,');
    expect(flowsOf(ISOLATED, id, key, 'L2Forwarding')).toEqual(
      flowsOf({}, id, key, 'L2Forwarding'),
    );
  }
});

test('a port of a community hears its community besides, and no other', () => {
  const flows = (name: string) => flowsOf(inCommunity(name), 'b', 'remote-port/web', 'Isolation');
  const [web, db] = [flows('web'), flows('db')];
  expect(web).toEqual([
    expect.stringMatching(/^reg13=\w+\/0xfffffffe,.* actions=goto_table:L2Forwarding$/),
    'reg13=0x1/0x1,metadata=0x65,dl_dst=02:00:00:00:00:01 actions=drop',
  ]);
  expect(web[0]).not.toBe(db[0]);
  expect(flows('web')).toEqual(web);
});

test('a sender that is set apart is known on its own host by its port, on others by its address', () => {
  expect(flowsOf(ISOLATED, 'a', 'local-port/web', 'Classifier')[0]).toContain(
    'set_field:0x1/0x1->reg13',
  );
  for (const [id, key] of PLACES) {
    expect(flowsOf(ISOLATED, id, key, 'RemoteSender')).toEqual([
      'tun_id=0x65,dl_src=02:00:00:00:00:01 actions=set_field:0x1/0x1->reg13,goto_table:TunnelPeer',
    ]);
  }
  const [sent] = flowsOf(inCommunity('web'), 'b', 'remote-port/web', 'RemoteSender');
  expect(sent).toMatch(/set_field:0x1\/0x1->reg13,set_field:\w+\/0xfffffffe->reg13,goto/);
});

test('copies for a port that is set apart are looked at one by one', () => {
  expect(flowsOf(ISOLATED, 'a', 'local-port/web', 'CopyIsolation')).toEqual([
    'reg13=0x1/0x1,reg15=0x3 actions=drop',
  ]);
  for (const flow of flowsOf(ISOLATED, 'a', 'local-port/web', 'IngressSecurity')) {
    expect(flow).toContain('reg13=0/0x1,');
  }
  const [before, after] = [{}, ISOLATED].map((web) =>
    compileUnit(world(web), 'a', 'network/net')?.groups.flatMap(({ buckets }) =>
      buckets.map((bucket) => bucket.toString('hex')),
    ),
  );
  expect(after).not.toEqual(before);
});

test('a port that is set apart has no address but its own', () => {
  const virtual = '02:00:00:00:00:99';
  const learned: [RecordKey, AnyRecord] = [
    'learned_mac/net/02:00:00:00:00:99',
    { network_id: 'net', mac_address: virtual, port_id: 'web' },
  ];
  const pairs = { allowed_address_pairs: [{ ip_address: '10.0.0.9', mac_address: virtual }] };
  const leading = (web: Partial<Port>) =>
    flowsIn(world({ ...web, ...pairs }, [learned]), 'b', 'remote-port/web', 'L2Forwarding').length;
  expect([leading({}), leading(ISOLATED)]).toEqual([2, 1]);
});

test('a promiscuous port costs what one does that says nothing; others a few flows more', () => {
  for (const [id, isolated, community] of [
    ['a', 3, 8],
    ['b', 2, 4],
  ] as const) {
    const [free, promiscuous, apart, web] = [
      {},
      { isolation: 'promiscuous' } as const,
      ISOLATED,
      inCommunity('web'),
    ].map((each) => flowCount(each, id)) as [number, number, number, number];
    expect([promiscuous, apart, web].map((count) => count - free)).toEqual([
      0,
      isolated,
      community,
    ]);
  }
});
