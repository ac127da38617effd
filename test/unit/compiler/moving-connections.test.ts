/**
 * Goal: where a VM arrives, its port's connections are known from what the VM sends where it still
 * runs, as far as the rules there let it open them; and what shows them does nothing else, whoever
 * forges it.
 * Method: the hosts of a small fleet in the simulator; a group that lets out alone, so that an answer
 * comes in where its connection is known, and nowhere else.
 */
import { describe, expect, test } from 'vitest';
import {
  binding,
  host,
  network,
  port,
  securityGroup,
  securityGroupRule,
} from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { compileHost, DesiredState } from '../../../src/compiler/index.ts';
import { TUNNEL_PORT } from '../../../src/pipeline/index.ts';
import { Conntrack, FleetSimulator, type PacketFields } from '../../../src/simulator/index.ts';
import {
  type AnyRecord,
  type Port,
  parseAddress,
  type RecordKey,
  type Wire,
} from '../../../src/topology/index.ts';
import { turned } from '../../support/conversations.ts';

/** The VM runs on a and arrives at b; a third host has the other side. */
const [RUNS, ARRIVES, ELSEWHERE] = ['a', 'b', 'c'] as const;
const ENCAPS: Readonly<Record<string, string>> = { a: '198.18.0.1', b: 'fd99::2', c: '198.18.0.3' };
const PLACES = { a: 3, b: 7, c: 4 } as const;
const [WEB, DB] = [0x0200_0000_000a, 0x0200_0000_000b];
const VNI = 101;
const O_BIT = 1;

const toDb = { eth_src: WEB, eth_dst: DB, eth_type: 0x0800, nw_ttl: 64 };
const ends = { ip_src: 0x0a00_000a, ip_dst: 0x0a00_000b };
const OPENING: Readonly<Record<string, PacketFields>> = {
  'a ping': { ...toDb, ...ends, ip_proto: 1, icmp_type: 8, icmp_id: 1 },
  'a segment of TCP': { ...toDb, ...ends, ip_proto: 6, tcp_src: 2000, tcp_dst: 80, tcp_flags: 16 },
  'a datagram': { ...toDb, ...ends, ip_proto: 17, udp_src: 2000, udp_dst: 53 },
  'a ping of IPv6': {
    ...toDb,
    eth_type: 0x86dd,
    ipv6_src: (0xfd00n << 112n) | 0xan,
    ipv6_dst: (0xfd00n << 112n) | 0xbn,
    ip_proto: 58,
    icmpv6_type: 128,
    icmp_id: 1,
  },
};
const PING = OPENING['a ping'] as PacketFields;

interface Options {
  readonly isMoving?: boolean;
  /** What the groups of the VM's port let out. */
  readonly out?: readonly ('IPv4' | 'IPv6')[];
  readonly more?: Partial<Port>;
  /** As a subport, it is in a VLAN at either place. */
  readonly wire?: Wire;
}

class Fleet {
  readonly #trackers = new Map(Object.keys(ENCAPS).map((id) => [id, new Conntrack()]));
  #simulator: FleetSimulator;

  constructor(options: Options = {}) {
    this.#simulator = this.#made(options);
  }

  /** The connections of before stay known. */
  become(options: Options): void {
    this.#simulator = this.#made(options);
  }

