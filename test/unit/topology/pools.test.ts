/**
 * Goal: pools are computed as Neutron computes them, and a pick is random, never a used address, and
 * exact when hardly anything is left.
 * Method: small ranges compared with enumeration; a /16 that is all but full.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defined } from '../../../src/lib/assert.ts';
import type { Random } from '../../../src/lib/clock.ts';
import { systemRandom } from '../../../src/lib/system.ts';
import {
  type AddressValue,
  formatAddress,
  parseAddress,
  parseCidr,
} from '../../../src/topology/address.ts';
import {
  checkGatewayOutside,
  checkPools,
  defaultPools,
  pickFirst,
  pickFree,
  type Range,
  toPool,
  type Uses,
} from '../../../src/topology/pools.ts';
import { SortedAddresses } from '../../../src/topology/sorted-addresses.ts';

const cidr = (text: string) => defined(parseCidr(text), text);
const address = (text: string) => defined(parseAddress(text), text);
const range = (first: string, last = first): Range => ({
  first: address(first),
  last: address(last),
});
/** Everything is free but these. */
const freeBut = (values: Iterable<AddressValue>): Uses => {
  const used = new Set(values);
  return { isFree: (value) => !used.has(value), used: () => SortedAddresses.of(used) };
};
const anyIsFree = freeBut([]);

/** Every address of small ranges. */
function enumerate(ranges: readonly Range[]): AddressValue[] {
  return ranges.flatMap(({ first, last }) => {
    const all: AddressValue[] = [];
    for (let value = BigInt(first); value <= BigInt(last); value++) {
      all.push(typeof first === 'number' ? Number(value) : value);
    }
    return all;
  });
}

describe('the default pools', () => {
  const pools = (text: string, gateway?: string) =>
    defaultPools(cidr(text), gateway === undefined ? undefined : address(gateway))
      .map(toPool)
      .map(({ start, end }) => `${start}-${end}`);

  test.each([
    ['10.0.0.0/24', '10.0.0.1', ['10.0.0.2-10.0.0.254']],
    ['10.0.0.0/24', '10.0.0.254', ['10.0.0.1-10.0.0.253']],
    ['10.0.0.0/24', '10.0.0.9', ['10.0.0.1-10.0.0.8', '10.0.0.10-10.0.0.254']],
    ['10.0.0.0/24', undefined, ['10.0.0.1-10.0.0.254']],
    ['10.0.0.0/24', '192.0.2.1', ['10.0.0.1-10.0.0.254']],
    ['10.0.0.0/31', '10.0.0.0', ['10.0.0.1-10.0.0.1']],
    ['10.0.0.7/32', undefined, ['10.0.0.7-10.0.0.7']],
    ['2001:db8::/64', '2001:db8::1', ['2001:db8::2-2001:db8::ffff:ffff:ffff:ffff']],
    ['2001:db8::/64', '2001:db8::', ['2001:db8::1-2001:db8::ffff:ffff:ffff:ffff']],
  ])('of %s with the gateway %s are %j', (text, gateway, expected) => {
    expect(pools(text, gateway)).toEqual(expected);
  });

  test('hold every address of hosts but the gateway, each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 24, max: 30 }), fc.nat(255), (prefix, offset) => {
        const whole = cidr(`10.0.0.0/${prefix}`);
        const gateway = (address('10.0.0.0') as number) + (offset % 2 ** (32 - prefix));
        const hosts = enumerate([whole]).slice(1, -1);
        expect(enumerate(defaultPools(whole, gateway))).toEqual(
          hosts.filter((value) => value !== gateway),
        );
      }),
    );
  });
});

describe('pools that a request names', () => {
  const check =
    (...pools: [string, string][]) =>
    () =>
      checkPools(
        pools.map(([start, end]) => ({ start, end })),
        cidr('10.0.0.0/24'),
        '10.0.0.0/24',
      );

  test('may have gaps, any order and one address', () => {
    expect(check(['10.0.0.100', '10.0.0.100'], ['10.0.0.1', '10.0.0.50'])).not.toThrow();
  });

  test.each([
    ['InvalidAllocationPool', check(['10.0.0.9', '10.0.0.8'])],
    ['InvalidAllocationPool', check(['::1', '::2'])],
    ['InvalidAllocationPool', check(['10.0.0.9', '::2'])],
    ['OutOfBoundsAllocationPool', check(['10.0.0.0', '10.0.0.8'])],
    ['OutOfBoundsAllocationPool', check(['10.0.0.8', '10.0.0.255'])],
    ['OutOfBoundsAllocationPool', check(['10.0.1.1', '10.0.1.2'])],
    ['OverlappingAllocationPools', check(['10.0.0.1', '10.0.0.9'], ['10.0.0.9', '10.0.0.20'])],
    ['OverlappingAllocationPools', check(['10.0.0.10', '10.0.0.11'], ['10.0.0.1', '10.0.0.20'])],
  ])('are refused as %s', (type, work) => {
    expect(work).toThrow(expect.objectContaining({ type }));
  });

  test('do not hold the gateway', () => {
    const pool = range('10.0.0.5', '10.0.0.9');
    expect(() => checkGatewayOutside(address('10.0.0.4'), [pool])).not.toThrow();
    expect(() => checkGatewayOutside(address('10.0.0.9'), [pool])).toThrow(
      'Gateway ip 10.0.0.9 conflicts with allocation pool 10.0.0.5-10.0.0.9.',
    );
  });
});

