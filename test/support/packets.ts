/**
 * Packets for tests: as the fields that flows see, and as the bytes that a wire carries.
 * Random ones are what guests send, well-behaved or not: most are right, many are wrong in one
 * member that port security or forwarding looks at.
 */
import { isIPv6 } from 'node:net';
import type { PacketFields, Place } from '../../src/simulator/index.ts';
import {
  type Binding,
  type Plug,
  type Port,
  parseAddress,
  parseMac,
  type Topology,
} from '../../src/topology/index.ts';
import { nestedMac } from './world-learned.ts';
import { STREAM_GROUPS } from './world-multicast.ts';
import type { SeededRandom } from './world-random.ts';
import { FIRST_VLAN } from './world-trunks.ts';

const ETH = { ipv4: 0x0800, arp: 0x0806, rarp: 0x8035, ipv6: 0x86dd, lldp: 0x88cc } as const;
const PROTO = { igmp: 2, tcp: 6, udp: 17, icmpv6: 58 } as const;
const TCP_FLAGS = { SYN: 0x02, ACK: 0x10 } as const;
export const BROADCAST = 0xffff_ffff_ffff;
const ALL_NODES = (0xff02n << 112n) | 1n;

export function macOf(text: string): number {
  return parseMac(text) ?? Number.NaN;
}

function ipv4Of(text: string): number {
  const address = parseAddress(text);
  if (typeof address !== 'number') throw new Error(`${text} is no IPv4 address`);
  return address;
}

export function ipv6Of(text: string): bigint {
  const address = parseAddress(text);
  if (typeof address !== 'bigint') throw new Error(`${text} is no IPv6 address`);
  return address;
}

/** fe80:: with the modified EUI-64 of a MAC address (RFC 4291 appendix A). */
export function linkLocalOf(mac: number): bigint {
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(mac, 0, 6);
  const id = [
    (octets[0] ?? 0) ^ 2,
    octets[1],
    octets[2],
    0xff,
    0xfe,
    octets[3],
    octets[4],
    octets[5],
  ];
  return id.reduce<bigint>((value, octet) => (value << 8n) | BigInt(octet ?? 0), 0xfe80n << 48n);
}

/** One participant: what it truthfully says of itself. */
interface Party {
  readonly mac: number;
  readonly ipv4: number;
  readonly ipv6: bigint;
}

/** A packet that the guest behind a port might send. */
export function randomPacket(random: SeededRandom, topology: Topology, port: Port): PacketFields {
  const others = [...topology.list('port')].filter((other) => other.id !== port.id);
  const neighbours = others.filter((other) => other.network_id === port.network_id);
  const partners = random.chance(0.85) && neighbours.length > 0 ? neighbours : others;
  const self = partyOf(random, port);
  const peer = partners.length > 0 ? partyOf(random, random.pick(partners)) : stranger(random);
  const packet = random.pick(KINDS)(random, self, random.chance(0.1) ? stranger(random) : peer);
  const sized = packet.udp_src !== undefined && random.chance(0.3) ? large(random, packet) : packet;
  return random.chance(0.4) ? distort(random, sized, [self, peer, stranger(random)]) : sized;
}

/** As large as a network of 1,400 or 1,442 bytes carries, with its Ethernet header, and larger. */
function large(random: SeededRandom, packet: PacketFields): PacketFields {
  return { ...packet, length: random.pick([1414, 1416, 1456, 1458]) };
}

type Kind = (random: SeededRandom, self: Party, peer: Party) => PacketFields;

