/** Matches from text: every spelling that `ovs-ofctl` understands of the fields that we know. */
import { ETH_TYPE, IP_PROTO } from '../constants.ts';
import {
  canonicalMatch,
  type Field,
  fieldByText,
  fieldOf,
  findField,
  type Masked,
  type Match,
  type Value,
} from '../oxm/index.ts';
import { parseBig, parseHexBytes, parseNumber } from './numbers.ts';
import { type Pair, pairs } from './scan.ts';
import { findSubField } from './subfields.ts';
import { TextError } from './text-error.ts';
import { parseValue, type ValueAndMask } from './values.ts';

/** Keywords that stand for an Ethernet type and perhaps an IP protocol. */
const SHORTHANDS = new Map<string, { type: number; protocol?: number }>([
  ['ip', { type: ETH_TYPE.IPV4 }],
  ['ipv4', { type: ETH_TYPE.IPV4 }],
  ['ip4', { type: ETH_TYPE.IPV4 }],
  ['icmp', { type: ETH_TYPE.IPV4, protocol: IP_PROTO.ICMP }],
  ['tcp', { type: ETH_TYPE.IPV4, protocol: IP_PROTO.TCP }],
  ['udp', { type: ETH_TYPE.IPV4, protocol: IP_PROTO.UDP }],
  ['sctp', { type: ETH_TYPE.IPV4, protocol: IP_PROTO.SCTP }],
  ['ipv6', { type: ETH_TYPE.IPV6 }],
  ['ip6', { type: ETH_TYPE.IPV6 }],
  ['icmp6', { type: ETH_TYPE.IPV6, protocol: IP_PROTO.ICMPV6 }],
  ['tcp6', { type: ETH_TYPE.IPV6, protocol: IP_PROTO.TCP }],
  ['udp6', { type: ETH_TYPE.IPV6, protocol: IP_PROTO.UDP }],
  ['sctp6', { type: ETH_TYPE.IPV6, protocol: IP_PROTO.SCTP }],
  ['arp', { type: ETH_TYPE.ARP }],
  ['rarp', { type: ETH_TYPE.RARP }],
  ['mpls', { type: ETH_TYPE.MPLS }],
  ['mplsm', { type: ETH_TYPE.MPLS_MULTICAST }],
]);

const PRESENT = 0x1000;
const NO_VLAN = 0xffff;

/** What was said so far, field by field; a field said twice keeps what was said last. */
export class MatchBuilder {
  readonly #fields = new Map<string, ValueAndMask>();
  readonly #unknown: Buffer[] = [];
  #tci = { value: 0, mask: 0 };

  /** Takes a pair; false when it is nothing that a match says. */
  take({ key, value }: Pair): boolean {
    const shorthand = SHORTHANDS.get(key);
    if (shorthand !== undefined) this.#takeShorthand(shorthand);
    else if (key === 'eth') this.#set('packet_type', { value: 0, mask: 0xffff_ffff });
    else if (key === 'unknown') this.#unknown.push(parseHexBytes(value));
    else if (this.#takeVlan(key, value)) return true;
    else if (key.includes('[')) this.#takeSubField(key, value);
    else return this.#takeField(key, value);
    return true;
  }

  build(): Match {
    const match: Record<string, Value | Masked<number>> = {};
    for (const [name, { value, mask }] of this.#fields) {
      const field = findField(this.#resolve(name));
      if (field === undefined) throw new TextError(`${name} of which protocol?`);
      // What was exact for the name that was said is exact for the field that it means.
      const exact = mask === findField(name)?.max;
      match[field.name] = { value, mask: exact ? field.max : mask } as Masked<number>;
    }
    if (this.#tci.mask !== 0) Object.assign(match, vlanFields(this.#tci));
    const unknown = this.#unknown.length === 0 ? {} : { unknown: this.#unknown };
    return canonicalMatch({ ...(match as Match), ...unknown });
  }

  #takeShorthand({ type, protocol }: { type: number; protocol?: number }): void {
    this.#set('eth_type', { value: type, mask: 0xffff });
    if (protocol !== undefined) this.#set('ip_proto', { value: protocol, mask: 0xff });
  }

  #takeField(key: string, text: string): boolean {
    if (key === 'tp_src' || key === 'tp_dst') {
      this.#set(key, parseValue(fieldOf('tcp_src'), text));
      return true;
    }
    const field = key === 'in_port' ? fieldOf('in_port') : fieldByText(key);
    if (field === undefined) return false;
    const said = parseValue(field, text);
    if (!field.maskable && said.mask !== field.max && said.mask !== 0) {
      throw new TextError(`${key} takes no mask`);
    }
    this.#set(field.name, said);
    return true;
  }

  /** `NXM_NX_REG0[4..7]=5`: bits that add to what was said of the field before. */
  #takeSubField(key: string, text: string): void {
    const subField = findSubField(key);
    if (subField === undefined) throw new TextError(`unknown field "${key}"`);
    const field = fieldOf(subField.field);
    const ones = (1n << BigInt(subField.bits)) - 1n;
    const bits = parseBig(text, ones, key) << BigInt(subField.offset);
    const old = this.#fields.get(field.name) ?? { value: 0, mask: 0 };
    const mask = ones << BigInt(subField.offset);
    const value = (BigInt(old.value) & ~mask) | bits;
    this.#set(field.name, sized(field, value, BigInt(old.mask) | mask));
  }

