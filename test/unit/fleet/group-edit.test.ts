/**
 * Goal: a group becomes what it should be by the fewest buckets, and exactly that.
 * Method: random groups before and after, with a list that obeys INSERT_BUCKET and REMOVE_BUCKET as
 * OpenFlow 1.5.1 §7.3.4.3 has them; the integration tests ask a real switch.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GroupState } from '../../../src/fleet/changes.ts';
import { editGroup, type GroupEdit } from '../../../src/fleet/group-edit.ts';
import { bucketBytes, bucketId, OFPG_BUCKET } from '../../../src/openflow/messages/index.ts';

const group = (ports: readonly (readonly [id: number, port: number])[]): GroupState => ({
  groupId: 1,
  type: 'all',
  buckets: ports.map(([id, port]) =>
    bucketBytes({ bucketId: id, actions: [{ type: 'output', port }] }),
  ),
});

const plain = (...ports: number[]) => group(ports.map((port) => [port, port]));

function perform(buckets: Buffer[], { command, at, buckets: given }: GroupEdit): Buffer[] {
  const ids = buckets.map(bucketId);
  const index = ids.indexOf(at);
  switch (command) {
    case 'OFPGC_MODIFY':
      return [...given];
    case 'OFPGC_REMOVE_BUCKET':
      expect(index).toBeGreaterThanOrEqual(0);
      return buckets.toSpliced(index, 1);
    case 'OFPGC_INSERT_BUCKET':
      for (const bucket of given) expect(ids).not.toContain(bucketId(bucket));
      expect(index >= 0 || at === OFPG_BUCKET.FIRST).toBe(true);
      return buckets.toSpliced(index + 1, 0, ...given);
  }
}

const random = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3 })), {
    selector: ([id]) => id,
    maxLength: 40,
  })
  .map(group);

test('the edits lead from any group to any other', () => {
  fc.assert(
    fc.property(random, random, (before, after) => {
      const result = editGroup(before, after).reduce(perform, [...before.buckets]);
      expect(result.map(String)).toEqual(after.buckets.map(String));
    }),
    { numRuns: 2_000 },
  );
});

test('what leads to a group that hosts share depends on what each of them has', () => {
  const [after, before] = [plain(1, 2, 3, 4), plain(1, 2, 4)];
  const edits = editGroup(before, after);
  expect(editGroup(before, after)).toBe(edits);
  expect(editGroup(plain(1, 2, 3, 4, 5), after)).toMatchObject([
    { command: 'OFPGC_REMOVE_BUCKET', at: 5 },
  ]);
  expect(editGroup(before, after)).toEqual(edits);
});

test('one port more or less is one bucket', () => {
  expect(editGroup(plain(1, 2, 4, 5), plain(1, 2, 3, 4, 5))).toMatchObject([
    { command: 'OFPGC_INSERT_BUCKET', at: 2, buckets: [expect.anything()] },
  ]);
  expect(editGroup(plain(1, 2, 3), plain(1, 3))).toMatchObject([
    { command: 'OFPGC_REMOVE_BUCKET', at: 2, buckets: [] },
  ]);
  expect(editGroup(plain(2, 3), plain(1, 2, 3))).toMatchObject([
    { command: 'OFPGC_INSERT_BUCKET', at: OFPG_BUCKET.FIRST },
  ]);
});

test('another type, another order or too many differences take the whole group', () => {
  const whole = [{ command: 'OFPGC_MODIFY' }];
  const many = Array.from({ length: 40 }, (_, index) => index);
  expect(editGroup({ ...plain(1, 2, 3), type: 'select' }, plain(1, 2, 3))).toMatchObject(whole);
  expect(editGroup(plain(1, 2, 3, 4), plain(4, 3, 2, 1))).toMatchObject(whole);
  expect(editGroup(plain(...many.slice(0, 20)), plain(...many))).toMatchObject(whole);
});

test('buckets without ids of their own take the whole group', () => {
  const twins = group([[1, 1], [1, 2], [1, 3], [1, 4]]); // biome-ignore format: pairs
  expect(editGroup(group([[1, 1]]), twins)).toMatchObject([{ command: 'OFPGC_MODIFY' }]);
  expect(editGroup(twins, plain(1, 2, 3))).toMatchObject([{ command: 'OFPGC_MODIFY' }]);
});