const KINDS: readonly Kind[] = [
  (_, self, peer) => udp4(self, peer, { udp_src: 1000, udp_dst: 53 }),
  (_, self, peer) => udp6(self, peer, { udp_src: 1000, udp_dst: 53 }),
  (_, self) => ({
    ...udp4(self, self, { udp_src: 68, udp_dst: 67 }),
    ip_src: 0,
    ip_dst: 0xffff_ffff,
    eth_dst: BROADCAST,
  }),
  (_, self, peer) => udp4(self, peer, { udp_src: 67, udp_dst: 68 }),
  (_, self, peer) => udp6(self, peer, { udp_src: 547, udp_dst: 546 }),
  (_, self) => ({
    ...udp4(self, self, { udp_src: 9, udp_dst: 9 }),
    ip_dst: 0xe000_00fb,
    eth_dst: 0x0100_5e00_00fb,
  }),
  (_, self) => ({
    ...udp4(self, { ...self, ipv4: 0xa9fe_a9fe }, { udp_src: 68, udp_dst: 67 }),
    eth_dst: 0x0248_4400_0001,
  }),
  (random, self) => ({
    ...udp6(self, self, { udp_src: 546, udp_dst: 547 }),
    ipv6_src: linkLocalOf(self.mac),
    ipv6_dst: (0xff02n << 112n) | 0x1_0002n,
    eth_dst: random.pick([0x3333_0001_0002, 0x3333_0001_0003]),
  }),
  (_, self, peer) => ({ ...arpRequest(_, self, peer), arp_tpa: 0xa9fe_a9fe }),
  (random, self) => metadata(random, ipv4(self, SERVICE)),
  (random, self) => metadata(random, ipv6(self, SERVICE)),
  (_, self) => solicit(_, self, SERVICE),
  arpRequest,
  arpRequest,
  (_, self, peer) => ({ ...arpRequest(_, self, peer), arp_spa: 0 }),
  (_, self) => ({ ...arpRequest(_, self, self), arp_spa: 0 }),
  (_, self) => arpRequest(_, self, self),
  (_, self, peer) => ({ ...arpRequest(_, self, peer), eth_dst: peer.mac }),
  (_, self, peer) => ({
    ...arpRequest(_, self, peer),
    eth_dst: peer.mac,
    arp_op: 2,
    arp_tha: peer.mac,
  }),
  solicit,
  solicit,
  (_, self, peer) => ({ ...solicit(_, self, peer), eth_dst: peer.mac }),
  (_, self, peer) => without(solicit(_, self, peer), 'nd_sll'),
  (_, self) => duplicateCheck(self.mac, self.ipv6),
  (_, self, peer) => duplicateCheck(self.mac, peer.ipv6),
  (_, self) => duplicateCheck(self.mac, linkLocalOf(self.mac)),
  (_, self, peer) => advertise(self, peer),
  (random, self, peer) => icmp6(self, peer, random.pick([128, 133, 134, 137])),
  (random, self, peer) => ({
    ...icmp6(self, peer, random.pick([131, 132, 133, 143, 128])),
    ipv6_src: 0n,
    eth_dst: 0x3333_0000_0016,
  }),
  stream,
  stream,
  stream,
  (random, self) => ({
    ...ipv4(self, self),
    ip_src: random.pick([self.ipv4, 0]),
    ip_dst: 0xe000_0016,
    eth_dst: 0x0100_5e00_0016,
    ip_proto: PROTO.igmp,
  }),
  (random, self, peer) => ({
    eth_src: self.mac,
    eth_dst: random.pick([peer.mac, BROADCAST]),
    eth_type: random.pick([ETH.rarp, ETH.lldp]),
  }),
];

/** The address of services. */
const SERVICE: Party = {
  mac: 0x0248_4400_0001,
  ipv4: 0xa9fe_a9fe,
  ipv6: 0xfe80_0000_0000_0000_0000_0000_a9fe_a9fen,
};