  /** All that is said of VLANs is said of the bits of one tag. */
  #takeVlan(key: string, text: string): boolean {
    if (key === 'dl_vlan') {
      const vid = parseNumber(text, 0xffff, 'VLAN id');
      if (vid === NO_VLAN) this.#setTci(0, 0xffff);
      else this.#setTci(PRESENT | (vid & 0xfff), 0x1fff);
    } else if (key === 'vlan_vid') {
      const { value, mask } = parseValue(fieldOf('vlan_vid'), text);
      this.#setTci(value as number, mask as number);
    } else if (key === 'dl_vlan_pcp' || key === 'vlan_pcp') {
      this.#setTci(PRESENT | (parseNumber(text, 7, 'VLAN priority') << 13), 0xf000);
    } else if (key === 'vlan_tci') {
      const { value, mask } = parseValue(fieldOf('vlan_tci'), text);
      this.#setTci(value as number, mask as number);
    } else {
      return false;
    }
    return true;
  }

  #setTci(value: number, mask: number): void {
    this.#tci = { value: (this.#tci.value & ~mask) | value, mask: this.#tci.mask | mask };
  }

  #set(name: string, said: ValueAndMask): void {
    this.#fields.set(name, said);
  }

  /** The field that a name means beside what else the match says: tp_src of udp is udp_src. */
  #resolve(name: string): string {
    const type = this.#fields.get('eth_type')?.value;
    const protocol = this.#fields.get('ip_proto')?.value;
    if (type === ETH_TYPE.ARP || type === ETH_TYPE.RARP) return ARP_NAMES.get(name) ?? name;
    if (protocol === IP_PROTO.ICMPV6) return ICMPV6_NAMES.get(name) ?? name;
    return TRANSPORT_NAMES.get(protocol as number)?.get(name) ?? name;
  }
}

const ARP_NAMES = new Map([
  ['ip_src', 'arp_spa'],
  ['ip_dst', 'arp_tpa'],
  ['ip_proto', 'arp_op'],
]);

const ICMPV6_NAMES = new Map([
  ['tp_src', 'icmpv6_type'],
  ['tp_dst', 'icmpv6_code'],
  ['icmp_type', 'icmpv6_type'],
  ['icmp_code', 'icmpv6_code'],
]);

const TRANSPORT_NAMES = new Map<number, ReadonlyMap<string, string>>(
  [
    { protocol: IP_PROTO.TCP, source: 'tcp_src', destination: 'tcp_dst' },
    { protocol: IP_PROTO.UDP, source: 'udp_src', destination: 'udp_dst' },
    { protocol: IP_PROTO.SCTP, source: 'sctp_src', destination: 'sctp_dst' },
    { protocol: IP_PROTO.ICMP, source: 'icmp_type', destination: 'icmp_code' },
  ].map(({ protocol, source, destination }) => [
    protocol,
    new Map([
      ['tp_src', source],
      ['tp_dst', destination],
      ['tcp_src', source],
      ['tcp_dst', destination],
    ]),
  ]),
);

export function parseMatch(text: string): Match {
  const builder = new MatchBuilder();
  for (const pair of pairs(text)) {
    if (!builder.take(pair)) throw new TextError(`unknown field "${pair.key}"`);
  }
  return builder.build();
}

function vlanFields({ value, mask }: { value: number; mask: number }): Match {
  const fields: Match = { vlan_vid: { value: value & 0x1fff, mask: mask & 0x1fff } };
  const hasPriority = (mask & 0xe000) === 0xe000 && (value & 0x1fff) !== 0;
  return hasPriority ? { ...fields, vlan_pcp: value >>> 13 } : fields;
}

function sized(field: Field, value: bigint, mask: bigint): ValueAndMask {
  return field.wide ? { value, mask } : { value: Number(value), mask: Number(mask) };
}
