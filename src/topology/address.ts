/**
 * Addresses at the door: text in, numbers inside, canonical text out.
 * An IPv4 address is a number (uint32), an IPv6 address a bigint, a MAC address a number (48 bits),
 * so the type of a value tells its version. IPv6 text goes through ip-num; IPv4 and MAC text is
 * so simple that it is read here, several times faster, for the indexes parse it on every change.
 */
import { collapseIPv6Number, IPv6 } from 'ip-num';

/** A number (uint32) for IPv4, a bigint for IPv6. */
export type AddressValue = number | bigint;

export interface Cidr {
  readonly version: 4 | 6;
  readonly prefix: number;
  /** The network's own address and the last address of the range. */
  readonly first: AddressValue;
  readonly last: AddressValue;
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
/** No zone (`%eth0`): ip-num accepts and then drops it. */
const IPV6_CHARACTERS = /^[0-9a-fA-F:.]{2,45}$/;
const MAC_FORMS = [
  /^([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2})$/i,
  /^([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})-([0-9a-f]{2})$/i,
  /^([0-9a-f]{4})\.([0-9a-f]{4})\.([0-9a-f]{4})$/i,
  /^([0-9a-f]{12})$/i,
];

/** Undefined unless `text` is a dotted quad without leading zeros (which could mean octal). */
export function parseIpv4(text: string): number | undefined {
  const octets = IPV4.exec(text);
  if (octets === null) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const octet = octets[i] ?? '';
    if (Number(octet) > 255 || (octet.length > 1 && octet.startsWith('0'))) return undefined;
    value = value * 256 + Number(octet);
  }
  return value;
}

/** Undefined unless `text` is an IPv6 address of RFC 4291 section 2.2, without a zone. */
export function parseIpv6(text: string): bigint | undefined {
  if (!IPV6_CHARACTERS.test(text) || !text.includes(':')) return undefined;
  try {
    return IPv6.fromString(text).getValue();
  } catch {
    return undefined;
  }
}

export function parseAddress(text: string): AddressValue | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

export function versionOf(value: AddressValue): 4 | 6 {
  return typeof value === 'number' ? 4 : 6;
}

export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The compressed form of RFC 5952. */
export function formatIpv6(value: bigint): string {
  const digits = value.toString(16).padStart(32, '0');
  return collapseIPv6Number(digits.replace(/(.{4})(?=.)/g, '$1:'));
}

export function formatAddress(value: AddressValue): string {
  return typeof value === 'number' ? formatIpv4(value) : formatIpv6(value);
}

/** Undefined unless `text` is six octets with colons, hyphens, dots between pairs, or bare. */
export function parseMac(text: string): number | undefined {
  for (const form of MAC_FORMS) {
    const groups = form.exec(text);
    if (groups !== null) return Number.parseInt(groups.slice(1).join(''), 16);
  }
  return undefined;
}

/** Six lower-case octets with colons. */
export function formatMac(value: number): string {
  const digits = value.toString(16).padStart(12, '0');
  return digits.replace(/(..)(?=.)/g, '$1:');
}

/** True when the group bit is set: multicast or broadcast. */
export function isGroupMac(value: number): boolean {
  return Math.floor(value / 2 ** 40) % 2 === 1;
}

/** The range that contains `address/prefix`; its host bits are cleared. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const digits = text.slice(slash + 1);
  if (slash < 0 || !/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const address = parseAddress(text.slice(0, slash));
  return address === undefined ? undefined : cidrOf(address, Number(digits));
}

/** The range of `prefix` bits around an address; undefined when there are not so many bits. */
export function cidrOf(address: AddressValue, prefix: number): Cidr | undefined {
  const version = versionOf(address);
  const hostBits = (version === 4 ? 32 : 128) - prefix;
  if (hostBits < 0) return undefined;
  if (typeof address === 'number') {
    const size = 2 ** hostBits;
    const first = Math.floor(address / size) * size;
    return { version, prefix, first, last: first + size - 1 };
  }
  const shift = BigInt(hostBits);
  const first = (address >> shift) << shift;
  return { version, prefix, first, last: first + (1n << shift) - 1n };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.first)}/${cidr.prefix}`;
}

export function cidrContains(cidr: Cidr, value: AddressValue): boolean {
  return versionOf(value) === cidr.version && cidr.first <= value && value <= cidr.last;
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

/** `value + offset`, in the value's own version. */
export function addressPlus(value: AddressValue, offset: number): AddressValue {
  return typeof value === 'number' ? value + offset : value + BigInt(offset);
}

/** Multicast: 224.0.0.0/4 or ff00::/8. */
export function isMulticast(value: AddressValue): boolean {
  return typeof value === 'number' ? value >>> 28 === 14 : value >> 120n === 0xffn;
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(value: AddressValue): boolean {
  return typeof value === 'number' ? value >>> 24 === 127 : value === 1n;
}

/**
 * The address that a host with this MAC address gives itself in a /64: the modified EUI-64 of
 * RFC 4291 appendix A, with ff:fe in the middle and the universal bit inverted.
 */
export function eui64Address(prefix: Cidr, mac: number): bigint {
  const value = BigInt(mac);
  const high = (value >> 24n) ^ 0x020000n;
  return BigInt(prefix.first) | (high << 40n) | (0xfffen << 24n) | (value & 0xffffffn);
}