describe('a pick', () => {
  test('is in the pools and unused, until every address is used once', () => {
    const pool = fc
      .tuple(fc.nat(30), fc.nat(12))
      .map(([first, length]): Range => ({ first: first * 20, last: first * 20 + length }));
    const pools = fc.uniqueArray(pool, {
      minLength: 1,
      maxLength: 4,
      selector: ({ first }) => first,
    });
    fc.assert(
      fc.property(pools, fc.boolean(), (some, isIpv6) => {
        const ranges = isIpv6
          ? some.map(({ first, last }) => ({
              first: BigInt(first) << 64n,
              last: (BigInt(first) << 64n) + BigInt(last) - BigInt(first),
            }))
          : some;
        const all = new Set(enumerate(ranges));
        const picked = new Set<AddressValue>();
        for (let i = 0; i < all.size; i++) {
          const value = defined(pickFree(ranges, freeBut(picked), systemRandom), 'address');
          expect(all.has(value) && !picked.has(value)).toBe(true);
          picked.add(value);
        }
        expect(pickFree(ranges, freeBut(picked), systemRandom)).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  test('gives every free address the same chance', () => {
    const ranges = [range('10.0.0.0', '10.0.0.3'), range('10.0.0.8', '10.0.0.11')];
    const isFree = freeBut([address('10.0.0.1'), address('10.0.0.8')]);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const text = formatAddress(defined(pickFree(ranges, isFree, systemRandom), 'address'));
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(250);
  });

  test('finds the one free address of pools where every random try hits a used one', () => {
    const ranges = [range('10.0.0.0', '10.0.0.4'), range('10.0.0.8', '10.0.0.9')];
    const all = enumerate(ranges);
    const stuck: Random = { ...systemRandom, integer: () => 3 };
    for (const free of all.filter((value) => value !== address('10.0.0.3'))) {
      const isFree = freeBut(all.filter((value) => value !== free));
      expect(pickFree(ranges, isFree, stuck)).toBe(free);
    }
  });

  test('from nothing is nothing', () => {
    expect(pickFree([], anyIsFree, systemRandom)).toBeUndefined();
  });

  test('from a /64 does not walk it', () => {
    const whole = [range('2001:db8::1', '2001:db8::ffff:ffff:ffff:ffff')];
    const values = new Set(
      Array.from({ length: 100 }, () => pickFree(whole, anyIsFree, systemRandom)),
    );
    expect(values.size).toBe(100);
  });

  test('skips what was promised and is not among the used ones yet', () => {
    const ranges = [range('10.0.0.0', '10.0.0.3'), range('10.0.0.8', '10.0.0.9')];
    const used = SortedAddresses.of([address('10.0.0.0'), address('10.0.0.2')]);
    const promised = [address('10.0.0.1'), address('10.0.0.8')];
    const isFree = (value: AddressValue) => value === address('10.0.0.9');
    expect(promised.some(isFree)).toBe(false);
    expect(pickFirst(ranges, { isFree, used: () => used })).toBe(address('10.0.0.9'));
    expect(pickFree(ranges, { isFree: () => false, used: () => used }, systemRandom)).toBe(
      undefined,
    );
  });

  test('in order takes the first free address each time', () => {
    const ranges = [range('10.0.0.8', '10.0.0.9'), range('10.0.0.2', '10.0.0.3')];
    const taken: AddressValue[] = [];
    for (let i = 0; i < 4; i++) taken.push(defined(pickFirst(ranges, freeBut(taken)), 'address'));
    expect(taken.map(formatAddress)).toEqual(['10.0.0.8', '10.0.0.9', '10.0.0.2', '10.0.0.3']);
    expect(pickFirst(ranges, freeBut(taken))).toBeUndefined();
  });
});

describe('addresses in order', () => {
  const few = fc.nat(60);
  const step = fc.record({ value: few, add: fc.boolean() });

  test.each([false, true])('count and find gaps as a walk does (IPv6: %s)', (isIpv6) => {
    const of = (value: number): AddressValue => (isIpv6 ? BigInt(value) : value);
    fc.assert(
      fc.property(fc.array(few), fc.array(step), few, few, (initial, steps, from, n) => {
        const members = new Set(initial);
        const sorted = SortedAddresses.of([...members].map(of));
        for (const { value, add } of steps) {
          if (add) members.add(value);
          else members.delete(value);
          if (add) sorted.add(of(value));
          else sorted.delete(of(value));
        }
        expect(sorted.isEmpty).toBe(members.size === 0);
        const to = from + n;
        const within = [...members].filter((value) => from <= value && value <= to);
        expect(sorted.countIn({ first: of(from), last: of(to) })).toBe(within.length);
        const gaps = Array.from({ length: 200 }, (_, i) => from + i).filter((v) => !members.has(v));
        expect(sorted.nthGap(of(from), n)).toBe(of(defined(gaps[n], 'gap')));
      }),
    );
  });

  test('stay right when there are so many that they lie in several blocks', () => {
    const sorted = SortedAddresses.of([]);
    const odd = Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 5000) * 2 + 1);
    for (const value of odd) sorted.add(value);
    expect(sorted.countIn({ first: 0, last: 9999 })).toBe(5000);
    expect(sorted.countIn({ first: 100, last: 199 })).toBe(50);
    for (const n of [0, 1, 77, 4999]) expect(sorted.nthGap(0, n)).toBe(2 * n);
    for (const value of odd.filter((v) => v < 8000)) sorted.delete(value);
    expect(sorted.countIn({ first: 0, last: 9999 })).toBe(1000);
    expect(sorted.nthGap(0, 8000)).toBe(8000);
    expect(sorted.nthGap(0, 8001)).toBe(8002);
  });
});
