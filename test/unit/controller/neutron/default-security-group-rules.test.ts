/**
 * Goal: a region gets its first templates of rules once, and what operators delete stays deleted.
 * Method: what a look at the templates would commit, on a replica that may be behind the store.
 */
import { expect, test } from 'vitest';
import { DEFAULT_SECURITY_GROUP_RULES } from '../../../../src/controller/neutron/default-security-group-rules.ts';
import { Draft } from '../../../../src/controller/neutron/draft.ts';
import { NO_QUOTAS } from '../../../../src/controller/neutron/quotas.ts';
import { Reservations } from '../../../../src/controller/neutron/reservations.ts';
import { systemRandom as random } from '../../../../src/lib/system.ts';
import { Topology } from '../../../../src/topology/index.ts';

const AT = '2026-01-01T00:00:00Z';
const SEED = 'seed/default_security_group_rule';

const requester = { userId: 'u', projectId: 'tenant', isAdmin: false };

function lookAt(topology: Topology): Draft | undefined {
  const make = DEFAULT_SECURITY_GROUP_RULES.ensure?.(new Map(), {
    topology,
    requester,
    dnsDomain: '',
  });
  if (make === undefined) return undefined;
  const now = { topology, requester, random, at: AT, dnsDomain: '' };
  const draft = new Draft({ ...now, reservations: new Reservations(), quotaDefaults: NO_QUOTAS });
  make(draft);
  return draft;
}

test('the first templates are written only where none ever were, whatever the replica missed', () => {
  const request = lookAt(new Topology())?.request();
  expect([...(request?.put?.keys() ?? [])]).toHaveLength(5);
  expect(request?.put?.has(SEED)).toBe(true);
  expect(request?.absent).toEqual([SEED]);
});

test('a region whose templates were all deleted is left without any', () => {
  const topology = new Topology();
  const value = { id: 'default_security_group_rule', at: AT };
  topology.apply({ revision: 1, at: AT, puts: [{ key: SEED, value }], deletes: [] });
  expect(lookAt(topology)).toBeUndefined();
});
