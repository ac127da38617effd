/**
 * Goal: a real switch that is told of a group bucket by bucket holds the very buckets, in order.
 * Method: a walk through random groups, small and of a thousand buckets, read back after each step.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GroupState } from '../../../src/fleet/changes.ts';
import { RejectedError } from '../../../src/fleet/ports.ts';
import { ChannelLink } from '../../../src/fleet/switch-link.ts';
import { bucketBytes } from '../../../src/openflow/messages/index.ts';
import { type SwitchUnderTest, startSwitch } from '../../support/openflow-switch.ts';
import { SeededRandom } from '../../support/world-random.ts';

let sut: SwitchUnderTest;
let link: ChannelLink;

beforeAll(async () => {
  sut = await startSwitch();
  link = new ChannelLink(await sut.connect(), '');
});

afterAll(() => sut.stop());

const group = (ports: readonly number[]): GroupState => ({
  groupId: 7,
  type: 'all',
  buckets: ports.map((port) =>
    bucketBytes({ bucketId: port, actions: [{ type: 'output', port }] }),
  ),
});

async function become(before: GroupState, after: GroupState): Promise<void> {
  await link.apply([{ type: 'modify_group', before, group: after }]);
  const [read] = await link.readGroups();
  expect(read?.buckets.map(String)).toEqual(after.buckets.map(String));
}

test.each([10, 1000])('a walk through groups of up to %i buckets', async (size) => {
  const random = new SeededRandom(size);
  let before = group([1]);
  await link.apply([{ type: 'add_group', group: before }]);
  const ports = new Set<number>();
  for (let step = 0; step < 40; step += 1) {
    const changes = random.chance(0.2) ? size : 1 + random.integer(6);
    for (let change = 0; change < changes; change += 1) {
      const port = 1 + random.integer(size);
      if (!ports.delete(port)) ports.add(port);
    }
    const after = group([...ports].sort((one, other) => one - other));
    await become(before, after);
    before = after;
  }
  await link.apply([{ type: 'delete_group', group: before }]);
});

test('a group that somebody else has changed is refused, not mended by halves', async () => {
  await link.apply([{ type: 'add_group', group: group([1, 2, 3, 4]) }]);
  await sut.ovs.ofctl('mod-group', 'br-int', 'group_id=7,type=all,bucket=bucket_id:1,output:1');
  const change = { type: 'modify_group', before: group([1, 2, 3, 4]), group: group([1, 2, 4]) };
  const error = await link.apply([change as never]).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RejectedError);
  expect((error as RejectedError).step).toBe(change);
});
