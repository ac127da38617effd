/**
 * Goal: our text of groups and meters is the tool's own, and means the same.
 * Method: groups and meters go in by our codec and are printed by `ovs-ofctl`, and go in by
 * `ovs-ofctl` and are printed by us; one real switch.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Channel } from '../../../src/openflow/channel.ts';
import {
  bucketBytes,
  bucketsOf,
  encodeGroup,
  OFPG,
  OFPM_ALL,
} from '../../../src/openflow/index.ts';
import {
  formatGroup,
  formatMeter,
  parseGroup,
  parseMeter,
} from '../../../src/openflow/text/index.ts';
import { type SwitchUnderTest, startSwitch } from '../../support/openflow-switch.ts';

const GROUPS = [
  'group_id=1,type=all,bucket=bucket_id:5,actions=output:1,bucket=bucket_id:6,actions=set_field:0x1->reg0,output:2',
  'group_id=2,type=select,bucket=bucket_id:0,weight:10,actions=output:1,bucket=bucket_id:1,actions=resubmit(,4)',
  'group_id=3,type=ff,bucket=bucket_id:0,watch_port:1,actions=output:1,bucket=bucket_id:1,watch_group:1,actions=output:2',
  'group_id=4,type=indirect,bucket=bucket_id:0,actions=output:7',
  'group_id=5,type=all',
];

const METERS = [
  'meter=1 kbps burst stats bands=\ntype=drop rate=1000 burst_size=100',
  'meter=2 pktps bands=\ntype=drop rate=10',
];

let sut: SwitchUnderTest;
let channel: Channel;

beforeAll(async () => {
  sut = await startSwitch();
  channel = await sut.connect();
});

afterAll(() => sut.stop());

async function ourGroups(): Promise<string[]> {
  const parts = await channel.multipart({ type: 'OFPMP_GROUP_DESC', groupId: OFPG.ALL });
  return parts
    .flatMap(({ groups }) => groups)
    .map((group) => formatGroup({ ...group, buckets: bucketsOf(group) }))
    .sort();
}

async function theirGroups(): Promise<string[]> {
  const dump = await sut.ovs.ofctl('dump-groups', 'br-int');
  return dump
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .sort();
}

test('groups that we send are printed by the tool as by us', async () => {
  const members = GROUPS.map((text) => parseGroup(text)).flatMap(({ buckets, ...group }) =>
    encodeGroup({ ...group, command: 'OFPGC_ADD', buckets: buckets.map(bucketBytes) }),
  );
  await channel.bundle(members);
  expect(await theirGroups()).toEqual(GROUPS);
  expect(await ourGroups()).toEqual(GROUPS);
  await sut.ovs.ofctl('del-groups', 'br-int');
});

test('groups that the tool sends are printed by us as by the tool', async () => {
  for (const group of GROUPS) await sut.ovs.ofctl('add-group', 'br-int', group);
  expect(await ourGroups()).toEqual(GROUPS);
  expect(await theirGroups()).toEqual(GROUPS);
});

test('meters are the same either way', async () => {
  const [first = '', second = ''] = METERS;
  const { meterId, flags, bands } = parseMeter(first);
  const meter = { command: 'OFPMC_ADD', meterId, flags, bands } as const;
  channel.send({ type: 'OFPT_METER_MOD', ...meter });
  await channel.barrier();
  await sut.ovs.ofctl('add-meter', 'br-int', second.replace('\n', ''));
  const parts = await channel.multipart({ type: 'OFPMP_METER_CONFIG', meterId: OFPM_ALL });
  expect(parts.flatMap(({ meters }) => meters).map(formatMeter)).toEqual(METERS);
  const dump = await sut.ovs.ofctl('dump-meters', 'br-int');
  const theirs = dump.split('\n').slice(1).join('\n').trim().split('\n\n');
  expect(theirs).toEqual(METERS);
});
