/**
 * Goal: a commit that is lost to others is tried again: at once while there is another choice, and
 * with a pause where there is none. One that could only be lost to another of ours waits for it.
 * Method: a store that refuses what it is told to, and a clock that only the test moves.
 */
import { expect, test } from 'vitest';
import { securityGroup } from '../../../../lab/records.ts';
import { topologyOf } from '../../../../lab/topology.ts';
import { commitDraft } from '../../../../src/controller/neutron/context.ts';
import { NO_QUOTAS } from '../../../../src/controller/neutron/quotas.ts';
import { Reservations } from '../../../../src/controller/neutron/reservations.ts';
import { Turns } from '../../../../src/controller/neutron/turns.ts';
import { UnderWay } from '../../../../src/controller/neutron/under-way.ts';
import { systemRandom as random } from '../../../../src/lib/system.ts';
import { ClaimTakenError, type CommitRequest } from '../../../../src/store/index.ts';
import { recordKey, Topology } from '../../../../src/topology/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const requester = { userId: 'u', projectId: 'tenant', isAdmin: false };
const settle = () => new Promise(setImmediate);

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
    underWay: new UnderWay(),
  };

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

test('writes of one record go to the store one after the other, each on what the last has left', async () => {
  const key = recordKey('security_group', 'g');
  const group = securityGroup('g', 1, { description: '' });
  const topology = topologyOf([[key, group]]);
  const sent: { expected: number | undefined; answer: () => void }[] = [];
  const commit = ({ expect, put }: CommitRequest) =>
    new Promise<number>((resolve) => {
      const revision = topology.revision + 1;
      const answer = (): void => {
        const puts = [...put].map(([name, value]) => ({ key: name, value }));
        topology.apply({ revision, at: '', puts, deletes: [] });
        resolve(revision);
      };
      sent.push({ expected: expect?.get(key), answer });
    });
  const context = {
    topology,
    store: { commit, catchUp: async () => {} },
    clock: new VirtualClock(),
    random,
    quotaDefaults: NO_QUOTAS,
    dnsDomain: '',
    reservations: new Reservations(),
    turns: new Turns(),
    underWay: new UnderWay(),
  };
  const append = (letter: string) =>
    commitDraft(context, requester, (draft) => {
      const { description } = draft.topology.get('security_group', 'g') ?? group;
      draft.put('security_group', 'g', { ...group, description: description + letter });
      return () => letter;
    });

  const done = Promise.all(['a', 'b', 'c'].map(append));
  for (const expected of [1, 2, 3]) {
    await settle();
    expect(sent.map((one) => one.expected)).toEqual([expected]);
    sent.pop()?.answer();
  }
  await done;
  expect(topology.get('security_group', 'g')?.description).toBe('abc');
});