  #made({ isMoving = true, out = ['IPv4', 'IPv6'], more = {}, wire }: Options): FleetSimulator {
    const groups = (id: string) => ({ security_groups: [id], ...more });
    const ips = (last: string) => [`10.0.0.${last === 'a' ? 10 : 11}`, `fd00::${last}`];
    const at = (last: string) => ({
      network: 'net',
      mac: `02:00:00:00:00:0${last}`,
      ips: ips(last),
    });
    const plug = (id: 'a' | 'b') => ({
      host_id: id,
      ofport: PLACES[id],
      interface_name: 'tap',
      ...(wire === undefined ? {} : { wire }),
    });
    const runs = { ...binding('web', RUNS, PLACES.a), ...plug('a') };
    const topology = topologyOf(
      new Map<RecordKey, AnyRecord>([
        ...Object.entries(ENCAPS).map(([id, encap]): [RecordKey, AnyRecord] => [
          `host/${id}`,
          host(id, encap),
        ]),
        ['network/net', network('net', VNI)],
        ['security_group/out', securityGroup('out', 1)],
        ['security_group/all', securityGroup('all', 2)],
        ...out.map((ethertype): [RecordKey, AnyRecord] => [
          `security_group_rule/out${ethertype}`,
          securityGroupRule(`out${ethertype}`, 'out', { direction: 'egress', ethertype }),
        ]),
        ...(['ingress', 'egress'] as const).flatMap((direction) =>
          (['IPv4', 'IPv6'] as const).map((ethertype): [RecordKey, AnyRecord] => {
            const id = `all${direction}${ethertype}`;
            return [
              `security_group_rule/${id}`,
              securityGroupRule(id, 'all', { direction, ethertype }),
            ];
          }),
        ),
        ['port/web', port('web', at('a'), groups('out'))],
        ['port/db', port('db', at('b'), { security_groups: ['all'] })],
        [
          'binding/web',
          isMoving ? { ...runs, move: { ...plug('b'), state: 'arriving' as const } } : runs,
        ],
        ['binding/db', binding('db', ELSEWHERE, PLACES.c)],
      ]),
    );
    return new FleetSimulator(
      Object.keys(ENCAPS).map((id) => {
        const state = new DesiredState();
        state.apply(compileHost(topology, id));
        const conntrack = this.#trackers.get(id) ?? new Conntrack();
        return { id, encap: parseAddress(ENCAPS[id] ?? '') ?? 0, state, conntrack };
      }),
    );
  }

  /** Hosts at which a packet comes out that a guest sends at a host. */
  sent(from: keyof typeof PLACES, packet: PacketFields, ofport: number = PLACES[from]): string[] {
    return this.#hostsOf(from, ofport, packet);
  }

  /** The same of a packet that comes through the tunnel of a host, as if from another one. */
  forged(at: string, source: string, packet: PacketFields): string[] {
    const encap = parseAddress(source) ?? 0;
    const outer = typeof encap === 'number' ? { tun_src: encap } : { tun_ipv6_src: encap };
    return this.#hostsOf(at, TUNNEL_PORT, { tun_id: BigInt(VNI), ...packet, ...outer });
  }

  #hostsOf(hostId: string, ofport: number, packet: PacketFields): string[] {
    const { delivered, questions } = this.#simulator.trace(hostId, ofport, packet);
    expect(questions).toEqual([]);
    return delivered.map((copy) => copy.hostId).sort();
  }
}

/** Where an answer to the ping comes out that gets to the place where the VM arrives. */
function answered(fleet: Fleet): string[] {
  return fleet.forged('b', ENCAPS['c'] ?? '', turned(PING));
}

describe.each(Object.entries(OPENING))('%s that the VM sends', (_, packet) => {
  const answer = turned(packet);

  test('makes its connection known where the VM arrives, and comes out once', () => {
    const fleet = new Fleet();
    expect(fleet.sent('a', packet)).toEqual([ELSEWHERE]);
    expect(fleet.sent('c', answer)).toEqual([RUNS, ARRIVES]);
  });

  test('does not while it does not move', () => {
    const fleet = new Fleet({ isMoving: false });
    fleet.sent('a', packet);
    fleet.become({ isMoving: true });
    expect(fleet.sent('c', answer)).toEqual([RUNS]);
  });

  test('does not when no rule lets it out', () => {
    const fleet = new Fleet({ out: [] });
    expect(fleet.sent('a', packet)).toEqual([]);
    expect(fleet.sent('c', answer)).toEqual([]);
  });

  test('lets an answer in no longer than the rules do', () => {
    const fleet = new Fleet();
    fleet.sent('a', packet);
    fleet.become({ out: [] });
    expect(fleet.sent('c', answer)).toEqual([]);
  });
});

