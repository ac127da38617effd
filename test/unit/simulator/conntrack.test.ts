/**
 * Goal: a connection is new, established, related or invalid when Open vSwitch says so.
 * Method: packets one after another through a flow that tracks them, and one that shows ct_state in
 * eth_dst and commits; test/integration/simulator holds the same rules against a real switch.
 */
import { describe, expect, test } from 'vitest';
import { Conntrack, type PacketFields, SwitchModel } from '../../../src/simulator/index.ts';
import { stateFromText } from '../../support/flow-text.ts';

const ZONE = 'zone=NXM_NX_REG10[0..15]';
const FLOWS = [
  `table=0,ip,actions=ct(${ZONE},table=1)`,
  `table=0,ipv6,actions=ct(${ZONE},table=1)`,
  `table=1,actions=move:NXM_NX_CT_STATE[0..7]->NXM_OF_ETH_DST[0..7],output:2,ct(commit,${ZONE})`,
];
const NAMES = ['new', 'est', 'rel', 'rpl', 'inv', 'trk'];

/** A switch that commits all that it can, and says what each packet was to it, as `est+rpl`. */
function tracker(): (packet: PacketFields, zone?: number) => string {
  const model = new SwitchModel(stateFromText(FLOWS));
  return (packet, zone = 1) => {
    const { outputs } = model.run({ ...packet, reg10: zone }, 1);
    const state = outputs[0]?.packet.eth_dst ?? 0;
    const names = NAMES.filter((_, bit) => (state & (1 << bit)) !== 0);
    expect(names.pop()).toBe('trk');
    return names.join('+');
  };
}

const A = 0x0a00_0001;
const B = 0x0a00_0002;
const there = { eth_type: 0x0800, ip_src: A, ip_dst: B };
const back = { eth_type: 0x0800, ip_src: B, ip_dst: A };
const tcp = { ...there, ip_proto: 6, tcp_src: 1000, tcp_dst: 80 };
const tcpBack = { ...back, ip_proto: 6, tcp_src: 80, tcp_dst: 1000 };
const udp = { ...there, ip_proto: 17, udp_src: 1000, udp_dst: 53 };
const udpBack = { ...back, ip_proto: 17, udp_src: 53, udp_dst: 1000 };
const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

describe('UDP', () => {
  test('is new until a reply was seen', () => {
    const send = tracker();
    expect([send(udp), send(udp), send(udpBack), send(udp)]).toEqual([
      'new',
      'new',
      'est+rpl',
      'est',
    ]);
  });

  test('is another connection in another zone', () => {
    const send = tracker();
    send(udp, 1);
    expect([send(udpBack, 2), send(udp, 2), send(udpBack, 1)]).toEqual([
      'new',
      'est+rpl',
      'est+rpl',
    ]);
  });

  test('without a port is invalid', () => {
    expect(tracker()({ ...udp, udp_dst: 0 })).toBe('inv');
  });
});

describe('TCP', () => {
  test('is established from the second side on, and over after both have ended', () => {
    const send = tracker();
    const states = [
      send({ ...tcp, tcp_flags: SYN }),
      send({ ...tcpBack, tcp_flags: SYN | ACK }),
      send({ ...tcp, tcp_flags: ACK }),
      send({ ...tcp, tcp_flags: FIN | ACK }),
      send({ ...tcpBack, tcp_flags: FIN | ACK }),
      send({ ...tcp, tcp_flags: ACK }),
      send({ ...tcp, tcp_flags: SYN }),
      send({ ...tcpBack, tcp_flags: SYN | ACK }),
    ];
    expect(states).toEqual(['new', 'est+rpl', 'est', 'est', 'est+rpl', 'est', 'new', 'est+rpl']);
  });

  test('is picked up in the middle, but not by an answer to a SYN that nobody saw', () => {
    const send = tracker();
    expect(send({ ...tcpBack, tcp_flags: SYN | ACK })).toBe('inv');
    expect(send({ ...tcpBack, tcp_flags: ACK })).toBe('new');
    expect(send({ ...tcp, tcp_flags: ACK })).toBe('est+rpl');
  });

  test('that was reset begins anew with a SYN of either side', () => {
    const send = tracker();
    send({ ...tcp, tcp_flags: SYN });
    expect(send({ ...tcpBack, tcp_flags: RST | ACK })).toBe('est+rpl');
    expect(send({ ...tcpBack, tcp_flags: SYN })).toBe('new');
    expect(send({ ...tcp, tcp_flags: SYN | ACK })).toBe('est+rpl');
  });

  test.each([0, FIN, SYN | FIN, SYN | RST])('with flags %i is invalid', (tcp_flags) => {
    const send = tracker();
    expect(send({ ...tcp, tcp_flags })).toBe('inv');
    send({ ...tcp, tcp_flags: SYN });
    expect(send({ ...tcp, tcp_flags })).toBe('inv');
  });
});