/** To a multicast group that some may listen to; seldom to one machine by its Ethernet address. */
function stream(random: SeededRandom, self: Party, peer: Party): PacketFields {
  const group = parseAddress(random.pick([...STREAM_GROUPS, '239.1.1.2', 'ff02::7'])) ?? 0;
  const ports = { udp_src: 5000, udp_dst: 5000 };
  const mac =
    typeof group === 'number'
      ? 0x0100_5e00_0000 + (group & 0x7f_ffff)
      : 0x3333_0000_0000 + Number(group & 0xffff_ffffn);
  const eth_dst = random.chance(0.9) ? mac : peer.mac;
  if (typeof group === 'number') return { ...udp4(self, peer, ports), ip_dst: group, eth_dst };
  const packet = random.chance(0.3) ? advertise(self, peer) : udp6(self, peer, ports);
  return { ...packet, ipv6_dst: group, eth_dst };
}

/** A segment to the metadata service, or beside it. */
function metadata(random: SeededRandom, ends: PacketFields): PacketFields {
  const tcp_flags = random.pick([TCP_FLAGS.SYN, TCP_FLAGS.ACK]);
  return {
    ...ends,
    ip_proto: PROTO.tcp,
    tcp_src: 1000,
    tcp_dst: random.pick([80, 80, 80, 81]),
    tcp_flags,
  };
}

function udp4(self: Party, peer: Party, ports: { udp_src: number; udp_dst: number }): PacketFields {
  return { ...ipv4(self, peer), ip_proto: PROTO.udp, ...ports };
}

function ipv4(self: Party, peer: Party): PacketFields {
  return {
    eth_src: self.mac,
    eth_dst: peer.mac,
    eth_type: ETH.ipv4,
    ip_src: self.ipv4,
    ip_dst: peer.ipv4,
    nw_ttl: 64,
  };
}

function udp6(self: Party, peer: Party, ports: { udp_src: number; udp_dst: number }): PacketFields {
  return { ...ipv6(self, peer), ip_proto: PROTO.udp, ...ports };
}

function ipv6(self: Party, peer: Party): PacketFields {
  return {
    eth_src: self.mac,
    eth_dst: peer.mac,
    eth_type: ETH.ipv6,
    ipv6_src: self.ipv6,
    ipv6_dst: peer.ipv6,
    nw_ttl: 255,
  };
}

function icmp6(self: Party, peer: Party, icmpv6_type: number): PacketFields {
  return { ...ipv6(self, peer), ip_proto: PROTO.icmpv6, icmpv6_type };
}

function arpRequest(_: SeededRandom, self: Party, peer: Party): PacketFields {
  return {
    eth_src: self.mac,
    eth_dst: BROADCAST,
    eth_type: ETH.arp,
    arp_op: 1,
    arp_sha: self.mac,
    arp_spa: self.ipv4,
    arp_tpa: peer.ipv4,
  };
}

function solicit(_: SeededRandom, self: Party, peer: Party): PacketFields {
  return {
    ...icmp6(self, peer, 135),
    eth_dst: 0x3333_ff00_0000 + Number(peer.ipv6 & 0xff_ffffn),
    ipv6_dst: (0xff02n << 112n) | 0x1_ff00_0000n | (peer.ipv6 & 0xff_ffffn),
    nd_target: peer.ipv6,
    nd_sll: self.mac,
  };
}

/** Duplicate address detection (RFC 4862 5.4.2). */
function duplicateCheck(mac: number, target: bigint): PacketFields {
  const party = { mac, ipv4: 0, ipv6: 0n };
  const asked = { mac: 0, ipv4: 0, ipv6: target };
  return without(
    {
      ...icmp6(party, asked, 135),
      eth_dst: 0x3333_ff00_0000 + Number(target & 0xff_ffffn),
      nd_target: target,
    },
    'nd_sll',
  );
}

function advertise(self: Party, peer: Party): PacketFields {
  return {
    ...icmp6(self, peer, 136),
    ipv6_dst: ALL_NODES,
    eth_dst: 0x3333_0000_0001,
    nd_target: self.ipv6,
    nd_tll: self.mac,
  };
}

function without(packet: PacketFields, member: keyof PacketFields): PacketFields {
  const { [member]: _, ...rest } = packet;
  return rest;
}

