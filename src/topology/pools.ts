/** Allocation pools: ranges of addresses, their default, their rules, and a random pick. */
import { defined } from '../lib/assert.ts';
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
import type { Range, SortedAddresses } from './sorted-addresses.ts';
import type { AllocationPool, Subnet } from './subnet.ts';

export type { Range };

/**
 * The pick considers at most this many addresses of all pools together, to stay within what
 * `Random` gives. Only IPv6 pools are larger, and nobody gives out 2^47 addresses of one.
 */
const CONSIDERED_MAX = 2 ** 47;
/** Random tries before the used addresses are counted: they all fail where hardly any is left. */
const TRIES_MAX = 30;

/** The addresses of a CIDR that hosts can have: neither its first nor IPv4's broadcast address. */
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

/** What a pick must know besides the pools. */
export interface Uses {
  readonly isFree: (value: AddressValue) => boolean;
  /**
   * The addresses in use as far as they are indexed: all but a few for which `isFree` says no.
   * It is asked for only where it is needed.
   */
  readonly used: () => SortedAddresses;
}

/**
 * A random free address of the pools; undefined when there is none. Tries at random, which costs
 * the same however many are used; when the pools are nearly full it picks among those that are
 * left, so that the last address costs hardly more than the first.
 */
export function pickFree(
  pools: readonly Range[],
  uses: Uses,
  random: Random,
): AddressValue | undefined {
  const line = new Line(pools);
  if (line.length === 0) return undefined;
  for (let i = 0; i < TRIES_MAX; i++) {
    const candidate = line.at(random.integer(line.length));
    if (uses.isFree(candidate)) return candidate;
  }
  return pickLeft(pools, uses, (count) => random.integer(count));
}

/** The first free address of the pools; undefined when there is none. */
export function pickFirst(pools: readonly Range[], uses: Uses): AddressValue | undefined {
  return pickLeft(pools, uses, () => 0);
}

/** Picks among the addresses that are left, from the one that `choose` says on. */
function pickLeft(
  pools: readonly Range[],
  { isFree, used }: Uses,
  choose: (count: number) => number,
): AddressValue | undefined {
  const members = used();
  const counts = pools.map((pool) => sizeOf(pool) - members.countIn(pool));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const start = choose(Math.min(total, CONSIDERED_MAX));
  // What is left and yet not free was promised a moment ago, and is little.
  for (let i = 0; i < total; i++) {
    const { pool, n } = locate(pools, counts, (start + i) % total);
    const candidate = members.nthGap(pool.first, n);
    if (isFree(candidate)) return candidate;
  }
  return undefined;
}

/** The pool in which the `n`th address that is left lies, and how many are left there before it. */
function locate(pools: readonly Range[], counts: readonly number[], n: number) {
  let before = n;
  const at = counts.findIndex((count) => {
    const isHere = before < count;
    if (!isHere) before -= count;
    return isHere;
  });
  return { pool: defined(pools[at], 'pool'), n: before };
}

/** How many addresses a pool has, at most as many as a pick considers. */
function sizeOf({ first, last }: Range): number {
  const size = BigInt(last) - BigInt(first) + 1n;
  return size > BigInt(CONSIDERED_MAX) ? CONSIDERED_MAX : Number(size);
}

/** The addresses of several pools laid end to end, numbered from 0. */
class Line {
  readonly length: number;
  readonly #parts: { readonly range: Range; readonly start: number; readonly size: number }[] = [];

  constructor(ranges: readonly Range[]) {
    let start = 0;
    for (const range of ranges) {
      const part = { range, start, size: Math.min(sizeOf(range), CONSIDERED_MAX - start) };
      this.#parts.push(part);
      start += part.size;
    }
    this.length = start;
  }

  at(offset: number): AddressValue {
    const part = this.#parts.find(({ start, size }) => offset < start + size);
    const { range, start } = defined(part, 'part of the line');
    return addressPlus(range.first, offset - start);
  }
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

/** How many addresses the pools of a subnet have; those of IPv6 more than a double counts. */
export function poolsSize(subnet: Subnet): bigint {
  const sizes = rangesOf(subnet).map(({ first, last }) => BigInt(last) - BigInt(first) + 1n);
  return sizes.reduce((sum, size) => sum + size, 0n);
}
