/**
 * Goal: the few flows that everything rests on read as intended.
 * Method: units of a small topology as ovs-ofctl text with table names. What the flows do to
 * packets is the matter of test/sequence/compiler and test/integration/pipeline.
 */
import { expect, test } from 'vitest';
import { binding, host, network, networkLog, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, compileUnit, DesiredState } from '../../../src/compiler/index.ts';
import { portMeter, TABLE_NAMES } from '../../../src/pipeline/index.ts';
import type { AnyRecord, NetworkLog, RecordKey, UnitKey } from '../../../src/topology/index.ts';
import { flowLine } from '../../support/world-text.ts';

type Records = readonly (readonly [RecordKey, AnyRecord])[];

const RECORDS: Records = [
  ['host/a', host('a', '198.18.0.1')],
  ['host/b', host('b', '198.18.0.2')],
  ['network/net', network('net', 101)],
  ['port/web', port('web', { network: 'net', mac: '02:00:00:00:00:0a', ips: ['10.0.0.10'] })],
  ['port/db', port('db', { network: 'net', mac: '02:00:00:00:00:0b', ips: ['fd00::b'] })],
  ['binding/web', binding('web', 'a', 3)],
  ['binding/db', binding('db', 'b', 4)],
];

function flowsOf(hostId: string, key: UnitKey, more: Records = []): string[] {
  const unit = compileUnit(topologyOf(new Map([...RECORDS, ...more])), hostId, key);
  return (unit?.flows ?? []).map(({ table, priority, match, instructions }) =>
    flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
  );
}

test('a port is classified by its number and its lack of a tag', () => {
  expect(flowsOf('a', 'local-port/web')).toContain(
    'table=Classifier, priority=100,in_port=3,vlan_tci=0x0000/0x1fff actions=set_field:0x65->metadata,set_field:0x3->reg14,set_field:0x3/0xffff->reg10,goto_table:PortSecurityEth',
  );
});

test('a port elsewhere is one flow for its address and one for each question about it', () => {
  expect(flowsOf('a', 'remote-port/db')).toEqual([
    'table=NeighborResponder, priority=100,icmp6,metadata=0x65,dl_dst=33:33:00:00:00:00/ff:ff:00:00:00:00,icmp_type=135,icmp_code=0,nd_target=fd00::b actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:02:00:00:00:00:0b->eth_src,set_field:136->icmpv6_type,goto_table:NdReply',
    'table=L2Forwarding, priority=100,metadata=0x65,dl_dst=02:00:00:00:00:0b actions=set_field:198.18.0.2->tun_dst,goto_table:TunnelMtu',
  ]);
});

test('a switch without the ND extensions answers no solicitation', () => {
  const plain: Records = [['host/a', host('a', '198.18.0.1', { nd_extensions: false })]];
  const all = (['base', 'local-port/web', 'remote-port/db'] as const).flatMap((key) =>
    flowsOf('a', key, plain),
  );
  expect(all.filter((flow) => flow.includes('NdReply'))).toEqual([
    'table=NdReply, priority=0 actions=drop',
  ]);
});

test('a host with an IPv6 tunnel address is reached and admitted by it', () => {
  const six: Records = [['host/b', host('b', 'fd99::2')]];
  expect(flowsOf('a', 'remote-port/db', six).at(-1)).toContain('set_field:fd99::2->tun_ipv6_dst');
  expect(flowsOf('a', 'peer/b', six)).toEqual([
    'table=TunnelPeer, priority=100,tun_ipv6_src=fd99::2 actions=goto_table:TunnelNetwork',
  ]);
});

test('a port without port security has one flow to pass, and none to check', () => {
  const open = port(
    'web',
    { network: 'net', mac: '02:00:00:00:00:0a', ips: [] },
    { port_security_enabled: false },
  );
  const flows = flowsOf('a', 'local-port/web', [['port/web', open]]);
  expect(flows.filter((flow) => flow.includes('table=PortSecurity'))).toEqual([
    'table=PortSecurityEth, priority=400,reg14=0x3 actions=goto_table:EgressSecurity',
  ]);
});

test('an allowed address pair binds its addresses to its own MAC address', () => {
  const pair = { mac_address: '02:00:00:00:00:99', ip_address: '10.0.1.0/24' };
  const web = port(
    'web',
    { network: 'net', mac: '02:00:00:00:00:0a', ips: [] },
    { allowed_address_pairs: [pair] },
  );
  expect(flowsOf('a', 'local-port/web', [['port/web', web]])).toContain(
    'table=PortSecurityIp, priority=100,ip,reg14=0x3,dl_src=02:00:00:00:00:99,nw_src=10.0.1.0/24 actions=goto_table:EgressSecurity',
  );
});

