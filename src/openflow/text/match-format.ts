/** Matches as `ovs-ofctl` prints them: its own order, its shorthands, its number formats. */
import { ETH_TYPE, IP_PROTO } from '../constants.ts';
import { canonicalMatch, type FieldName, fieldOf, type Match, type Value } from '../oxm/index.ts';
import { formatFlags, TCP_FLAGS, TUN_FLAGS } from './flags.ts';
import { joined } from './join.ts';
import { dottedHex, hex, hexDigits } from './numbers.ts';
import { formatPacketType, formatValue } from './values.ts';

/** One part of the text, or nothing when the match does not speak of it. */
type Part = (match: Match) => string | undefined;

interface Said {
  readonly value: Value;
  readonly mask: Value;
  readonly exact: boolean;
}

const { IPV4, IPV6, ARP, RARP } = ETH_TYPE;

/** `ip` and so on: what is printed instead of eth_type and perhaps ip_proto. */
const SHORTHANDS = new Map<number, { name: string; protocols: ReadonlyMap<number, string> }>([
  [
    IPV4,
    {
      name: 'ip',
      protocols: new Map([
        [IP_PROTO.ICMP, 'icmp'],
        [IP_PROTO.TCP, 'tcp'],
        [IP_PROTO.UDP, 'udp'],
        [IP_PROTO.SCTP, 'sctp'],
      ]),
    },
  ],
  [
    IPV6,
    {
      name: 'ipv6',
      protocols: new Map([
        [IP_PROTO.ICMPV6, 'icmp6'],
        [IP_PROTO.TCP, 'tcp6'],
        [IP_PROTO.UDP, 'udp6'],
        [IP_PROTO.SCTP, 'sctp6'],
      ]),
    },
  ],
  [ARP, { name: 'arp', protocols: new Map() }],
  [RARP, { name: 'rarp', protocols: new Map() }],
  [ETH_TYPE.MPLS, { name: 'mpls', protocols: new Map() }],
  [ETH_TYPE.MPLS_MULTICAST, { name: 'mplsm', protocols: new Map() }],
]);

/** The order of the parts is that of `ovs-ofctl dump-flows`. */
const PARTS: readonly Part[] = [
  hexadecimal('pkt_mark'),
  hexadecimal('recirc_id'),
  hexadecimal('dp_hash'),
  decimal('conj_id'),
  plain('actset_output'),
  plain('ct_state'),
  decimal('ct_zone'),
  hexadecimal('ct_mark'),
  plain('ct_label'),
  plain('ct_nw_src'),
  plain('ct_ipv6_src'),
  plain('ct_nw_dst'),
  plain('ct_ipv6_dst'),
  decimal('ct_nw_proto'),
  decimal('ct_tp_src'),
  decimal('ct_tp_dst'),
  packetType,
  (match) => shorthand(match)?.name,
  ...Array.from({ length: 16 }, (_, i) => hexadecimal(`reg${i}` as FieldName)),
  hexadecimal('tun_id'),
  plain('tun_src'),
  plain('tun_dst'),
  plain('tun_ipv6_src'),
  plain('tun_ipv6_dst'),
  decimal('tun_gbp_id'),
  hexadecimal('tun_gbp_flags'),
  tunFlags,
  hexadecimal('metadata'),
  plain('in_port'),
  vlan,
  plain('eth_src', 'dl_src'),
  plain('eth_dst', 'dl_dst'),
  ethType,
  plain('ipv6_src'),
  plain('ipv6_dst'),
  ipv6Label,
  plain('arp_spa'),
  plain('arp_tpa'),
  plain('ip_src', 'nw_src'),
  plain('ip_dst', 'nw_dst'),
  (match) => (shorthand(match)?.hasProtocol ? undefined : decimal('ip_proto', 'nw_proto')(match)),
  decimal('arp_op'),
  plain('arp_sha'),
  plain('arp_tha'),
  (match) => labelled('nw_tos', said(match, 'ip_dscp'), ({ value }) => `${(value as number) * 4}`),
  decimal('ip_ecn', 'nw_ecn'),
  decimal('nw_ttl'),
  decimal('mpls_label'),
  decimal('mpls_tc'),
  decimal('mpls_ttl'),
  decimal('mpls_bos'),
  plain('ip_frag', 'nw_frag'),
  decimal('icmp_type'),
  decimal('icmp_code'),
  decimal('icmpv6_type', 'icmp_type'),
  decimal('icmpv6_code', 'icmp_code'),
  plain('nd_target'),
  plain('nd_sll'),
  plain('nd_tll'),
  decimal('nd_reserved'),
  decimal('nd_options_type'),
  ...(['tcp', 'udp', 'sctp'] as const).flatMap((protocol) => [
    decimal(`${protocol}_src`, 'tp_src'),
    decimal(`${protocol}_dst`, 'tp_dst'),
  ]),
  tcpFlags,
  (match) => match.unknown?.map((bytes) => `unknown(${dottedHex(bytes)})`).join(','),
];

