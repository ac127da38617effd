/** Addresses and prefixes as match values. */
import { defined } from '../lib/assert.ts';
import type { Masked } from '../openflow/oxm/index.ts';
import { parseAddress, parseCidr } from '../topology/index.ts';

export type Ipv4Range = number | Masked<number>;
export type Ipv6Range = bigint | Masked<bigint>;
export type AddressRange = Ipv4Range | Ipv6Range;

/** Undefined is every address: a prefix of 0 bits is no condition at all. */
export type VersionedRange =
  | { readonly version: 4; readonly range: Ipv4Range | undefined }
  | { readonly version: 6; readonly range: Ipv6Range | undefined };

const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** An address or a CIDR. */
export function readRange(text: string): VersionedRange {
  const cidr = parseCidr(text);
  const first = defined(cidr?.first ?? parseAddress(text), `address or CIDR ${text}`);
  if (typeof first === 'number') {
    return { version: 4, range: masked4(first, cidr?.prefix ?? IPV4_BITS) };
  }
  return { version: 6, range: masked6(first, cidr?.prefix ?? IPV6_BITS) };
}

/**
 * The same as ranges that are a condition each: everything is two halves. (OVS counts the flows of
 * a conjunction, and two dimensions must not meet in one flow.)
 */
export function halvesOf({ version, range }: VersionedRange): readonly (Ipv4Range | Ipv6Range)[] {
  if (range !== undefined) return [range];
  return version === 4 ? IPV4_HALVES : IPV6_HALVES;
}

const IPV4_HALVES = [0, 0x8000_0000].map((value) => ({ value, mask: 0x8000_0000 }));
const IPV6_HALVES = [0n, 1n << 127n].map((value) => ({ value, mask: 1n << 127n }));

function masked4(value: number, prefix: number): Ipv4Range | undefined {
  if (prefix === 0) return undefined;
  if (prefix === IPV4_BITS) return value;
  return { value, mask: (0xffff_ffff << (IPV4_BITS - prefix)) >>> 0 };
}

function masked6(value: bigint, prefix: number): Ipv6Range | undefined {
  if (prefix === 0) return undefined;
  if (prefix === IPV6_BITS) return value;
  const hostBits = BigInt(IPV6_BITS - prefix);
  return { value, mask: ((1n << BigInt(prefix)) - 1n) << hostBits };
}
