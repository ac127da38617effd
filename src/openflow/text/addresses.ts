/** Addresses in text: MAC, IPv4, IPv6, and the prefix lengths that stand for masks. */
import { parseNumber } from './numbers.ts';
import { TextError } from './text-error.ts';

const U32_MAX = 0xffff_ffff;
const U128_MAX = (1n << 128n) - 1n;

export function formatMac(mac: number): string {
  return (mac.toString(16).padStart(12, '0').match(/../g) ?? []).join(':');
}

export function parseMac(text: string): number {
  if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(text)) {
    throw new TextError(`bad MAC address "${text}"`);
  }
  const digits = text.split(':').map((part) => part.padStart(2, '0'));
  return Number.parseInt(digits.join(''), 16);
}

export function formatIpv4(ip: number): string {
  return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;
}

export function parseIpv4(text: string): number {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) throw new TextError(`bad IPv4 address "${text}"`);
  return text
    .split('.')
    .map((part) => parseNumber(part, 255, 'IPv4 address'))
    .reduce((ip, part) => ip * 256 + part, 0);
}

/** As inet_ntop(3): the longest run of zero groups is `::`; addresses that hold IPv4 show it. */
export function formatIpv6(ip: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    Number((ip >> BigInt(112 - 16 * i)) & 0xffffn),
  );
  const run = longestZeros(groups);
  const mapped = run.length === 5 && groups[5] === 0xffff;
  if (run.start === 0 && (mapped || run.length === 6)) {
    return `::${mapped ? 'ffff:' : ''}${formatIpv4(Number(ip & 0xffff_ffffn))}`;
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (run.length < 2) return text(0, 8);
  return `${text(0, run.start)}::${text(run.start + run.length, 8)}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  return best;
}

export function parseIpv6(text: string): bigint {
  const halves = withoutIpv4(text).split('::');
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  const complete = halves.length === 1 ? missing === 0 : halves.length === 2 && missing >= 1;
  const groups = [...left, ...Array<string>(Math.max(missing, 0)).fill('0'), ...right];
  if (!complete || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) {
    throw new TextError(`bad IPv6 address "${text}"`);
  }
  return groups.reduce((ip, group) => (ip << 16n) | BigInt(`0x${group}`), 0n);
}

/** The last 32 bits may be written as an IPv4 address. */
function withoutIpv4(text: string): string {
  const match = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (match === null) return text;
  const ip = parseIpv4(match[2] ?? '');
  return `${match[1]}${(ip >>> 16).toString(16)}:${(ip & 0xffff).toString(16)}`;
}

/** `/24` where the mask is a prefix, `/255.0.255.0` where not, nothing where it is all ones. */
export function formatIpv4Mask(mask: number): string {
  if (mask === U32_MAX) return '';
  const length = prefixLength(BigInt(mask), 32);
  return `/${length ?? formatIpv4(mask)}`;
}

export function formatIpv6Mask(mask: bigint): string {
  if (mask === U128_MAX) return '';
  const length = prefixLength(mask, 128);
  return `/${length ?? formatIpv6(mask)}`;
}

export function parseIpv4Mask(text: string): number {
  if (text.includes('.')) return parseIpv4(text);
  return Number(prefixMask(parseNumber(text, 32, 'prefix length'), 32));
}

export function parseIpv6Mask(text: string): bigint {
  if (text.includes(':')) return parseIpv6(text);
  return prefixMask(parseNumber(text, 128, 'prefix length'), 128);
}

function prefixMask(length: number, bits: number): bigint {
  const host = BigInt(bits - length);
  return ((1n << BigInt(length)) - 1n) << host;
}

function prefixLength(mask: bigint, bits: number): number | undefined {
  const inverse = ~mask & ((1n << BigInt(bits)) - 1n);
  if ((inverse & (inverse + 1n)) !== 0n) return undefined;
  return bits - (inverse === 0n ? 0 : inverse.toString(2).length);
}
