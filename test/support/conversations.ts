/**
 * Conversations of guests: who opens one, answers, errors, and the end; in any order, for guests
 * say what they like. Each has ends of its own.
 */
import type { PacketFields } from '../../src/simulator/index.ts';
import type { Port, Topology } from '../../src/topology/index.ts';
import { BROADCAST, boundPorts, partyOf } from './packets.ts';
import type { SeededRandom } from './world-random.ts';

export interface Said {
  /** Id of the port that sends it. */
  readonly from: string;
  readonly packet: PacketFields;
}

const TCP = { FIN: 1, SYN: 2, PSH: 8, ACK: 16 } as const;

export class Conversation {
  readonly #random: SeededRandom;
  readonly #ends: readonly [Port, Port];
  /** What the first says, and what the second answers. */
  readonly #packets: readonly [PacketFields, PacketFields];
  #said = 0;

  /** `number` is its own: no other conversation of these ports has it. */
  constructor(random: SeededRandom, ends: readonly [Port, Port], number: number) {
    this.#random = random;
    this.#ends = ends;
    this.#packets = talk(random, ends, number);
  }

  next(): Said {
    const side = this.#said++ === 0 || this.#random.chance(0.5) ? 0 : 1;
    const from = this.#ends[side].id;
    const packet = this.#packets[side];
    if (this.#said > 2 && this.#random.chance(0.15)) return { from, packet: this.#errorOf(side) };
    const eth_dst = this.#random.chance(0.1) ? BROADCAST : (packet.eth_dst ?? 0);
    return { from, packet: { ...packet, ...this.#flags(side), eth_dst } };
  }

  /** The first begins with SYN; nobody says it again. */
  #flags(side: 0 | 1): PacketFields {
    if (this.#packets[side].ip_proto !== 6) return {};
    if (this.#said === 1) return { tcp_flags: TCP.SYN };
    const answers = side === 1 ? [TCP.SYN | TCP.ACK, TCP.SYN | TCP.ACK] : [];
    const tcp_flags = this.#random.pick([
      ...answers,
      TCP.ACK,
      TCP.ACK | TCP.PSH,
      TCP.ACK | TCP.FIN,
    ]);
    return { tcp_flags };
  }

  /** About a packet of the other side. */
  #errorOf(side: 0 | 1): PacketFields {
    const { eth_src, eth_dst, eth_type, nw_ttl, ip_src, ip_dst, ipv6_src, ipv6_dst } =
      this.#packets[side];
    const { eth_src: _, eth_dst: _to, ...quoted } = this.#packets[1 - side] as PacketFields;
    const ethernet = { eth_src, eth_dst, eth_type, nw_ttl };
    const flags = quoted.ip_proto === 6 ? { tcp_flags: TCP.ACK } : {};
    const about = { quoted: { ...quoted, ...flags } };
    return (
      eth_type === 0x0800
        ? { ...ethernet, ip_src, ip_dst, ip_proto: 1, icmp_type: 3, icmp_code: 3, ...about }
        : {
            ...ethernet,
            ipv6_src,
            ipv6_dst,
            ip_proto: 58,
            icmpv6_type: 1,
            icmpv6_code: 4,
            ...about,
          }
    ) as PacketFields;
  }
}

/** Between ports of one network that are plugged into hosts; none where there are no such. */
export function randomConversations(
  random: SeededRandom,
  topology: Topology,
  count: number,
): Conversation[] {
  const ports = boundPorts(topology)
    .filter(({ binding }) => topology.get('host', binding.host_id) !== undefined)
    .map(({ port }) => port);
  const pairs = ports.flatMap((one) =>
    ports
      .filter((other) => other.network_id === one.network_id && other !== one)
      .map((other) => [one, other] as const),
  );
  const chosen = pairs.length === 0 ? [] : Array.from({ length: count }, () => random.pick(pairs));
  return chosen.map((ends, index) => new Conversation(random, ends, index));
}

function talk(
  random: SeededRandom,
  ends: readonly [Port, Port],
  number: number,
): [PacketFields, PacketFields] {
  const [one, other] = [partyOf(random, ends[0]), partyOf(random, ends[1])];
  const ethernet = { eth_src: one.mac, eth_dst: other.mac, nw_ttl: 64 };
  const v4 = random.chance(0.5);
  const header = v4
    ? { ...ethernet, eth_type: 0x0800, ip_src: one.ipv4, ip_dst: other.ipv4 }
    : { ...ethernet, eth_type: 0x86dd, ipv6_src: one.ipv6, ipv6_dst: other.ipv6 };
  const first: PacketFields = { ...header, ...service(random, v4, number) };
  return [first, turned(first)];
}

function service(random: SeededRandom, v4: boolean, number: number): PacketFields {
  const source = 2000 + number;
  const port = random.pick([53, 80, 443, 1000, 1001, 1024]);
  switch (random.integer(6)) {
    case 0:
    case 1:
      return { ip_proto: 6, tcp_src: source, tcp_dst: port };
    case 2:
    case 3:
      return { ip_proto: 17, udp_src: source, udp_dst: port };
    case 4:
      return v4
        ? { ip_proto: 1, icmp_type: random.pick([8, 8, 13]), icmp_code: 0, icmp_id: number }
        : { ip_proto: 58, icmpv6_type: 128, icmpv6_code: 0, icmp_id: number };
    default:
      return random.pick([{ ip_proto: 132, sctp_src: source, sctp_dst: port }, { ip_proto: 47 }]);
  }
}

const REPLIES = new Map([
  [8, 0],
  [13, 14],
  [128, 129],
]);

/** The answer to a packet. */
export function turned(packet: PacketFields): PacketFields {
  const answer: Record<string, unknown> = { ...packet };
  for (const layer of ['eth', 'ip', 'ipv6', 'tcp', 'udp', 'sctp']) {
    const { [`${layer}_src`]: source, [`${layer}_dst`]: destination } = answer;
    if (source === undefined) continue;
    answer[`${layer}_src`] = destination;
    answer[`${layer}_dst`] = source;
  }
  for (const field of ['icmp_type', 'icmpv6_type']) {
    const type = answer[field];
    if (typeof type === 'number') answer[field] = REPLIES.get(type) ?? type;
  }
  return answer as PacketFields;
}