test('a subport is shown by the number that it has where it arrives', () => {
  const wire = { ofport: 20, vlan: 100 };
  const fleet = new Fleet({ wire });
  const tagged = { ...PING, vlan_vid: 0x1000 | wire.vlan };
  expect(fleet.forged('b', ENCAPS['a'] ?? '', { ...tagged, tun_flags: O_BIT })).toEqual([]);
  expect(answered(fleet)).toEqual([]);
  expect(fleet.sent('a', tagged, wire.ofport)).toEqual([ELSEWHERE]);
  expect(answered(fleet)).toEqual([ARRIVES]);
});

describe('a marked packet', () => {
  const marked: PacketFields = { ...PING, tun_flags: O_BIT };
  const from = (id: string): string => ENCAPS[id] ?? '';

  /** Whether the place where the VM arrives knows the connection of the ping. */
  function isKnown(fleet: Fleet): boolean {
    return answered(fleet).length > 0;
  }

  test('of the host where the VM runs is heard: the method can tell the difference', () => {
    const fleet = new Fleet();
    expect(fleet.forged('b', from('a'), marked)).toEqual([]);
    expect(isKnown(fleet)).toBe(true);
  });

  test('has no effect where no VM arrives, or is none that does', () => {
    const still = new Fleet({ isMoving: false });
    for (const at of ['a', 'c']) expect(still.forged(at, from('b'), marked)).toEqual([]);
    still.become({});
    expect(isKnown(still)).toBe(false);
    const moving = new Fleet();
    for (const at of ['a', 'c']) expect(moving.forged(at, from('b'), marked)).toEqual([]);
    expect(isKnown(moving)).toBe(false);
  });

  test.each([
    ['of another host of the network', ENCAPS['c'] ?? '', {}],
    ['of a stranger', '203.0.113.9', {}],
    ['of another network', ENCAPS['a'] ?? '', { tun_id: 102n }],
    ['in a VLAN', ENCAPS['a'] ?? '', { vlan_vid: 0x1064 }],
    ['with the MAC address of another port', ENCAPS['a'] ?? '', { eth_src: DB }],
    ['with an IP address that the port has not', ENCAPS['a'] ?? '', { ip_src: 0x0a00_000c }],
  ] as const)('%s has no effect', (_, source, lie) => {
    const fleet = new Fleet();
    expect(fleet.forged('b', source, { ...marked, ...lie })).toEqual([]);
    expect(isKnown(fleet)).toBe(false);
  });

  test('of a guest is none: a port has no tunnel', () => {
    const fleet = new Fleet();
    expect(fleet.sent('c', { ...turned(PING), tun_flags: O_BIT })).toEqual([]);
    expect(isKnown(fleet)).toBe(false);
  });

  test('that a server alone may send, or a question, goes nowhere', () => {
    const fleet = new Fleet();
    const udp = { ...toDb, ...ends, ip_proto: 17 };
    for (const [udp_src, udp_dst] of [
      [67, 68],
      [68, 67],
    ] as const) {
      expect(fleet.forged('b', from('a'), { ...udp, udp_src, udp_dst, tun_flags: O_BIT })).toEqual(
        [],
      );
    }
    const arp = { eth_src: WEB, eth_dst: DB, eth_type: 0x0806, arp_op: 1, arp_sha: WEB };
    const spa = { arp_spa: ends.ip_src, arp_tpa: ends.ip_dst, tun_flags: O_BIT };
    expect(fleet.forged('b', from('a'), { ...arp, ...spa })).toEqual([]);
  });
});

test('a port that nobody judges is not followed', () => {
  const fleet = new Fleet({ more: { port_security_enabled: false, security_groups: [] } });
  expect(fleet.sent('a', PING)).toEqual([ELSEWHERE]);
  expect(fleet.sent('c', turned(PING))).toEqual([RUNS, ARRIVES]);
});
