/**
 * Goal: sets of addresses behave as sets do, in both versions.
 * Method: random ranges of a few addresses, compared with sets of numbers.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AddressValue } from '../../../src/topology/address.ts';
import { formatCidr, parseCidr } from '../../../src/topology/address.ts';
import { isSubset, join, overlap, subtract, toCidrs } from '../../../src/topology/prefixes.ts';
import type { Range } from '../../../src/topology/sorted-addresses.ts';

const SIZE = 40;
type Pair = readonly [number, number];
const pairs = fc.array(
  fc.tuple(fc.nat(SIZE), fc.nat(8)).map(([first, length]): Pair => [first, first + length]),
  { maxLength: 6 },
);

const members = (some: readonly Pair[]): Set<number> =>
  new Set(some.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));

describe.each([
  ['IPv4', (value: number): AddressValue => value],
  ['IPv6', (value: number): AddressValue => BigInt(value)],
])('of %s addresses', (_, of) => {
  const set = (some: readonly Pair[]): Range[] =>
    join(some.map(([first, last]) => ({ first: of(first), last: of(last) })));
  const content = (ranges: readonly Range[]): Set<number> =>
    members(ranges.map(({ first, last }): Pair => [Number(first), Number(last)]));

  test('what is joined holds the same addresses, in ranges that do not touch', () => {
    fc.assert(
      fc.property(pairs, (some) => {
        const joined = set(some);
        expect(content(joined)).toEqual(members(some));
        joined.slice(1).forEach(({ first }, at) => {
          expect(Number(first)).toBeGreaterThan(Number(joined[at]?.last) + 1);
        });
      }),
    );
  });

  test('difference, subset and overlap are those of sets', () => {
    fc.assert(
      fc.property(pairs, pairs, (some, others) => {
        const [one, other] = [members(some), members(others)];
        const rest = new Set([...one].filter((value) => !other.has(value)));
        expect(content(subtract(set(some), set(others)))).toEqual(rest);
        expect(isSubset(set(some), set(others))).toBe(rest.size === 0);
        expect(overlap(set(some), set(others))).toBe(rest.size < one.size);
      }),
    );
  });

  test('as CIDRs are as few as can be, in order', () => {
    fc.assert(
      fc.property(pairs, (some) => {
        const cidrs = toCidrs(set(some));
        expect(content(cidrs)).toEqual(members(some));
        // Two blocks that were halves of one would have been written as that one.
        cidrs.slice(1).forEach((cidr, at) => {
          const before = cidrs[at];
          expect(before !== undefined && before.last < cidr.first).toBe(true);
          const text = `${formatCidr(cidr).split('/')[0]}/${cidr.prefix - 1}`;
          const wider = parseCidr(text);
          expect(before?.prefix === cidr.prefix && wider?.first === before.first).toBe(false);
        });
      }),
    );
  });
});

test('the whole of a version is one CIDR', () => {
  const all = ['0.0.0.0/1', '128.0.0.0/1'].map((text) => parseCidr(text) as Range);
  expect(toCidrs(join(all)).map(formatCidr)).toEqual(['0.0.0.0/0']);
  const six = ['::/1', '8000::/1'].map((text) => parseCidr(text) as Range);
  expect(toCidrs(join(six)).map(formatCidr)).toEqual(['::/0']);
});
