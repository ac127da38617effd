/** Packets that a few hosts send each other, well-behaved or not: both ways, and errors too. */
import type { PacketFields } from '../../src/simulator/index.ts';
import type { SeededRandom } from './world-random.ts';

export interface SentPacket {
  readonly inPort: number;
  readonly packet: PacketFields;
}

export const IN_PORTS = [1, 2, 3];

export function randomConversation(random: SeededRandom, length: number): SentPacket[] {
  const sent: PacketFields[] = [];
  return Array.from({ length }, (_, index) => {
    const packet = { ...nextPacket(random, sent), eth_src: 0x0200_0000_0000 + index };
    sent.push(packet);
    return { inPort: random.pick(IN_PORTS), packet };
  });
}

function nextPacket(random: SeededRandom, sent: readonly PacketFields[]): PacketFields {
  const recent = sent.slice(-6);
  if (recent.length === 0 || random.chance(0.25)) return opening(random);
  const before = random.pick(recent);
  const choice = random.integer(10);
  if (choice < 5) return replyTo(random, before);
  if (choice < 8) return { ...before, ...flagsOf(random, before) };
  return errorAbout(random, before);
}

const TCP = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32 } as const;
const FLAGS = [
  TCP.SYN,
  TCP.SYN,
  TCP.SYN | TCP.ACK,
  TCP.ACK,
  TCP.ACK,
  TCP.ACK | TCP.PSH,
  TCP.FIN | TCP.ACK,
  TCP.FIN | TCP.ACK,
  TCP.RST,
  TCP.RST | TCP.ACK,
  TCP.FIN,
  TCP.SYN | TCP.FIN,
  TCP.ACK | TCP.URG,
  0,
];

function opening(random: SeededRandom): PacketFields {
  const v6 = random.chance(0.4);
  const [source = 1, destination = 2] = random.shuffle([1, 2, 3]);
  // A first fragment as small as this one is invalid to Open vSwitch at once.
  const fragment = !v6 && random.chance(0.05) ? { ip_frag: 1 } : {};
  return { ...addresses(v6, source, destination), ...contents(random, v6), ...fragment };
}

function addresses(v6: boolean, source: number, destination: number): PacketFields {
  const ethernet = { eth_dst: 0x0200_0000_ff00 };
  return v6
    ? { ...ethernet, eth_type: 0x86dd, ipv6_src: ipv6(source), ipv6_dst: ipv6(destination) }
    : { ...ethernet, eth_type: 0x0800, ip_src: ipv4(source), ip_dst: ipv4(destination) };
}

function ipv4(host: number): number {
  return 0x0a00_0000 + host;
}

function ipv6(host: number): bigint {
  return (0xfd00n << 112n) | BigInt(host);
}

function contents(random: SeededRandom, v6: boolean): PacketFields {
  const port = () => random.pick([1, 2, 2, 3, 0x1234]);
  switch (random.integer(8)) {
    case 0:
    case 1:
      return { ip_proto: 17, udp_src: port(), udp_dst: random.chance(0.1) ? 0 : port() };
    case 2:
      return { ip_proto: random.pick([47, 50]) };
    case 3:
    case 4:
      return icmp(random, v6, random.pick(v6 ? [128, 128, 129, 135, 200] : [8, 8, 0, 13, 9, 14]));
    default:
      return { ip_proto: 6, tcp_src: port(), tcp_dst: port(), tcp_flags: random.pick(FLAGS) };
  }
}

function icmp(random: SeededRandom, v6: boolean, type: number): PacketFields {
  const code = random.chance(0.1) ? 1 : 0;
  const icmp_id = random.pick([1, 1, 2]);
  return v6
    ? { ip_proto: 58, icmpv6_type: type, icmpv6_code: code, icmp_id }
    : { ip_proto: 1, icmp_type: type, icmp_code: code, icmp_id };
}

function flagsOf(random: SeededRandom, { ip_proto }: PacketFields): PacketFields {
  return ip_proto === 6 ? { tcp_flags: random.pick(FLAGS) } : {};
}

const REPLIES = new Map([
  [8, 0],
  [0, 8],
  [13, 14],
  [14, 13],
  [128, 129],
  [129, 128],
]);

function replyTo(random: SeededRandom, packet: PacketFields): PacketFields {
  const turned: Record<string, unknown> = { ...packet };
  for (const layer of ['ip', 'ipv6', 'tcp', 'udp'] as const) {
    const { [`${layer}_src`]: source, [`${layer}_dst`]: destination } = turned;
    if (source === undefined) continue;
    turned[`${layer}_src`] = destination;
    turned[`${layer}_dst`] = source;
  }
  for (const field of ['icmp_type', 'icmpv6_type']) {
    const type = turned[field];
    if (typeof type === 'number') turned[field] = REPLIES.get(type) ?? type;
  }
  return { ...(turned as PacketFields), ...flagsOf(random, packet) };
}

/** Of the receiver, of a router, or a lie. */
function errorAbout(random: SeededRandom, cause: PacketFields): PacketFields {
  const { eth_src: _, eth_dst: _to, quoted: _inner, ...quoted } = cause;
  if (cause.quoted !== undefined) return cause;
  const v6 = cause.eth_type === 0x86dd;
  const hostOf = (address: number | bigint | undefined) => Number(BigInt(address ?? 0) & 0xffn);
  const source = random.pick([hostOf(v6 ? cause.ipv6_dst : cause.ip_dst), 1, 3]);
  const destination = random.chance(0.1) ? 2 : hostOf(v6 ? cause.ipv6_src : cause.ip_src);
  const about = v6
    ? { ip_proto: 58, icmpv6_type: random.pick([1, 2, 3, 4]) }
    : { ip_proto: 1, icmp_type: random.pick([3, 4, 5, 11, 12]), icmp_code: random.integer(3) };
  return { ...addresses(v6, source, destination), ...about, quoted };
}
