/**
 * Goal: hashes tell content apart, sums do not depend on order, cookies name their unit.
 * Method: many small differences, random orders, every member of a flow altered by itself.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compiledFlow,
  compiledGroup,
  cookieOf,
  describeCookie,
  Fingerprint,
  fingerprintOf,
  type Hash64,
  hashText,
} from '../../../src/pipeline/index.ts';

const FLOW = {
  table: 10,
  priority: 100,
  cookie: 0x0300_0000_0000_0001n,
  match: Buffer.from('0001000c80000004000000030000', 'hex'),
  instructions: Buffer.from('0001000814000000', 'hex'),
};

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const hash: fc.Arbitrary<Hash64> = fc.record({ hi: word, lo: word });

test('each member of a flow alters its hash', () => {
  const { hash: original } = compiledFlow(FLOW);
  const altered = [
    { table: 11 },
    { priority: 101 },
    { cookie: FLOW.cookie + 1n },
    { cookie: FLOW.cookie + (1n << 40n) },
    { match: Buffer.concat([FLOW.match, Buffer.alloc(1)]) },
    { instructions: Buffer.alloc(0) },
    { match: FLOW.instructions, instructions: FLOW.match },
  ];
  for (const member of altered) {
    expect(compiledFlow({ ...FLOW, ...member }).hash).not.toEqual(original);
  }
  expect(compiledFlow({ ...FLOW }).hash).toEqual(original);
});

test('two flows are one to a switch when table, priority and match agree', () => {
  const { key } = compiledFlow(FLOW);
  expect(compiledFlow({ ...FLOW, cookie: 1n, instructions: FLOW.match }).key).toBe(key);
  expect(compiledFlow({ ...FLOW, priority: 356 }).key).not.toBe(key);
  expect(compiledFlow({ ...FLOW, table: 11 }).key).not.toBe(key);
});

test('the hash of a group does not count who yields it, but every bucket', () => {
  const group = { groupId: 7, type: 'all', buckets: [FLOW.match, FLOW.instructions] } as const;
  const { hash: original } = compiledGroup({ ...group, cookie: 1n });
  expect(compiledGroup({ ...group, cookie: 2n }).hash).toEqual(original);
  expect(compiledGroup({ ...group, cookie: 1n, type: 'select' }).hash).not.toEqual(original);
  const swapped = [...group.buckets].reverse();
  expect(compiledGroup({ ...group, cookie: 1n, buckets: swapped }).hash).not.toEqual(original);
});

test('a hundred thousand ids have a hundred thousand hashes, in either half too', () => {
  const hashes = Array.from({ length: 100_000 }, (_, index) => hashText(`port-${index}`));
  expect(new Set(hashes.map(({ hi, lo }) => `${hi} ${lo}`)).size).toBe(hashes.length);
  // By the birthday problem about one pair shares 32 bits; a poor mixer shares thousands.
  expect(new Set(hashes.map(({ hi }) => hi)).size).toBeGreaterThan(99_980);
  expect(new Set(hashes.map(({ lo }) => lo)).size).toBeGreaterThan(99_980);
});

test('a fingerprint does not depend on the order, and forgets what is taken out', () => {
  fc.assert(
    fc.property(fc.array(hash), hash, (hashes, extra) => {
      const sum = fingerprintOf(hashes.map((each) => ({ hash: each })));
      const other = fingerprintOf([...hashes].reverse().map((each) => ({ hash: each })));
      other.add(extra);
      if (extra.hi + extra.lo > 0) expect(other.toCookie()).not.toBe(sum.toCookie());
      other.subtract(extra);
      expect(other.toCookie()).toBe(sum.toCookie());
      expect(other.count).toBe(hashes.length);
    }),
  );
});

test('a fingerprint of all ones is not given as a cookie that means "no cookie"', () => {
  const sum = new Fingerprint();
  sum.add({ hi: 0xffff_ffff, lo: 0xffff_ffff });
  expect(sum.toCookie()).toBe(1n);
});

test('a cookie tells its kind, and the same id gives the same cookie for ever', () => {
  const cookie = cookieOf('local-port', '5f0c1bd6-52a6-4d6f-9d1f-0a8f36b2b1a4');
  expect(cookie.toString(16)).toBe('305b3b3cdc00e02');
  expect(describeCookie(cookie)).toEqual({
    kind: 'local-port',
    idHash: cookie.toString(16).slice(1),
  });
  expect(describeCookie(0n)).toBeUndefined();
  expect(describeCookie(0xffff_ffff_ffff_ffffn)).toBeUndefined();
});