/** Makes one member say something else. */
function distort(
  random: SeededRandom,
  packet: PacketFields,
  parties: readonly Party[],
): PacketFields {
  const { mac, ipv4, ipv6: address } = random.pick(parties);
  const link = random.pick([address, linkLocalOf(mac), 0n]);
  const macs = [mac, mac, 0, BROADCAST, 0x0100_0000_0001];
  const distortions: Readonly<Record<string, number | bigint>> = {
    eth_src: random.pick(macs),
    eth_dst: random.pick(macs),
    vlan_vid: 0x1000 + random.integer(FIRST_VLAN),
    ip_src: random.pick([ipv4, 0, 0x0a00_0105]),
    ip_dst: ipv4,
    arp_spa: random.pick([ipv4, 0]),
    arp_tpa: ipv4,
    arp_sha: mac,
    arp_op: 1 + random.integer(3),
    ipv6_src: link,
    nd_target: link,
    nd_sll: random.pick([mac, 0]),
    nd_tll: random.pick([mac, 0]),
    icmpv6_code: random.integer(2),
    udp_dst: 67,
  };
  const members = Object.keys(distortions).filter((name) => name in packet || name === 'vlan_vid');
  if ('nd_target' in packet) members.push('icmpv6_code', 'nd_sll', 'nd_tll');
  const member = random.pick(members);
  return sensible({ ...packet, [member]: distortions[member] });
}

/** Leaves out what such a packet has no room for. */
function sensible(packet: PacketFields): PacketFields {
  let result = packet;
  const type = packet.icmpv6_type;
  if ((packet.icmpv6_code ?? 0) !== 0) {
    for (const member of ['nd_target', 'nd_sll', 'nd_tll'] as const)
      result = without(result, member);
  }
  if (type !== 135) result = without(result, 'nd_sll');
  if (type !== 136) result = without(result, 'nd_tll');
  return result;
}

export function partyOf(random: SeededRandom, port: Port): Party {
  const pairs = port.allowed_address_pairs.filter((pair) => !pair.ip_address.includes('/'));
  if (pairs.length > 1 && random.chance(0.3)) return pairedParty(random.pick(pairs));
  const isNested = port.mac_learning_enabled && random.chance(0.5);
  const mac = macOf(isNested ? nestedMac(random) : port.mac_address);
  const ips = port.fixed_ips.map((fixed) => fixed.ip_address);
  const ipv4 = ips.find((address) => !isIPv6(address));
  const ipv6Text = ips.find((address) => isIPv6(address));
  return {
    mac,
    ipv4: ipv4 === undefined ? 0x0a00_0000 + random.integer(30) : ipv4Of(ipv4),
    ipv6: ipv6Text === undefined || random.chance(0.2) ? linkLocalOf(mac) : ipv6Of(ipv6Text),
  };
}

function stranger(random: SeededRandom): Party {
  const number = random.integer(40);
  return {
    mac: 0x0200_0000_0000 + number,
    ipv4: 0x0a00_0000 + number,
    ipv6: ipv6Of('fd00::') + BigInt(number),
  };
}

/** Where packets of a port go in and come out at one of its places. */
export function placeOf({ host_id: hostId, ofport, wire }: Plug): Place {
  return { hostId, ...(wire ?? { ofport, vlan: 0 }) };
}

/** With the addresses that several ports may have (world-learned.ts). */
function pairedParty({ mac_address }: Port['allowed_address_pairs'][number]): Party {
  return { mac: macOf(mac_address), ipv4: ipv4Of('10.0.1.5'), ipv6: ipv6Of('fd00:1::5') };
}

/** Ports that are bound, with their bindings: where their VMs run. */
export function boundPorts(topology: Topology): { port: Port; binding: Binding }[] {
  return [...topology.list('binding')].flatMap((binding) => {
    const port = topology.get('port', binding.port_id);
    return port === undefined ? [] : [{ port, binding }];
  });
}