test('what comes from the tunnel is marked, and its broadcasts go to local ports alone', () => {
  const flows = flowsOf('a', 'network/net');
  expect(flows).toContain(
    'table=TunnelNetwork, priority=100,tun_id=0x65,tun_flags=-oam,vlan_tci=0x0000/0x1fff actions=set_field:0x1/0x1->reg0,set_field:0x65->metadata,goto_table:Isolation',
  );
  const broadcast = 'metadata=0x65,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00';
  expect(flows).toContain(
    `table=L2Forwarding, priority=100,reg0=0x1/0x1,${broadcast} actions=set_field:0/0x2->reg0,goto_table:FloodClassifier`,
  );
  const remote = flows.filter((flow) => flow.includes('group:2147483749'));
  // Everything for many, and what of it is no stream.
  expect(remote.map((flow) => /priority=(\d+)/.exec(flow)?.[1])).toEqual(['100', '300']);
  for (const flow of remote) expect(flow).toContain('reg0=0/0x1');
});

test('what comes from the tunnel for a port elsewhere, or for nobody, is dropped and counted', () => {
  expect(flowsOf('a', 'base')).toContain(
    'table=RemoteOutput, priority=300,reg0=0x1/0x1 actions=drop',
  );
  expect(flowsOf('a', 'network/net')).toContain(
    'table=L2Forwarding, priority=10,metadata=0x65 actions=drop',
  );
});

test('what is for another host is checked against the MTU of its network, in one flow', () => {
  const check = (more: Records) =>
    flowsOf('a', 'network/net', more).filter((flow) => flow.startsWith('table=TunnelMtu'));
  const sized = (bytes: number) =>
    `table=TunnelMtu, priority=100,metadata=0x65 actions=check_pkt_larger(${bytes})->NXM_NX_REG0[2],goto_table:RemoteOutput`;
  expect(check([])).toEqual([sized(1442 + 14)]);
  expect(check([['network/net', network('net', 101, { mtu: 65_535 })]])).toEqual([sized(65_535)]);
});

test('who sends what is too big is told as far as its meter allows, and the rest is dropped', () => {
  const flows = flowsOf('a', 'base').filter((flow) =>
    /^table=(RemoteOutput|ServicePunt)/.test(flow),
  );
  for (const ip of ['ip', 'ipv6']) {
    expect(flows).toContain(
      `table=RemoteOutput, priority=200,${ip},reg0=0x4/0x4,nw_frag=not_later actions=set_field:0x400/0xff00->reg0,resubmit(,ServiceMeter)`,
    );
  }
  expect(flows).toContain('table=RemoteOutput, priority=0 actions=drop');
  expect(flows).toContain(
    'table=ServicePunt, priority=100,reg0=0x400/0xff00 actions=controller(max_len=1280,userdata=04)',
  );
});

test('an allowed address pair of all addresses asks for the MAC address alone', () => {
  const mac_address = '02:00:00:00:00:99';
  const pairs = ['0.0.0.0/0', '::/0'].map((ip_address) => ({ mac_address, ip_address }));
  const web = port(
    'web',
    { network: 'net', mac: '02:00:00:00:00:0a', ips: [] },
    { allowed_address_pairs: pairs },
  );
  const flows = flowsOf('a', 'local-port/web', [['port/web', web]]);
  for (const packet of ['ip,', 'ipv6,']) {
    const next = packet === 'ip,' ? 'EgressSecurity' : 'PortSecurityNd';
    expect(flows).toContain(
      `table=PortSecurityIp, priority=100,${packet}reg14=0x3,dl_src=${mac_address} actions=goto_table:${next}`,
    );
  }
});

test('a host that cannot be reached by tunnel is left out, and nothing fails', () => {
  const lost: Records = [['host/b', host('b', 'not an address')]];
  expect(flowsOf('a', 'remote-port/db', lost)).toEqual([]);
  expect(flowsOf('a', 'peer/b', lost)).toEqual([]);
  expect(flowsOf('a', 'network/net', lost)).not.toEqual([]);
});

