/** Addresses and prefixes as match values. */
import { defined } from '../lib/assert.ts';
import type { Masked } from '../openflow/oxm/index.ts';
import { parseAddress, parseCidr } from '../topology/index.ts';

export type Ipv4Range = number | Masked<number>;
export type Ipv6Range = bigint | Masked<bigint>;
/** Undefined is every address: a prefix of 0 bits is no condition at all. */
export type AddressRange = Ipv4Range | Ipv6Range | undefined;

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
