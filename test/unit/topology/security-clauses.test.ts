/**
 * Goal: the numbers of clauses are their own, stay as long as the clause does, and do not depend on
 * how the rules came.
 * Method: rules made by hand, and random sets of them in every order.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { securityGroup, securityGroupRule } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import {
  CLAUSES_MAX,
  type Clauses,
  clausesOf,
  isOpen,
} from '../../../src/topology/security-clauses.ts';
import type { SecurityGroupRule } from '../../../src/topology/security-group-rule.ts';
import { checkClauses } from '../../../src/topology/validate/security-group-rule.ts';

const GROUP = securityGroup('g', 7);

const rule = (id: string, more: Partial<SecurityGroupRule> = {}) =>
  securityGroupRule(id, 'g', more);
const from = (number: number) => ({ remote_ip_prefix: `10.0.${number >> 8}.${number & 255}/32` });
const idsOf = (clauses: Clauses) => [...clauses.values()].map(({ id }) => id);

test('rules that differ in their service alone are one clause', () => {
  const clauses = clausesOf(GROUP, [
    rule('a', { protocol: 'tcp', port_range_min: 80, port_range_max: 80 }),
    rule('b', { protocol: 'icmp', remote_ip_prefix: '0.0.0.0/0' }),
    rule('c', { protocol: 'tcp', ...from(1) }),
    rule('d', { protocol: 'tcp', direction: 'egress' }),
  ]);
  const rules = [...clauses.values()].map((clause) => clause.rules.map(({ id }) => id));
  expect(rules.toSorted((one, other) => (String(one) < String(other) ? -1 : 1))).toEqual([
    ['a', 'b'],
    ['c'],
    ['d'],
  ]);
});

test('a clause of anybody is open when one of its rules takes everything', () => {
  const tcp = rule('a', { protocol: 'tcp' });
  const openness = (rules: SecurityGroupRule[]) =>
    [...clausesOf(GROUP, rules).values()].map(isOpen);
  expect(openness([tcp])).toEqual([false]);
  expect(openness([tcp, rule('b')])).toEqual([true]);
  expect(openness([rule('b', from(1))])).toEqual([false]);
});

test('numbers are of the group, each once, whatever the order of the rules', () => {
  const rules = fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { maxLength: 300 });
  fc.assert(
    fc.property(rules, fc.infiniteStream(fc.nat()), (numbers, shuffle) => {
      const made = numbers.map((number) => rule(`r${number}`, from(number)));
      const mixed = made
        .map((each) => ({ each, at: shuffle.next().value }))
        .sort((one, other) => one.at - other.at)
        .map(({ each }) => each);
      const ids = idsOf(clausesOf(GROUP, made));
      expect(new Set(ids).size).toBe(made.length);
      expect(ids.every((id) => Math.floor(id / CLAUSES_MAX) === GROUP.number)).toBe(true);
      expect(clausesOf(GROUP, mixed)).toEqual(clausesOf(GROUP, made));
    }),
    { numRuns: 30 },
  );
});

test('a clause keeps its number when younger ones come', () => {
  const old = Array.from({ length: 200 }, (_, number) => rule(`r${number}`, from(number)));
  const before = clausesOf(GROUP, old);
  const young = Array.from({ length: 200 }, (_, number) =>
    rule(`a${number}`, { ...from(1_000 + number), created_at: '2026-02-01T00:00:00Z' }),
  );
  const after = clausesOf(GROUP, [...young, ...old]);
  for (const [key, { id }] of before) expect(after.get(key)?.id).toBe(id);
});

test('no more remotes are taken than there are numbers', () => {
  const full = Array.from({ length: CLAUSES_MAX }, (_, number) => rule(`r${number}`, from(number)));
  const topology = topologyOf(
    new Map(full.map((each) => [`security_group_rule/${each.id}`, each])),
  );
  expect(() => checkClauses(topology, rule('same', { ...from(1), protocol: 'tcp' }))).not.toThrow();
  expect(() => checkClauses(topology, rule('more', from(CLAUSES_MAX)))).toThrow(/4097.*takes 4096/);
});