/** The text of a match; empty when it matches every packet. */
export function formatMatch(match: Match): string {
  const canonical = canonicalMatch(match);
  return joined(PARTS.map((part) => part(canonical)));
}

function said(match: Match, name: FieldName): Said | undefined {
  const content = match[name];
  if (content === undefined) return undefined;
  const { max } = fieldOf(name);
  if (typeof content !== 'object') return { value: content, mask: max, exact: true };
  return { value: content.value, mask: content.mask, exact: false };
}

function labelled(
  label: string,
  what: Said | undefined,
  format: (what: Said) => string,
): string | undefined {
  return what === undefined ? undefined : `${label}=${format(what)}`;
}

function plain(name: FieldName, label: string = name): Part {
  return (match) =>
    labelled(label, said(match, name), ({ value, mask }) =>
      formatValue(fieldOf(name), value, mask),
    );
}

/** In a match, unlike in set_field, hexadecimal zero is printed without prefix. */
function hexadecimal(name: FieldName, label: string = name): Part {
  return (match) =>
    labelled(label, said(match, name), ({ value, mask, exact }) =>
      exact ? hex(value) : `${hex(value)}/${hex(mask)}`,
    );
}

function decimal(name: FieldName, label: string = name): Part {
  return (match) =>
    labelled(label, said(match, name), ({ value, mask, exact }) =>
      exact ? String(value) : `${hexDigits(value)}/${hexDigits(mask)}`,
    );
}

/** Ethernet, which `ovs-ofctl` does not mention, is packet type 0. */
function packetType({ packet_type: type }: Match): string | undefined {
  if (typeof type !== 'number' || type === 0) return undefined;
  return `packet_type=${formatPacketType(type)}`;
}

function shorthand(match: Match): { name: string; hasProtocol: boolean } | undefined {
  const { eth_type: type, ip_proto: protocol } = match;
  const found = typeof type === 'number' ? SHORTHANDS.get(type) : undefined;
  if (found === undefined) return undefined;
  const name = typeof protocol === 'number' ? found.protocols.get(protocol) : undefined;
  return { name: name ?? found.name, hasProtocol: name !== undefined };
}

function ethType(match: Match): string | undefined {
  if (shorthand(match) !== undefined) return undefined;
  return labelled('dl_type', said(match, 'eth_type'), ({ value }) => hexDigits(value, 4));
}

function ipv6Label(match: Match): string | undefined {
  return labelled('ipv6_label', said(match, 'ipv6_label'), ({ value, mask, exact }) =>
    exact ? hexDigits(value, 5) : `${hexDigits(value, 5)}/${hexDigits(mask, 5)}`,
  );
}

function tcpFlags(match: Match): string | undefined {
  return labelled('tcp_flags', said(match, 'tcp_flags'), ({ value, mask }) =>
    formatFlags(TCP_FLAGS, value as number, mask as number),
  );
}

/** In matches Open vSwitch counts more tunnel flags than have names: it never prints `a|b`. */
function tunFlags(match: Match): string | undefined {
  return labelled('tun_flags', said(match, 'tun_flags'), ({ value, mask }) =>
    formatFlags({ ...TUN_FLAGS, all: 0xffff }, value as number, mask as number),
  );
}

const PRESENT = 0x1000;
const VID = 0x0fff;
const PCP = 0xe000;

/** VLAN id and priority, as such where they can be, otherwise as the whole tag. */
function vlan(match: Match): string | undefined {
  const vid = bitsOf(said(match, 'vlan_vid'));
  const pcp = bitsOf(said(match, 'vlan_pcp'));
  const mask = vid.mask | (pcp.mask << 13);
  const value = vid.value | (pcp.value << 13);
  if (mask === 0) return undefined;
  if ((value & PRESENT) === 0 || !isWholeOrNone(mask, VID) || (mask & (VID | PCP)) === 0) {
    return `vlan_tci=${hexDigits(value, 4)}${mask === 0xffff ? '' : `/${hexDigits(mask, 4)}`}`;
  }
  return joined([
    (mask & VID) !== 0 && `dl_vlan=${value & VID}`,
    (mask & PCP) !== 0 && `dl_vlan_pcp=${value >>> 13}`,
  ]);
}

function bitsOf(what: Said | undefined): { value: number; mask: number } {
  return { value: Number(what?.value ?? 0), mask: Number(what?.mask ?? 0) };
}

function isWholeOrNone(mask: number, bits: number): boolean {
  return (mask & bits) === bits || (mask & bits) === 0;
}
