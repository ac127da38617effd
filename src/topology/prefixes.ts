/**
 * Sets of addresses as ranges: joined, taken from one another, and written as CIDRs again. A list
 * of ranges is a set when it is in order and no two of its ranges touch: what `join` gives.
 */
import { type AddressValue, addressPlus, type Cidr, cidrOf, versionOf } from './address.ts';
import type { Range } from './sorted-addresses.ts';

/** The set of all addresses of some ranges of one version. */
export function join(ranges: Iterable<Range>): Range[] {
  const joined: { first: AddressValue; last: AddressValue }[] = [];
  for (const { first, last } of [...ranges].sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const before = joined.at(-1);
    if (before === undefined || first > addressPlus(before.last, 1)) joined.push({ first, last });
    else if (last > before.last) before.last = last;
  }
  return joined;
}

/** What is in one set and not in another. */
export function subtract(set: readonly Range[], other: readonly Range[]): Range[] {
  const left: Range[] = [];
  let at = 0;
  for (const range of set) {
    let first = range.first;
    for (let next = other[at]; next !== undefined && next.first <= range.last; ) {
      if (next.first > first) left.push({ first, last: addressPlus(next.first, -1) });
      if (next.last >= first) first = addressPlus(next.last, 1);
      // One that goes on behind this range may cut the next range too.
      if (next.last > range.last) break;
      at += 1;
      next = other[at];
    }
    if (first <= range.last) left.push({ first, last: range.last });
  }
  return left;
}

export function isSubset(set: readonly Range[], other: readonly Range[]): boolean {
  return subtract(set, other).length === 0;
}

export function overlap(one: readonly Range[], other: readonly Range[]): boolean {
  const rest = subtract(one, other);
  const isWhole = ({ first, last }: Range, at: number): boolean =>
    first === one[at]?.first && last === one[at]?.last;
  return rest.length !== one.length || !rest.every(isWhole);
}

/** A set as CIDRs, as few as can be, in order. */
export function toCidrs(set: readonly Range[]): Cidr[] {
  return set.flatMap((range) => {
    const cidrs: Cidr[] = [];
    for (let { first } = range; first <= range.last; ) {
      const block = largestAt(first, range.last);
      cidrs.push(block);
      first = addressPlus(block.last, 1);
    }
    return cidrs;
  });
}

/** The largest block that begins at an address and does not go past another. */
function largestAt(first: AddressValue, last: AddressValue): Cidr {
  const bits = versionOf(first) === 4 ? 32 : 128;
  let largest = { version: versionOf(first), prefix: bits, first, last: first };
  for (let prefix = bits - 1; prefix >= 0; prefix--) {
    const wider = cidrOf(first, prefix);
    if (wider === undefined || wider.first !== first || wider.last > last) break;
    largest = wider;
  }
  return largest;
}
