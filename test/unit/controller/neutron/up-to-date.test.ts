/**
 * Goal: a refusal is decided on the state of now, whatever the replica had not yet been told.
 * Method: a store that knows of one change more than the replica, and tells it when asked.
 */
import { expect, test } from 'vitest';
import { network, qosPolicy } from '../../../../lab/records.ts';
import { decideUpToDate, showUpToDate } from '../../../../src/controller/neutron/context.ts';
import { createNeutron } from '../../../../src/controller/neutron/index.ts';
import { StoreUnavailableError } from '../../../../src/store/index.ts';
import { intentError, recordKey, Topology } from '../../../../src/topology/index.ts';

const RULE = 'dscp_marking_rule';

function behind() {
  const topology = new Topology();
  const key = recordKey('network', 'n');
  const told = { revision: 1, at: '', puts: [{ key, value: network('n', 1) }], deletes: [] };
  const asked: string[] = [];
  const decide = (): string => {
    const found = topology.get('network', 'n');
    asked.push(found === undefined ? 'absent' : 'there');
    if (found === undefined) throw intentError('NetworkNotFound', { net_id: 'n' });
    return 'shown';
  };
  return { topology, tell: () => topology.apply(told), decide, asked };
}

test('what a replica that is behind refuses is decided again once it has caught up', async () => {
  const { topology, tell, decide, asked } = behind();
  const store = { commit: async () => 0, catchUp: async () => tell() };
  expect(await decideUpToDate({ store, topology }, decide)).toBe('shown');
  expect(asked).toEqual(['absent', 'there']);
});

test('a refusal by a replica that has everything is final at once', async () => {
  const { topology, decide, asked } = behind();
  const store = { commit: async () => 0, catchUp: async () => {} };
  await expect(decideUpToDate({ store, topology }, decide)).rejects.toMatchObject({
    type: 'NetworkNotFound',
  });
  expect(asked).toEqual(['absent']);
});

test('a refusal that nobody can check is not given', async () => {
  const { topology, decide } = behind();
  const catchUp = async (): Promise<void> => {
    throw new StoreUnavailableError('Redis is away');
  };
  const store = { commit: async () => 0, catchUp };
  await expect(decideUpToDate({ store, topology }, decide)).rejects.toThrow(StoreUnavailableError);
});

test('what is shown without the store is what the replica holds', async () => {
  const { topology, decide } = behind();
  const catchUp = async (): Promise<void> => {
    throw new StoreUnavailableError('Redis is away');
  };
  const store = { commit: async () => 0, catchUp };
  await expect(showUpToDate({ store, topology }, decide)).rejects.toMatchObject({
    type: 'NetworkNotFound',
  });
});

test('a list within what the replica had not been told of is given', async () => {
  const topology = new Topology();
  const puts = [{ key: recordKey('qos_policy', 'q'), value: qosPolicy('q') }];
  const tell = () => topology.apply({ revision: 1, at: '', puts, deletes: [] });
  const store = { commit: async () => 0, catchUp: async () => tell() };
  const self = { region: 'test', controllerId: 'c', startedAt: 0 };
  const context = { topology, store, self } as unknown as Parameters<typeof createNeutron>[0];
  const rules = createNeutron(context).collections.find(({ singular }) => singular === RULE);
  const requester = { userId: 'u', projectId: 'tenant', isAdmin: false };
  expect(await rules?.list(new Map(), { requester, parentId: 'q' })).toEqual([]);
});
