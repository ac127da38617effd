/** Allocation pools: ranges of addresses, their default, their rules, and a random pick. */
import type { Random } from '../lib/clock.ts';
import {
  type AddressValue,
  addressPlus,
  type Cidr,
  formatAddress,
  parseAddress,
  versionOf,
} from './address.ts';
import { intentError } from './intent-error.ts';
import type { AllocationPool, Subnet } from './subnet.ts';

/** A range of addresses of one version, both ends included. */
export interface Range {
  readonly first: AddressValue;
  readonly last: AddressValue;
}

/**
 * The pick considers at most this many addresses of all pools together, the limit of `Random`.
 * Only IPv6 pools are larger, and nobody gives out 2^48 addresses of them.
 */
const CONSIDERED_MAX = 2 ** 48;
/**
 * Random tries before the free addresses are enumerated. With 65,000 of a /16's 65,533 addresses
 * used, one pick in 3,500 needs the enumeration.
 */
const TRIES_MAX = 1000;

/** The addresses of a CIDR that hosts can have: not the network's own, nor the broadcast address. */
export function hostRange(cidr: Cidr): Range {
  if (cidr.version === 6) {
    return cidr.prefix === 128 ? cidr : { first: addressPlus(cidr.first, 1), last: cidr.last };
  }
  if (cidr.prefix > 30) return cidr;
  return { first: addressPlus(cidr.first, 1), last: addressPlus(cidr.last, -1) };
}

/** The whole of the CIDR without its gateway: what Neutron gives a subnet that names no pools. */
export function defaultPools(cidr: Cidr, gateway: AddressValue | undefined): Range[] {
  const range = hostRange(cidr);
  const outside = gateway === undefined || versionOf(gateway) !== cidr.version;
  if (outside || gateway < range.first || gateway > range.last || range.first === range.last) {
    return [range];
  }
  const below = { first: range.first, last: addressPlus(gateway, -1) };
  const above = { first: addressPlus(gateway, 1), last: range.last };
  return [below, above].filter((pool) => pool.first <= pool.last);
}

/** Checks the pools that a request names: right version, in order, inside, apart. */
export function checkPools(
  pools: readonly AllocationPool[],
  cidr: Cidr,
  cidrText: string,
): Range[] {
  const host = hostRange(cidr);
  const ranges = pools.map((pool) => {
    const range = readPool(pool);
    if (range === undefined || versionOf(range.first) !== cidr.version) {
      throw intentError('InvalidAllocationPool', { pool: formatPool(pool) });
    }
    if (range.first < host.first || range.last > host.last) {
      throw intentError('OutOfBoundsAllocationPool', {
        pool: formatPool(pool),
        subnet_cidr: cidrText,
      });
    }
    return range;
  });
  checkApart(ranges, cidrText);
  return ranges;
}

export function checkGatewayOutside(gateway: AddressValue, ranges: readonly Range[]): void {
  for (const range of ranges) {
    if (range.first <= gateway && gateway <= range.last) {
      throw intentError('GatewayConflictWithAllocationPools', {
        ip_address: formatAddress(gateway),
        pool: formatPool(toPool(range)),
      });
    }
  }
}

/** The pools of a stored subnet, which were checked when it was made. */
export function rangesOf(subnet: Subnet): Range[] {
  return subnet.allocation_pools.map(readPool).filter((range) => range !== undefined);
}

export function toPool(range: Range): AllocationPool {
  return { start: formatAddress(range.first), end: formatAddress(range.last) };
}

/**
 * A uniformly random address of the pools that is not used; undefined when there is none.
 * `used` is asked for single addresses first, and is walked only when the pools are nearly full.
 */
export function pickFree(
  pools: readonly Range[],
  used: { has(value: AddressValue): boolean; values(): Iterable<AddressValue> },
  random: Random,
): AddressValue | undefined {
  const total = pools.reduce((sum, pool) => sum + sizeOf(pool, CONSIDERED_MAX - sum), 0);
  if (total === 0) return undefined;
  for (let i = 0; i < Math.min(TRIES_MAX, total); i++) {
    const candidate = addressAt(pools, random.integer(total));
    if (candidate !== undefined && !used.has(candidate)) return candidate;
  }
  return pickByGaps(pools, total, used.values(), random);
}

/** Chooses the n-th free address, n random, by walking the used ones in order. */
function pickByGaps(
  pools: readonly Range[],
  total: number,
  used: Iterable<AddressValue>,
  random: Random,
): AddressValue | undefined {
  const offsets = new Set<number>();
  for (const value of used) {
    const offset = offsetOf(pools, value);
    if (offset !== undefined && offset < total) offsets.add(offset);
  }
  const free = total - offsets.size;
  if (free === 0) return undefined;
  let chosen = random.integer(free);
  for (const offset of Float64Array.from(offsets).sort()) {
    if (offset > chosen) break;
    chosen++;
  }
  return addressAt(pools, chosen);
}

function addressAt(pools: readonly Range[], offset: number): AddressValue | undefined {
  let rest = offset;
  for (const pool of pools) {
    const size = sizeOf(pool, CONSIDERED_MAX);
    if (rest < size) return addressPlus(pool.first, rest);
    rest -= size;
  }
  return undefined;
}

function offsetOf(pools: readonly Range[], value: AddressValue): number | undefined {
  let before = 0;
  for (const pool of pools) {
    if (pool.first <= value && value <= pool.last) {
      return before + sizeOf({ first: pool.first, last: value }, CONSIDERED_MAX) - 1;
    }
    before += sizeOf(pool, CONSIDERED_MAX);
  }
  return undefined;
}

function sizeOf(range: Range, sizeMax: number): number {
  const size = BigInt(range.last) - BigInt(range.first) + 1n;
  return size > BigInt(sizeMax) ? sizeMax : Number(size);
}

function readPool(pool: AllocationPool): Range | undefined {
  const first = parseAddress(pool.start);
  const last = parseAddress(pool.end);
  if (first === undefined || last === undefined) return undefined;
  return versionOf(first) === versionOf(last) && first <= last ? { first, last } : undefined;
}

function checkApart(ranges: readonly Range[], cidrText: string): void {
  const sorted = ranges.toSorted((a, b) => (a.first < b.first ? -1 : 1));
  sorted.forEach((range, i) => {
    const next = sorted[i + 1];
    if (next === undefined || next.first > range.last) return;
    throw intentError('OverlappingAllocationPools', {
      pool_1: formatPool(toPool(range)),
      pool_2: formatPool(toPool(next)),
      subnet_cidr: cidrText,
    });
  });
}

function formatPool(pool: AllocationPool): string {
  return `${pool.start}-${pool.end}`;
}
