/**
 * What tells connections apart (lib/conntrack.c, conn_key_extract): addresses, protocol, and ports
 * or what ICMP has in place of them.
 */
import type { FieldName } from '../openflow/oxm/index.ts';
import { PacketState } from './packet.ts';
import type { Tuple } from './tracked.ts';

export const PROTO = { ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58 } as const;

/** What a packet says of the connection that it belongs to. */
export interface Evidence {
  readonly tuple: Tuple;
  /** It is an ICMP error, and the tuple is that of a packet which would have come with it. */
  readonly related: boolean;
}

/** Undefined: nothing that can be tracked, and so invalid. A fragment by itself is among these. */
export function evidenceOf(packet: PacketState): Evidence | undefined {
  const tuple = tupleOf(packet);
  if (tuple !== undefined) return { tuple, related: false };
  const { quoted } = packet.payload;
  const layers = layersOf(packet);
  if (quoted === undefined || layers === undefined || !isError(packet, layers)) return undefined;
  const cause = tupleOf(PacketState.of({ ...quoted, eth_type: layers.ethertype }));
  // An error tells the sender of a packet what became of that packet.
  if (cause?.source.address !== layers.destination) return undefined;
  return { tuple: reverse(cause), related: true };
}

export function reverse(tuple: Tuple): Tuple {
  return { ...tuple, source: tuple.destination, destination: tuple.source };
}

export function textOf({ ethertype, protocol, source, destination, id }: Tuple): string {
  const ends = [source.address, source.port, destination.address, destination.port];
  return [ethertype, protocol, id, ...ends].join();
}

/** The fields in which flows see the tuple that opened a connection. */
export function originalTuple(tuple: Tuple): [FieldName, number | bigint][] {
  const { source, destination, protocol } = tuple;
  const family = tuple.ethertype === ETH.IPV4 ? 'ct_nw' : 'ct_ipv6';
  return [
    [`${family}_src`, source.address],
    [`${family}_dst`, destination.address],
    ['ct_nw_proto', protocol],
    ['ct_tp_src', source.port],
    // The code of a query, which is 0 of all that can be tracked.
    ['ct_tp_dst', icmpOf(tuple.ethertype, protocol) === undefined ? destination.port : 0],
  ];
}

const ETH = { IPV4: 0x0800, IPV6: 0x86dd } as const;

/** ICMP as one family of addresses has it. */
interface Icmp {
  readonly type: FieldName;
  readonly code: FieldName;
  /** Types of queries and of their replies, both ways. */
  readonly replies: ReadonlyMap<number, number>;
  readonly errors: readonly number[];
}

function pairs(...types: [query: number, reply: number][]): Map<number, number> {
  return new Map(types.flatMap(([query, reply]) => [[query, reply] as const, [reply, query]]));
}

/** Echo, timestamp, information; unreachable, source quench, redirect, time exceeded, parameter. */
const ICMPV4: Icmp = {
  type: 'icmp_type',
  code: 'icmp_code',
  replies: pairs([8, 0], [13, 14], [15, 16]),
  errors: [3, 4, 5, 11, 12],
};

/** Echo; unreachable, too big, time exceeded, parameter problem. */
const ICMPV6: Icmp = {
  type: 'icmpv6_type',
  code: 'icmpv6_code',
  replies: pairs([128, 129]),
  errors: [1, 2, 3, 4],
};

function icmpOf(ethertype: number, protocol: number): Icmp | undefined {
  if (ethertype === ETH.IPV4 && protocol === PROTO.ICMP) return ICMPV4;
  return ethertype === ETH.IPV6 && protocol === PROTO.ICMPV6 ? ICMPV6 : undefined;
}

interface Layers {
  readonly ethertype: number;
  readonly protocol: number;
  readonly source: number | bigint;
  readonly destination: number | bigint;
}

function layersOf(packet: PacketState): Layers | undefined {
  const ethertype = packet.number('eth_type');
  if (packet.number('ip_frag') !== 0) return undefined;
  const protocol = packet.number('ip_proto');
  if (ethertype === ETH.IPV4) {
    return { ethertype, protocol, source: packet.get('ip_src'), destination: packet.get('ip_dst') };
  }
  if (ethertype !== ETH.IPV6) return undefined;
  const [source, destination] = [packet.get('ipv6_src'), packet.get('ipv6_dst')];
  return { ethertype, protocol, source, destination };
}

function tupleOf(packet: PacketState): Tuple | undefined {
  const layers = layersOf(packet);
  if (layers === undefined) return undefined;
  const ends = endsOf(packet, layers);
  if (ends === undefined) return undefined;
  const { ethertype, protocol } = layers;
  return {
    ethertype,
    protocol,
    source: { address: layers.source, port: ends.source },
    destination: { address: layers.destination, port: ends.destination },
    id: icmpOf(ethertype, protocol) === undefined ? 0 : (packet.payload.icmp_id ?? 0),
  };
}

interface Ends {
  readonly source: number;
  readonly destination: number;
}

function endsOf(packet: PacketState, { ethertype, protocol }: Layers): Ends | undefined {
  if (protocol === PROTO.TCP) return portsOf(packet, 'tcp');
  if (protocol === PROTO.UDP) return portsOf(packet, 'udp');
  const icmp = icmpOf(ethertype, protocol);
  if (icmp === undefined) return { source: 0, destination: 0 };
  const type = packet.number(icmp.type);
  const reply = icmp.replies.get(type);
  if (reply === undefined || packet.number(icmp.code) !== 0) return undefined;
  return { source: type, destination: reply };
}

function portsOf(packet: PacketState, protocol: 'tcp' | 'udp'): Ends | undefined {
  const source = packet.number(`${protocol}_src`);
  const destination = packet.number(`${protocol}_dst`);
  return source === 0 || destination === 0 ? undefined : { source, destination };
}

function isError(packet: PacketState, { ethertype, protocol }: Layers): boolean {
  const icmp = icmpOf(ethertype, protocol);
  return icmp !== undefined && icmp.errors.includes(packet.number(icmp.type));
}