describe('ICMP', () => {
  const ping = { ...there, ip_proto: 1, icmp_type: 8, icmp_id: 7 };
  const pong = { ...back, ip_proto: 1, icmp_type: 0, icmp_id: 7 };

  test('an echo is answered by its own reply alone', () => {
    const send = tracker();
    expect([send(ping), send({ ...pong, icmp_id: 8 }), send(pong), send(ping)]).toEqual([
      'new',
      'inv',
      'est+rpl',
      'est',
    ]);
  });

  test('of version 6 too', () => {
    const send = tracker();
    const ends = { eth_type: 0x86dd, ip_proto: 58, icmp_id: 7 };
    expect(send({ ...ends, ipv6_src: 1n, ipv6_dst: 2n, icmpv6_type: 128 })).toBe('new');
    expect(send({ ...ends, ipv6_src: 2n, ipv6_dst: 1n, icmpv6_type: 129 })).toBe('est+rpl');
    expect(send({ ...ends, ipv6_src: 1n, ipv6_dst: 2n, icmpv6_type: 135 })).toBe('inv');
  });

  test('what is neither a query nor an error is invalid, and so is a query with a code', () => {
    const send = tracker();
    expect(send({ ...ping, icmp_type: 9 })).toBe('inv');
    expect(send({ ...ping, icmp_code: 1 })).toBe('inv');
  });

  test('an error is related to the connection of the packet that it is about', () => {
    const send = tracker();
    const unreachable = { eth_type: 0x0800, ip_src: 0x0a00_0009, ip_proto: 1, icmp_type: 3 };
    const toOpener = { ...unreachable, ip_dst: A, quoted: udp };
    expect(send(toOpener)).toBe('inv');
    send(udp);
    expect(send(toOpener)).toBe('rel+rpl');
    expect(send({ ...unreachable, ip_dst: B, quoted: udpBack })).toBe('rel');
    expect(send(udp)).toBe('new');
  });

  test('an error for another than who sent the packet is invalid', () => {
    const send = tracker();
    send(udp);
    expect(send({ ...back, ip_dst: B, ip_proto: 1, icmp_type: 3, quoted: udp })).toBe('inv');
  });
});

test('other protocols are told apart by addresses and number alone', () => {
  const send = tracker();
  expect(send({ ...there, ip_proto: 47 })).toBe('new');
  expect(send({ ...back, ip_proto: 50 })).toBe('new');
  expect(send({ ...back, ip_proto: 47 })).toBe('est+rpl');
});

test('a fragment by itself is invalid', () => {
  expect(tracker()({ ...udp, ip_frag: 1 })).toBe('inv');
});

test('flows see the packet that opened the connection, whichever way a packet goes', () => {
  const match = 'ct_state=+trk-inv,ip,ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=17';
  const model = new SwitchModel(
    stateFromText([
      'table=0,ip,actions=ct(commit,zone=5,table=1)',
      `table=1,${match},ct_zone=5,ct_tp_src=1000,ct_tp_dst=53,actions=output:2`,
    ]),
  );
  const error = { ...back, ip_proto: 1, icmp_type: 3, quoted: udp };
  for (const packet of [udp, udpBack, error]) {
    expect(model.run(packet, 1).outputs, JSON.stringify(packet)).toHaveLength(1);
  }
  expect(model.run({ ...udp, udp_dst: 54 }, 1).outputs).toEqual([]);
});

test('connections outlive the flows, until their zone is flushed', () => {
  const conntrack = new Conntrack();
  const state = stateFromText(FLOWS);
  new SwitchModel(state, conntrack).run({ ...udp, reg10: 1 }, 1);
  const next = new SwitchModel(state, conntrack);
  const ask = () => next.run({ ...udpBack, reg10: 1 }, 1).outputs[0]?.packet.eth_dst;
  conntrack.flush(2);
  expect(ask()).toBe(0x2a);
  conntrack.flush(1);
  expect(ask()).toBe(0x21);
});
