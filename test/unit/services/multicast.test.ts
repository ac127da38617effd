/**
 * Goal: reports of IGMP and MLD of all versions are read for the groups that a guest listens to, and
 * nothing that a guest sends does harm; queries are those that hosts answer.
 * Method: messages as hexadecimal text from the RFCs; queries read byte by byte; random bytes.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipFrame } from '../../../lab/frames.ts';
import { igmpQuery } from '../../../src/services/multicast/igmp.ts';
import { mldQuery } from '../../../src/services/multicast/mld.ts';
import { readReports } from '../../../src/services/multicast/report.ts';
import { floatCode, queryTiming } from '../../../src/services/multicast/timing.ts';
import { formatAddress, isStreamGroup, parseAddress } from '../../../src/topology/index.ts';

const MAC = { source: '02:00:00:00:00:0a', destination: '01:00:5e:00:00:16' };
const ENDS_4 = { ...MAC, sourceIp: '10.0.0.10', destinationIp: '224.0.0.22' };
const ENDS_6 = { ...MAC, sourceIp: 'fe80::ff:fe00:a', destinationIp: 'ff02::16' };
/** Hop-by-hop options with "router alert". */
const ALERT = '3a00050200000100';

const G1 = 'ef010101';
const G2 = 'ef010102';
const S1 = '0a000001';
const H1 = 'ff150000000000000000000000000001';
const T1 = 'fd000000000000000000000000000001';

function igmp(hex: string) {
  return told(ipFrame(ENDS_4, 2, Buffer.from(hex, 'hex')));
}

function mld(hex: string, extension = ALERT) {
  const header = extension === '' ? 58 : 0;
  return told(ipFrame(ENDS_6, header, Buffer.from(extension + hex, 'hex')));
}

function told(frame: Buffer): string | Record<string, string> {
  const reports = readReports(frame);
  if (typeof reports === 'string') return reports;
  return Object.fromEntries([...reports].map(([group, what]) => [formatAddress(group), what]));
}

test('IGMP tells of one group in its first versions, and of many in the third', () => {
  expect(igmp(`12000000${G1}`)).toEqual({ '239.1.1.1': 'listens' });
  expect(igmp(`16000000${G1}`)).toEqual({ '239.1.1.1': 'listens' });
  expect(igmp(`17000000${G1}`)).toEqual({ '239.1.1.1': 'leaves' });
  const records = [`04000000${G1}`, `03000000${G2}`];
  const three = `2200000000000002${records.join('')}`;
  expect(igmp(three)).toEqual({ '239.1.1.1': 'listens', '239.1.1.2': 'leaves' });
});

test.each([
  [`01000000${G1}`, {}],
  [`01000001${G1}${S1}`, { '239.1.1.1': 'listens' }],
  [`02000000${G1}`, { '239.1.1.1': 'listens' }],
  [`03000000${G1}`, { '239.1.1.1': 'leaves' }],
  [`03000001${G1}${S1}`, { '239.1.1.1': 'listens' }],
  [`04000001${G1}${S1}`, { '239.1.1.1': 'listens' }],
  [`05000001${G1}${S1}`, { '239.1.1.1': 'listens' }],
  [`06000001${G1}${S1}`, { '239.1.1.1': 'leaves' }],
  [`04010000${G1}ffffffff`, { '239.1.1.1': 'listens' }],
  [`07000000${G1}`, {}],
])('a record %s says %o', (record, expected) => {
  expect(igmp(`2200000000000001${record}`)).toEqual(expected);
});

test('MLD tells the same, behind the option for routers or without it', () => {
  const one = '00000000'.repeat(1);
  expect(mld(`83000000${one}${H1}`)).toEqual({ 'ff15::1': 'listens' });
  expect(mld(`84000000${one}${H1}`)).toEqual({ 'ff15::1': 'leaves' });
  expect(mld(`84000000${one}${H1}`, '')).toEqual({ 'ff15::1': 'leaves' });
  expect(mld(`8f00000000000001${`04000000${H1}`}`)).toEqual({ 'ff15::1': 'listens' });
  expect(mld(`8f00000000000001${`05000001${H1}${T1}`}`)).toEqual({ 'ff15::1': 'listens' });
  expect(mld(`8f00000000000001${`03000000${H1}`}`)).toEqual({ 'ff15::1': 'leaves' });
});

test('groups of one link, and what is no group, are not followed', () => {
  expect(igmp('16000000e00000fb')).toEqual({});
  expect(igmp('160000000a000001')).toEqual({});
  expect(mld('8300000000000000ff020000000000000000000000000001')).toEqual({});
  expect(mld(`8300000000000000${T1}`)).toEqual({});
});

