/**
 * Goal: a commit that is lost to others is tried again: at once while there is another choice, and
 * with a pause where there is none.
 * Method: a store that refuses what it is told to, and a clock that only the test moves.
 */
import { expect, test } from 'vitest';
import { securityGroup } from '../../../../lab/records.ts';
import { commitDraft } from '../../../../src/controller/neutron/context.ts';
import { NO_QUOTAS } from '../../../../src/controller/neutron/quotas.ts';
import { Reservations } from '../../../../src/controller/neutron/reservations.ts';
import { Turns } from '../../../../src/controller/neutron/turns.ts';
import { systemRandom as random } from '../../../../src/lib/system.ts';
import { ClaimTakenError } from '../../../../src/store/index.ts';
import { Topology } from '../../../../src/topology/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

test('a claim that has no alternative is not asked for again before the replica can know', async () => {
  const clock = new VirtualClock();
  let commits = 0;
  const context = {
    topology: new Topology(),
    store: {
      commit: async () => {
        commits += 1;
        if (commits < 4) throw new ClaimTakenError('default-sg/tenant', 'another');
        return 9;
      },
      catchUp: async () => {},
    },
    clock,
    random,
    quotaDefaults: NO_QUOTAS,
    dnsDomain: '',
    reservations: new Reservations(),
    turns: new Turns(),
  };
  const requester = { userId: 'u', projectId: 'tenant', isAdmin: false };
  const settle = () => new Promise(setImmediate);

  const done = commitDraft(context, requester, (draft) => {
    draft.put('security_group', 'g', securityGroup('g', 1, { is_default: true }));
    return () => 'made';
  });
  await settle();
  expect(commits).toBe(2);
  clock.advance(2);
  await settle();
  expect(commits).toBe(3);
  clock.advance(4);
  expect(await done).toEqual({ revision: 9, value: 'made' });
  expect(context.reservations.has('default-sg/tenant')).toBe(false);
});
