/**
 * Goal: a packet and its answer make one exchange.
 * Method: two ports of one switch, made of flows by hand.
 */
import { describe, expect, test } from 'vitest';
import { answerTo } from '../../../src/simulator/exchange.ts';
import { exchange, FleetSimulator, type PacketFields } from '../../../src/simulator/index.ts';
import { stateFromText } from '../../support/flow-text.ts';

describe('an answer', () => {
  const ends = { eth_src: 1, eth_dst: 2, eth_type: 0x0800, ip_src: 3, ip_dst: 4 };
  const turned = { eth_src: 2, eth_dst: 1, eth_type: 0x0800, ip_src: 4, ip_dst: 3 };

  test.each<[string, PacketFields, PacketFields | undefined]>([
    [
      'of TCP accepts the connection',
      { ...ends, ip_proto: 6, tcp_src: 5, tcp_dst: 80, tcp_flags: 2 },
      { ...turned, ip_proto: 6, tcp_src: 80, tcp_dst: 5, tcp_flags: 0x12 },
    ],
    [
      'of UDP comes from the port that was asked',
      { ...ends, ip_proto: 17, udp_src: 5, udp_dst: 53 },
      { ...turned, ip_proto: 17, udp_src: 53, udp_dst: 5 },
    ],
    [
      'of a ping has its identifier',
      { ...ends, ip_proto: 1, icmp_type: 8, icmp_code: 0, icmp_id: 7 },
      { ...turned, ip_proto: 1, icmp_type: 0, icmp_code: 0, icmp_id: 7 },
    ],
    ['of an ICMP error is none', { ...ends, ip_proto: 1, icmp_type: 3, icmp_code: 1 }, undefined],
  ])('%s', (_, packet, answer) => {
    expect(answerTo(packet)).toEqual(answer);
  });
});

describe('an exchange', () => {
  const udp = { eth_type: 0x0800, ip_proto: 17, ip_src: 1, ip_dst: 2, udp_src: 3, udp_dst: 4 };
  const run = (flows: readonly string[]) =>
    exchange(
      new FleetSimulator([{ id: 'h', encap: 1, state: stateFromText(flows) }]),
      { from: { hostId: 'h', ofport: 1, vlan: 0 }, to: { hostId: 'h', ofport: 2, vlan: 0 } },
      udp,
    );
  const tracked = [
    'in_port=1,udp,actions=ct(commit,zone=9),output:2',
    'in_port=2,udp,actions=ct(table=1,zone=9)',
  ];

  test('hands the connection of the packet to the answer', () => {
    const { isDelivered, isAnswered, reply } = run([
      ...tracked,
      'table=1,ct_state=+est+rpl+trk,actions=output:1',
    ]);
    expect([isDelivered, isAnswered, reply?.hops[0]?.outPorts]).toEqual([true, true, [1]]);
  });

  test('tells a packet that is not answered from one that does not arrive', () => {
    expect(run(tracked)).toMatchObject({ isDelivered: true, isAnswered: false });
    expect(run([])).toMatchObject({ isDelivered: false, isAnswered: false, reply: undefined });
  });

  test('names the flows of the conjunction that a packet met', () => {
    const { request } = run([
      'priority=5,in_port=1,actions=conjunction(7,1/2)',
      'priority=5,ip,nw_src=0.0.0.1,actions=conjunction(7,2/2)',
      'priority=5,ip,nw_src=0.0.0.2,actions=conjunction(7,2/2)',
      'priority=5,conj_id=7,actions=output:2',
    ]);
    expect(request.hops[0]?.steps[0]?.dimensions).toHaveLength(2);
  });
});