test.each<[string, Records]>([
  [
    'its port is down',
    [
      [
        'port/web',
        port(
          'web',
          { network: 'net', mac: '02:00:00:00:00:0a', ips: [] },
          { admin_state_up: false },
        ),
      ],
    ],
  ],
  ['its network is down', [['network/net', network('net', 101, { admin_state_up: false })]]],
])('a host holds its base alone when %s', (_, more) => {
  const topology = topologyOf(new Map([...RECORDS, ...more]));
  expect([...compileHost(topology, 'a').keys()]).toEqual(['base']);
});

test('a host that is not enrolled holds nothing', () => {
  const topology = topologyOf(new Map(RECORDS));
  expect(compileHost(topology, 'c').size).toBe(0);
});

const LOGGED = 'port-log/web';
const logOf = (more: Partial<NetworkLog> = {}): Records => [
  ['log/l', networkLog('l', { target_id: 'web', ...more })],
];

test('a port that nobody logs has no flow for it, nor has one without port security', () => {
  const at = { network: 'net', mac: '02:00:00:00:00:0a', ips: [] };
  const open = port('web', at, { port_security_enabled: false });
  for (const more of [[], logOf({ enabled: false }), logOf({ target_id: 'db' })]) {
    expect(flowsOf('a', LOGGED, more)).toEqual([]);
  }
  expect(flowsOf('a', LOGGED, [...logOf(), ['port/web', open]])).toEqual([]);
});

test('what is let through goes its way and is told of, as far as a meter of the port allows', () => {
  const flows = flowsOf('a', LOGGED, logOf({ event: 'ACCEPT' }));
  expect(flows).toHaveLength(8);
  const [first = ''] = flows;
  expect(first).toContain('table=EgressVerdict, priority=400,ct_state=+new+trk,ct_mark=0/0x1,ip');
  expect(first).toContain(',reg14=0x3,');
  expect(first).toMatch(
    /actions=controller\(.*max_len=192.*meter_id=\d+\),ct\(commit,.*goto_table/,
  );
  expect(first).toContain(`meter_id=${portMeter('log', 3)}`);
  for (const flow of flows) expect(flow).toMatch(/goto_table:(NeighborResponder|Output)$/);
});

test('what is dropped is told of and goes no further', () => {
  const flows = flowsOf('a', LOGGED, logOf({ event: 'DROP' }));
  expect(flows).toHaveLength(4);
  for (const flow of flows) expect(flow).toMatch(/actions=controller\(\S*\)$/);
});

test('logs cost their ports a sum, and nobody else anything', () => {
  const costs = (more: Records): number => {
    const state = new DesiredState();
    state.apply(compileHost(topologyOf(new Map([...RECORDS, ...more])), 'a'));
    return state.flowCount;
  };
  const none = costs([]);
  const all: Records = [['log/m', networkLog('m')]];
  expect(costs(logOf()) - none).toBe(12);
  // Two logs of one port cost what one costs.
  expect(costs([...logOf(), ...all]) - none).toBe(12);
});

const NAMED: Records = [
  [
    'port/db',
    port('db', { network: 'net', mac: '02:00:00:00:00:0b', ips: [] }, { dns_name: 'db' }),
  ],
];

test('while no port of a network has a name, its DNS costs nothing', () => {
  const unit = compileUnit(topologyOf(new Map(RECORDS)), 'a', 'network/net');
  expect(unit?.meters).toEqual([]);
  expect(flowsOf('a', 'network/net').filter((flow) => /Dns|tp_dst=53/.test(flow))).toEqual([]);
});

test('where one has, wherever it is, queries go to the controller through a meter a port', () => {
  const flows = flowsOf('a', 'network/net', NAMED);
  expect(flows.filter((flow) => flow.includes('Dns'))).toEqual([
    'table=NeighborResponder, priority=100,udp,metadata=0x65,dl_dst=00:00:00:00:00:00/01:00:00:00:00:00,tp_dst=53 actions=goto_table:DnsQueries',
    'table=NeighborResponder, priority=100,udp6,metadata=0x65,dl_dst=00:00:00:00:00:00/01:00:00:00:00:00,tp_dst=53 actions=goto_table:DnsQueries',
    'table=DnsQueries, priority=100,reg14=0x3 actions=meter:35,controller(userdata=05)',
  ]);
  const unit = compileUnit(topologyOf(new Map([...RECORDS, ...NAMED])), 'a', 'network/net');
  expect(unit?.meters.map(({ meterId }) => meterId)).toEqual([35]);
});
