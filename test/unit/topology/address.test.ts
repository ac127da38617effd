/**
 * Goal: address text is read strictly, written in one canonical form, and computed with exactly.
 * Method: tables of good and bad text; properties, with the URL parser of Node, which writes IPv6 as
 * RFC 5952 says, as the oracle.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defined } from '../../../src/lib/assert.ts';
import {
  addressPlus,
  cidrContains,
  cidrOf,
  cidrsOverlap,
  eui64Address,
  formatAddress,
  formatCidr,
  formatIpv4,
  formatIpv6,
  formatMac,
  isGroupMac,
  isLoopback,
  isMulticast,
  parseAddress,
  parseCidr,
  parseIpv4,
  parseIpv6,
  parseMac,
  versionOf,
} from '../../../src/topology/address.ts';

const ipv4 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const ipv6 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  // Addresses with runs of zeros, where the compressed form has its rules.
  fc
    .array(fc.constantFrom<bigint>(0n, 0n, 0n, 1n, 0xabcdn), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.reduce<bigint>((sum, group) => (sum << 16n) | group, 0n)),
);

describe('IPv4', () => {
  test('text and number are one to one', () => {
    fc.assert(
      fc.property(ipv4, (value) => {
        expect(parseIpv4(formatIpv4(value))).toBe(value);
      }),
    );
    expect(formatIpv4(0xc0a80102)).toBe('192.168.1.2');
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '010.0.0.1',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1.2.3.-4',
    '0x1.2.3.4',
    '1.2.3.4/8',
  ])('%j is refused', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('IPv6', () => {
  test('text and number are one to one', () => {
    fc.assert(
      fc.property(ipv6, (value) => {
        expect(parseIpv6(formatIpv6(value))).toBe(value);
      }),
    );
  });

  test('the text is that of RFC 5952', () => {
    fc.assert(
      fc.property(ipv6, (value) => {
        const text = formatIpv6(value);
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });

  test.each([
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['0:0:0:0:0:0:0:0', '::'],
  ])('%s is %s', (text, canonical) => {
    expect(formatAddress(defined(parseAddress(text), text))).toBe(canonical);
  });

  test.each([
    '::1::',
    '12345::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'fe80::1%eth0',
    '::g',
    ' ::1',
    ':::',
    ':1',
    '::ffff:1.2.3.256',
    '1::2/64',
  ])('%j is refused', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('any text at all is read or refused, and never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789abcdef:./%'.split('')) }),
        (text) => {
          const value = parseAddress(text);
          if (value !== undefined) expect(parseAddress(formatAddress(value))).toBe(value);
        },
      ),
    );
  });
});

describe('a MAC address', () => {
  test('text and number are one to one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (value) => {
        expect(parseMac(formatMac(value))).toBe(value);
      }),
    );
  });

  test.each(['fa:16:3e:00:0a:01', 'FA-16-3E-00-0A-01', 'fa16.3e00.0a01', 'fa163e000a01'])(
    '%s is read',
    (text) => {
      expect(formatMac(defined(parseMac(text), text))).toBe('fa:16:3e:00:0a:01');
    },
  );

  test.each(['', 'fa:16:3e:00:0a', 'fa:16:3e:00:0a:0g', 'fa:16-3e:00:0a:01', 'fa:16:3e:00:0a:01 '])(
    '%j is refused',
    (text) => {
      expect(parseMac(text)).toBeUndefined();
    },
  );

  test('tells a group from a station', () => {
    expect([0x01005e000001, 0xffffffffffff, 0xfa163e000001].map(isGroupMac)).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('a CIDR', () => {
  test('is the range of all addresses that share its prefix', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), fc.nat(32), fc.nat(1000), (address, prefix, step) => {
        const cidr = defined(cidrOf(address, prefix), 'cidr');
        const size = BigInt(cidr.last) - BigInt(cidr.first) + 1n;
        expect(size).toBe(1n << BigInt((cidr.version === 4 ? 32 : 128) - prefix));
        expect(BigInt(cidr.first) % size).toBe(0n);
        expect(cidrContains(cidr, address)).toBe(true);
        const other = addressPlus(address, step);
        const inside = BigInt(other) / size === BigInt(address) / size;
        expect(cidrContains(cidr, other)).toBe(inside);
      }),
    );
  });

  test('clears its host bits and keeps its form', () => {
    const canonical = (text: string) => formatCidr(defined(parseCidr(text), text));
    expect(['10.1.2.3/8', '10.1.2.3/32', '2001:db8:0:5::9/48', '0.0.0.0/0'].map(canonical)).toEqual(
      ['10.0.0.0/8', '10.1.2.3/32', '2001:db8::/48', '0.0.0.0/0'],
    );
  });

  test.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '/8',
    '10.0.0.0/8/8',
  ])('%j is refused', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test('overlaps another when one lies in the other', () => {
    const overlap = (a: string, b: string) =>
      cidrsOverlap(defined(parseCidr(a), a), defined(parseCidr(b), b));
    expect(overlap('10.0.0.0/8', '10.9.0.0/16')).toBe(true);
    expect(overlap('10.9.0.0/16', '10.0.0.0/8')).toBe(true);
    expect(overlap('10.0.0.0/24', '10.0.1.0/24')).toBe(false);
    expect(overlap('0.0.0.0/0', '::/0')).toBe(false);
  });

  test('of one version contains nothing of the other', () => {
    expect(cidrContains(defined(parseCidr('::/0'), 'cidr'), 1)).toBe(false);
    expect(versionOf(1)).toBe(4);
    expect(versionOf(1n)).toBe(6);
  });
});

test('the EUI-64 address is that of RFC 4291 appendix A', () => {
  const prefix = defined(parseCidr('2001:db8::/64'), 'cidr');
  expect(formatIpv6(eui64Address(prefix, 0x34567890abcd))).toBe('2001:db8::3656:78ff:fe90:abcd');
  expect(formatIpv6(eui64Address(prefix, 0xfa163e000001))).toBe('2001:db8::f816:3eff:fe00:1');
});

test('multicast and loopback addresses are told apart from others', () => {
  const value = (text: string) => defined(parseAddress(text), text);
  expect(['224.0.0.1', '239.255.255.255', 'ff02::1'].map(value).every(isMulticast)).toBe(true);
  expect(['223.255.255.255', '240.0.0.0', 'fe80::1'].map(value).some(isMulticast)).toBe(false);
  expect(['127.0.0.1', '::1'].map(value).every(isLoopback)).toBe(true);
  expect(['128.0.0.1', '::2'].map(value).some(isLoopback)).toBe(false);
});
