/** What a rule of a security group says, as match fields: of a connection or of a packet. */
import { IP_PROTO } from '../../openflow/constants.ts';
import type { FieldName, Masked, Match } from '../../openflow/oxm/index.ts';
import {
  alignedBlocks,
  type Clause,
  PORTS,
  protocolNumber,
  type SecurityGroupRule,
} from '../../topology/index.ts';
import type { AddressRange } from '../addresses.ts';
import { TRACKED } from '../protocols.ts';

/**
 * The services that a rule means: one, or one for each block of its range of ports. ICMP has the
 * type where others have the source port, and the code where they have the destination port.
 */
export function servicesOf(rule: SecurityGroupRule, stateful: boolean): Match[] {
  if (rule.protocol === null) return [{}];
  const protocol = protocolOf(rule);
  const whole: Match = stateful ? { ...TRACKED, ct_nw_proto: protocol } : { ip_proto: protocol };
  if (rule.port_range_min === null) return [whole];
  return partsOf(rule, protocol, stateful).map((part) => ({ ...whole, ...part }));
}

/** What ports, or types and codes, of a rule add to its protocol. */
function partsOf(rule: SecurityGroupRule, protocol: number, stateful: boolean): Match[] {
  const { port_range_min: first, port_range_max: last } = rule;
  if (first === null) return [];
  const icmp = ICMP_FIELDS.get(protocol);
  if (icmp !== undefined) {
    const [type, code] = stateful ? (['ct_tp_src', 'ct_tp_dst'] as const) : icmp;
    return [{ [type]: first, ...(last === null ? {} : { [code]: last }) }];
  }
  // Open vSwitch does not read the ports of other protocols: such a rule lets nothing through.
  const field = PORT_FIELDS.get(protocol);
  if (field === undefined) return [];
  const port = stateful ? 'ct_tp_dst' : field;
  return portBlocks(first, last ?? first).map((block) => ({ [port]: block }));
}

/**
 * The address at the other end: the source of what comes in, the destination of what goes out.
 * Everybody is two halves. No condition at all would be the match of every service, too, and Open
 * vSwitch finds no conjunction that has more dimensions than the packet has flows.
 */
export function remoteMatches(
  { direction, ethertype, stateful }: Clause,
  range: AddressRange,
): Match[] {
  const end = direction === 'ingress' ? 'src' : 'dst';
  const family = ethertype === 'IPv4' ? (stateful ? 'nw' : 'ip') : 'ipv6';
  const field = `${stateful ? 'ct_' : ''}${family}_${end}`;
  return (range === undefined ? HALVES[ethertype] : [range]).map((each) => ({ [field]: each }));
}

const HALF = { IPv4: 2 ** 31, IPv6: 1n << 127n } as const;

const HALVES: Readonly<Record<Clause['ethertype'], readonly AddressRange[]>> = {
  IPv4: [0, HALF.IPv4].map((value) => ({ value, mask: HALF.IPv4 })),
  IPv6: [0n, HALF.IPv6].map((value) => ({ value, mask: HALF.IPv6 })),
};

/** A range of ports as the fewest aligned blocks, each a value and a mask. */
export function portBlocks(first: number, last: number): (number | Masked<number>)[] {
  return alignedBlocks(first, last).map(({ start, size }) =>
    size === 1 ? start : { value: start, mask: (PORTS - size) & (PORTS - 1) },
  );
}

const PORT_FIELDS = new Map<number, FieldName>([
  [IP_PROTO.TCP, 'tcp_dst'],
  [IP_PROTO.UDP, 'udp_dst'],
  [IP_PROTO.SCTP, 'sctp_dst'],
]);

const ICMP_FIELDS = new Map<number, readonly [type: FieldName, code: FieldName]>([
  [IP_PROTO.ICMP, ['icmp_type', 'icmp_code']],
  [IP_PROTO.ICMPV6, ['icmpv6_type', 'icmpv6_code']],
]);

/** `icmp` in a rule of IPv6 means ICMPv6, as in Neutron. */
function protocolOf({ protocol, ethertype }: SecurityGroupRule): number {
  const number = protocolNumber(protocol ?? '');
  return number === IP_PROTO.ICMP && ethertype === 'IPv6' ? IP_PROTO.ICMPV6 : number;
}