test('of a group that is told of twice the last counts', () => {
  const records = [`04000000${G1}`, `03000000${G1}`];
  expect(igmp(`2200000000000002${records.join('')}`)).toEqual({ '239.1.1.1': 'leaves' });
});

test('what is cut short, or says that there is more than there is, is malformed', () => {
  expect(igmp('1600')).toBe('malformed');
  expect(igmp(`220000000000ffff04000000${G1}`)).toBe('malformed');
  expect(igmp(`22000000000000010400ffff${G1}`)).toBe('malformed');
  expect(igmp(`220000000000000104ff0000${G1}`)).toBe('malformed');
  expect(mld(`8f0000000000ffff04000000${H1}`)).toBe('malformed');
  expect(mld(`8f00000000000001`)).toBe('malformed');
  expect(mld(H1, '3aff050200000100')).toBe('malformed');
  expect(told(Buffer.alloc(10))).toBe('malformed');
});

test('queries and other messages of theirs tell of no group', () => {
  expect(told(igmpQuery(queryTiming(125_000)))).toEqual({});
  expect(told(mldQuery(queryTiming(125_000)))).toEqual({});
});

test('no bytes are read for long, or end in anything but a refusal', () => {
  const heads = [Buffer.from('22000000', 'hex'), Buffer.from('8f000000', 'hex')];
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(fc.constantFrom(...heads), bytes, fc.boolean(), (head, rest, isIpv4) => {
      const body = Buffer.concat([head, rest]);
      const frame = isIpv4 ? ipFrame(ENDS_4, 2, body) : ipFrame(ENDS_6, 58, body);
      const reports = readReports(frame);
      if (typeof reports === 'string') expect(reports).toBe('malformed');
      else expect(reports.size).toBeLessThan(200 / 8);
      readReports(Buffer.concat([frame.subarray(0, 14), rest]));
    }),
  );
});

test('a query of IGMPv3 has what hosts look at', () => {
  const hex = (frame: Buffer) => frame.toString('hex');
  const general = hex(igmpQuery(queryTiming(125_000)));
  expect(general.slice(0, 28)).toBe('01005e0000010248440000010800');
  // A header with an option, TTL 1, IGMP, from the address of services.
  expect(general.slice(28)).toMatch(/^46000024000000000102.{4}a9fea9fee000000194040000/);
  expect(general.slice(76)).toMatch(/^1164....00000000027d0000$/);
  const specific = hex(igmpQuery(queryTiming(125_000), parseAddress('239.129.1.1') as number));
  expect(specific.slice(0, 12)).toBe('01005e010101');
  expect(specific.slice(76)).toMatch(/^110a....ef810101027d0000$/);
});

test('a query of MLDv2 has what hosts look at', () => {
  const hex = (frame: Buffer) => frame.toString('hex');
  const general = hex(mldQuery(queryTiming(125_000)));
  expect(general.slice(0, 28)).toBe('33330000000102484400000186dd');
  // 36 bytes behind the header, hop-by-hop options, hop limit 1, from a link-local address.
  expect(general.slice(28, 76)).toBe('6000000000240001' + 'fe80000000000000004844fffe000001');
  expect(general.slice(76, 108)).toBe('ff020000000000000000000000000001');
  expect(general.slice(108, 124)).toBe(ALERT);
  expect(general.slice(124)).toMatch(/^8200....27100000(00){16}027d0000$/);
  const specific = hex(mldQuery(queryTiming(125_000), parseAddress('ff15::1:2') as bigint));
  expect(specific.slice(0, 12)).toBe('333300010002');
  expect(specific.slice(124, 140)).toMatch(/^8200....03e80000$/);
});

test('times that are large are told as mantissa and exponent', () => {
  expect([1, 127, 128, 130, 31_744, 10 ** 9].map((value) => floatCode(value, 8))).toEqual([
    1, 127, 0x80, 0x80, 0xff, 0xff,
  ]);
  expect([32_767, 32_768, 40_000].map((value) => floatCode(value, 16))).toEqual([
    32_767, 0x8000, 0x8388,
  ]);
});

test.each([
  ['224.0.0.251', false],
  ['224.0.1.0', true],
  ['239.255.255.255', true],
  ['240.0.0.1', false],
  ['10.0.0.1', false],
  ['255.255.255.255', false],
  ['ff01::1', false],
  ['ff02::fb', false],
  ['ff02::1:ff00:1', false],
  ['ff03::1', true],
  ['ff05::2', true],
  ['ff0e::1', true],
  ['ff3e::8000:1', true],
  ['fe80::1', false],
])('%s is followed: %s', (text, expected) => {
  expect(isStreamGroup(parseAddress(text) ?? 0)).toBe(expected);
});
