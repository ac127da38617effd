/**
 * Goal: a real Open vSwitch understands every message that we send as we mean it, and we what it
 * says; what is dumped is byte for byte what was sent.
 * Method: a sandbox switch dials our listener; ovs-ofctl and ovs-appctl are the witnesses.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Channel } from '../../../src/openflow/channel.ts';
import { OFP_NO_BUFFER, OFPCML, OFPG, OFPP, OFPTT } from '../../../src/openflow/constants.ts';
import { type Instruction, instructionBytes } from '../../../src/openflow/instructions.ts';
import {
  ALL_FLOWS,
  bucketBytes,
  bucketsOf,
  encodeFlowMod,
  encodeGroup,
  encodeGroupMod,
  encodeMessage,
  FLOW_MOD_DEFAULTS,
  GROUP_BUCKETS_SIZE_MAX,
  NXPIF,
  OFPFF,
  OFPM_ALL,
  OFPMF,
  type PacketIn,
  type PacketIn2,
} from '../../../src/openflow/messages/index.ts';
import { type Match, matchBytes } from '../../../src/openflow/oxm/index.ts';
import { type SwitchUnderTest, startSwitch } from '../../support/openflow-switch.ts';

let sut: SwitchUnderTest;
let channel: Channel;
let generationId = 10n;

beforeAll(async () => {
  sut = await startSwitch();
  channel = await sut.connect();
  await channel.request({ type: 'OFPT_ROLE_REQUEST', role: 'OFPCR_ROLE_MASTER', generationId });
});

afterAll(() => sut.stop());

beforeEach(async () => {
  await sut.ovs.ofctl('del-flows', 'br-int');
  await sut.ovs.ofctl('del-groups', 'br-int');
  await sut.ovs.ofctl('del-meters', 'br-int');
});

function add(tableId: number, match: Match, instructions: Instruction[], cookie = 0n): Buffer {
  return encodeFlowMod(
    {
      command: 'OFPFC_ADD',
      tableId,
      cookie,
      priority: 100,
      match: matchBytes(match),
      instructions: instructionBytes(instructions),
    },
    0,
  );
}

async function dump(): Promise<
  { tableId: number; cookie: bigint; match: string; instructions: string }[]
> {
  const parts = await channel.multipart({ type: 'OFPMP_FLOW_DESC', ...ALL_FLOWS });
  return parts.flatMap(({ flows }) =>
    flows.map((flow) => {
      expect(flow.rawMatch.equals(flow.matchBytes)).toBe(true);
      expect(flow.rawInstructions.equals(flow.instructionBytes)).toBe(true);
      const { tableId, cookie } = flow;
      const match = flow.rawMatch.toString('hex');
      return { tableId, cookie, match, instructions: flow.rawInstructions.toString('hex') };
    }),
  );
}

test('the switch describes itself, its ports and its settings', async () => {
  const [description] = await channel.multipart({ type: 'OFPMP_DESC' });
  expect(description).toMatchObject({ hardware: 'Open vSwitch', software: '3.1.0' });
  const id = (await sut.ovs.vsctl('get', 'Bridge', 'br-int', 'datapath_id')).trim();
  expect(`"${channel.features.datapathId.toString(16).padStart(16, '0')}"`).toBe(id);
  const portNumber = OFPP.ANY;
  const [ports] = await channel.multipart({ type: 'OFPMP_PORT_DESC', portNumber });
  expect(ports?.ports.map((port) => [port.name, port.portNumber])).toEqual([
    ['br-int', OFPP.LOCAL],
  ]);
  await channel.request({ type: 'OFPT_ECHO_REQUEST', data: Buffer.from('hello') });
  channel.send({ type: 'OFPT_SET_CONFIG', flags: 0, missSendLength: 1_000 });
  const config = await channel.request({ type: 'OFPT_GET_CONFIG_REQUEST' });
  expect(config.missSendLength).toBe(1_000);
});

test('an older generation id is refused as stale, a newer one takes the role', async () => {
  const role = { type: 'OFPT_ROLE_REQUEST', role: 'OFPCR_ROLE_MASTER' } as const;
  const stale = channel.request({ ...role, generationId: generationId - 1n });
  await expect(stale).rejects.toThrow(/OFPRRFC_STALE/);
  generationId += 1n;
  const reply = await channel.request({ ...role, generationId });
  expect(reply).toMatchObject({ role: 'OFPCR_ROLE_MASTER', generationId });
});

test('which messages the switch sends unasked can be read and set', async () => {
  const masks = [{ property: 'OFPACPT_ROLE_STATUS_SLAVE', mask: 0x3 }] as const;
  channel.send({ type: 'OFPT_SET_ASYNC', masks });
  const reply = await channel.request({ type: 'OFPT_GET_ASYNC_REQUEST' });
  expect(reply.masks).toContainEqual(masks[0]);
  // What is not named stays as it was.
  expect(reply.masks).toContainEqual({ property: 'OFPACPT_PACKET_IN_MASTER', mask: 0x3b });
  expect(channel.counters.refused).toBe(0);
});

test('flows of an atomic bundle are dumped as the very bytes that were sent', async () => {
  const flows = Array.from({ length: 1_000 }, (_, i) => ({
    tableId: i % 7,
    cookie: BigInt(i) << 40n,
    match: { eth_type: 0x0800, ip_dst: 0x0a00_0000 + i, reg0: i + 1 },
    instructions: [
      {
        type: 'apply_actions' as const,
        actions: [
          { type: 'set_field' as const, field: 'reg1' as const, value: i },
          { type: 'output' as const, port: OFPP.LOCAL },
        ],
      },
      { type: 'goto_table' as const, table: 10 },
    ],
  }));
  await channel.bundle(flows.map((f) => add(f.tableId, f.match, f.instructions, f.cookie)));
  const expected = flows.map((f) => ({
    tableId: f.tableId,
    cookie: f.cookie,
    match: matchBytes(f.match).toString('hex'),
    instructions: instructionBytes(f.instructions).toString('hex'),
  }));
  const dumped = await dump();
  expect(new Set(dumped.map((f) => JSON.stringify(f, textOfBigint)))).toEqual(
    new Set(expected.map((f) => JSON.stringify(f, textOfBigint))),
  );
  expect(dumped).toHaveLength(1_000);
});

function textOfBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

const DROP: Instruction[] = [];
const TO_NO_GROUP: Instruction[] = [
  { type: 'apply_actions', actions: [{ type: 'group', groupId: 99 }] },
];

test.each([
  ['when it is added', add(1, { ip_dst: 1 }, DROP), 'OFPBMC_BAD_PREREQ'],
  ['when it is committed', add(1, { in_port: 9 }, TO_NO_GROUP), 'OFPBAC_BAD_OUT_GROUP'],
])('a bundle whose member fails %s changes nothing and names it', async (_when, bad, name) => {
  await channel.bundle([add(0, {}, DROP, 1n)]);
  const before = await dump();
  const members = Array.from({ length: 50 }, (_, i) => add(2, { in_port: i + 1 }, DROP));
  members[17] = bad;
  const failed = channel.bundle(members);
  await expect(failed).rejects.toMatchObject({ errorName: name, memberIndex: 17 });
  expect(await dump()).toEqual(before);
  await channel.bundle([add(3, {}, DROP, 2n)]);
  expect((await dump()).map((flow) => flow.tableId)).toEqual([0, 3]);
});

/** How many messages the switch answers a bundle with: open, close and commit, or the commit. */
async function answersTo(members: readonly Buffer[]): Promise<number> {
  await channel.barrier();
  const { received } = channel.counters;
  await channel.bundle(members);
  return channel.counters.received - received;
}

const outputTo = (port: number): Instruction[] => [
  { type: 'apply_actions', actions: [{ type: 'output', port }] },
];

test('a bundle of forms that the switch has taken is done in one turn', async () => {
  const flows = (ports: number[]) => ports.map((port) => add(4, { in_port: port }, outputTo(1)));
  expect(await answersTo(flows([1]))).toBe(3);
  expect(await answersTo(flows([2, 3, 4]))).toBe(1);
  expect((await dump()).length).toBe(4);
});

test('a group that is not there fails such a bundle, and changes nothing', async () => {
  const group = { groupType: 'all', groupId: 99, buckets: [] } as const;
  await channel.bundle(encodeGroup({ ...group, command: 'OFPGC_ADD' }));
  const flows = (port: number) => [
    add(5, { in_port: port }, DROP),
    add(6, { in_port: port }, TO_NO_GROUP),
  ];
  await channel.bundle(flows(1));
  expect(await answersTo(flows(2))).toBe(1);
  await sut.ovs.ofctl('del-groups', 'br-int');
  const before = await dump();
  const failed = channel.bundle(flows(3));
  await expect(failed).rejects.toMatchObject({
    errorName: 'OFPBAC_BAD_OUT_GROUP',
    memberIndex: 1,
  });
  expect(await dump()).toEqual(before);
});

test('a value that the switch refuses is told, and it is asked about every form from then on', async () => {
  const flows = (port: number) => [add(7, {}, DROP), add(8, { in_port: 1 }, outputTo(port))];
  await channel.bundle(flows(1));
  const failed = channel.bundle(flows(0xffff_0000));
  await expect(failed).rejects.toMatchObject({ memberIndex: 1 });
  expect(await answersTo(flows(2))).toBe(3);
});

test('a single message that is refused is told by its xid', async () => {
  const refused = new Promise((resolve) => channel.on('refused', resolve));
  const xid = channel.send({
    type: 'OFPT_FLOW_MOD',
    ...FLOW_MOD_DEFAULTS,
    command: 'OFPFC_ADD',
    tableId: 0,
    priority: 1,
    match: {},
    instructions: TO_NO_GROUP,
  });
  await channel.barrier();
  expect(await refused).toMatchObject({ xid, errorName: 'OFPBAC_BAD_OUT_GROUP' });
});

test('flows are deleted by cookie, and one that asked for it says good-bye', async () => {
  const raw = {
    tableId: 4,
    priority: 7,
    cookie: 0xabcn,
    match: matchBytes({ in_port: 3 }),
    instructions: Buffer.alloc(0),
  };
  const flags = OFPFF.SEND_FLOW_REM;
  await channel.sendRaw([encodeFlowMod({ ...raw, command: 'OFPFC_ADD', flags }, 0)]);
  const removed = new Promise((resolve) => channel.on('flowRemoved', resolve));
  const everything = { ...raw, tableId: OFPTT.ALL, match: matchBytes({}) };
  const cookieMask = 0xffff_ffff_ffff_ffffn;
  const remove = encodeFlowMod({ ...everything, command: 'OFPFC_DELETE', cookieMask }, 0);
  await channel.bundle([remove]);
  expect(await removed).toMatchObject({
    reason: 'OFPRR_DELETE',
    cookie: 0xabcn,
    tableId: 4,
    priority: 7,
    match: { in_port: 3 },
    stats: { packetCount: 0n },
  });
  expect(await dump()).toEqual([]);
});

test('counters of flows and tables are those of the packets that were injected', async () => {
  await sut.ovs.vsctl(
    '--may-exist',
    'add-port',
    'br-int',
    'p1',
    '--',
    'set',
    'Interface',
    'p1',
    'ofport_request=1',
  );
  await channel.bundle([
    add(0, { in_port: 1 }, [{ type: 'goto_table', table: 5 }]),
    add(5, {}, DROP),
  ]);
  for (let i = 0; i < 3; i++) await sut.ovs.appctl('netdev-dummy/receive', 'p1', PACKET);
  await sut.ovs.appctl('revalidator/wait');
  const [sums] = await channel.multipart({ type: 'OFPMP_AGGREGATE_STATS', ...ALL_FLOWS });
  expect(sums?.stats).toEqual({ flowCount: 2, packetCount: 6n, byteCount: 636n });
  const [reply] = await channel.multipart({ type: 'OFPMP_TABLE_STATS' });
  const table = reply?.tables.find(({ tableId }) => tableId === 5);
  expect(table).toMatchObject({ activeCount: 1, lookupCount: 3n, matchedCount: 3n });
});

const PACKET =
  'in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),' +
  'ipv4(src=10.0.0.1,dst=10.0.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)';

function outputs(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    bucketBytes({ bucketId: i, actions: [{ type: 'output', port: 1 + (i % 100) }] }),
  );
}

test('a group of 2,000 buckets is dumped bucket for bucket as it was sent', async () => {
  const buckets = outputs(2_000);
  const group = { groupId: 7, groupType: 'all', buckets } as const;
  await channel.bundle(encodeGroup({ ...group, command: 'OFPGC_ADD' }));
  const parts = await channel.multipart({ type: 'OFPMP_GROUP_DESC', groupId: OFPG.ALL });
  const [described] = parts.flatMap((part) => part.groups);
  expect(described).toMatchObject({ groupId: 7, groupType: 'all', properties: [] });
  expect(Buffer.concat(described?.buckets ?? []).equals(Buffer.concat(buckets))).toBe(true);
  expect(bucketsOf(described ?? { ...group, properties: [] })[5]).toEqual({
    bucketId: 5,
    actions: [{ type: 'output', port: 6 }],
  });
});

test('a group beyond 64 KiB is made of several messages in one bundle', async () => {
  const buckets = outputs(6_000);
  expect(Buffer.concat(buckets).length).toBeGreaterThan(2 * GROUP_BUCKETS_SIZE_MAX);
  const group = { groupId: 8, groupType: 'all', buckets } as const;
  const messages = encodeGroup({ ...group, command: 'OFPGC_ADD_OR_MOD' });
  expect(messages).toHaveLength(3);
  await channel.bundle(messages);
  const flow = add(0, {}, [{ type: 'apply_actions', actions: [{ type: 'group', groupId: 8 }] }]);
  await channel.bundle([flow]);
  // The group cannot be dumped, so a packet that is sent through it counts.
  const trace = await sut.ovs.appctl('ofproto/trace', 'br-int', 'in_port=LOCAL');
  expect(trace.match(/^ +output:\d+$/gm)).toHaveLength(6_000);
});

test('the largest group that is not split can be dumped', async () => {
  const size = bucketBytes({ bucketId: 0, actions: [{ type: 'output', port: 1 }] }).length;
  const buckets = outputs(Math.floor(GROUP_BUCKETS_SIZE_MAX / size));
  const messages = encodeGroup({ command: 'OFPGC_ADD', groupId: 1, groupType: 'all', buckets });
  expect(messages).toHaveLength(1);
  await channel.bundle(messages);
  const parts = await channel.multipart({ type: 'OFPMP_GROUP_DESC', groupId: 1 });
  expect(parts.flatMap((part) => part.groups)[0]?.buckets).toHaveLength(buckets.length);
});

test('weights, watched ports and removed buckets come back as they were sent', async () => {
  const actions = [{ type: 'output', port: 1 }] as const;
  const select = [1, 2].map((bucketId) =>
    bucketBytes({ bucketId, actions, weight: bucketId * 10 }),
  );
  const failover = [3, 4].map((bucketId) =>
    bucketBytes({ bucketId, actions, watchPort: bucketId }),
  );
  await channel.bundle([
    ...encodeGroup({ command: 'OFPGC_ADD', groupId: 1, groupType: 'select', buckets: select }),
    ...encodeGroup({
      command: 'OFPGC_ADD',
      groupId: 2,
      groupType: 'fast_failover',
      buckets: failover,
    }),
    encodeGroupMod(
      {
        command: 'OFPGC_REMOVE_BUCKET',
        groupId: 2,
        groupType: 'fast_failover',
        commandBucketId: 3,
        buckets: [],
      },
      0,
    ),
  ]);
  const parts = await channel.multipart({ type: 'OFPMP_GROUP_DESC', groupId: OFPG.ALL });
  const groups = parts.flatMap((part) => part.groups).toSorted((a, b) => a.groupId - b.groupId);
  expect(groups.map((group) => group.buckets)).toEqual([select, failover.slice(1)]);
});

test('meters are made, changed and described; a bundle refuses them', async () => {
  const bands = [{ type: 'drop', rate: 1_000, burstSize: 100 }] as const;
  const flags = OFPMF.PKTPS | OFPMF.BURST | OFPMF.STATS;
  const meter = { type: 'OFPT_METER_MOD', flags, meterId: 5, bands } as const;
  const bundled = channel.bundle([encodeMessage({ ...meter, command: 'OFPMC_ADD' }, 0)]);
  await expect(bundled).rejects.toMatchObject({ errorName: 'OFPBFC_MSG_UNSUP', memberIndex: 0 });
  channel.send({ ...meter, command: 'OFPMC_ADD' });
  await channel.barrier();
  const [reply] = await channel.multipart({ type: 'OFPMP_METER_CONFIG', meterId: OFPM_ALL });
  expect(reply?.meters).toEqual([{ meterId: 5, flags, bands }]);
  channel.send({ ...meter, command: 'OFPMC_DELETE' });
  await channel.barrier();
  const [empty] = await channel.multipart({ type: 'OFPMP_METER_CONFIG', meterId: OFPM_ALL });
  expect(empty?.meters).toEqual([]);
});

test('a packet sent out comes back with the userdata and metadata of the flow', async () => {
  channel.send({ type: 'NXT_SET_PACKET_IN_FORMAT', format: NXPIF.NXT_PACKET_IN2 });
  const userdata = Buffer.from('dhcp');
  const maxLength = OFPCML.MAX;
  await channel.bundle([
    add(
      0,
      { in_port: OFPP.CONTROLLER },
      [
        {
          type: 'apply_actions',
          actions: [
            { type: 'set_field', field: 'reg3', value: 0x55 },
            { type: 'controller', maxLength, userdata },
          ],
        },
      ],
      0x77n,
    ),
  ]);
  const arrived = new Promise<PacketIn | PacketIn2>((resolve) => channel.on('packetIn', resolve));
  const data = Buffer.from(`${'50540000000750540000000508004500'}${'00'.repeat(44)}`, 'hex');
  channel.send({
    type: 'OFPT_PACKET_OUT',
    bufferId: OFP_NO_BUFFER,
    match: { in_port: OFPP.CONTROLLER },
    actions: [{ type: 'output', port: OFPP.TABLE }],
    data,
  });
  expect(await arrived).toMatchObject({
    type: 'NXT_PACKET_IN2',
    packet: data,
    userdata,
    cookie: 0x77n,
    tableId: 0,
    metadata: { in_port: OFPP.CONTROLLER, reg3: 0x55 },
  });
});

test('in the standard form a packet comes with its match', async () => {
  channel.send({ type: 'NXT_SET_PACKET_IN_FORMAT', format: NXPIF.STANDARD });
  const toController = [{ type: 'output', port: OFPP.CONTROLLER, maxLength: 40 }] as const;
  const instructions: Instruction[] = [{ type: 'apply_actions', actions: toController }];
  await channel.bundle([add(0, { in_port: OFPP.CONTROLLER }, instructions, 0x88n)]);
  const arrived = new Promise<PacketIn | PacketIn2>((resolve) => channel.on('packetIn', resolve));
  channel.send({
    type: 'OFPT_PACKET_OUT',
    bufferId: OFP_NO_BUFFER,
    match: { in_port: OFPP.CONTROLLER },
    actions: [{ type: 'output', port: OFPP.TABLE }],
    data: Buffer.alloc(60),
  });
  const message = await arrived;
  expect(message).toMatchObject({
    type: 'OFPT_PACKET_IN',
    cookie: 0x88n,
    totalLength: 60,
    match: { in_port: OFPP.CONTROLLER },
  });
  // Without a buffer to refer to, Open vSwitch sends the whole packet whatever the length asked.
  expect(message.type === 'OFPT_PACKET_IN' && message.data).toEqual(Buffer.alloc(60));
});

test('a port that comes and goes is told', async () => {
  const told: string[] = [];
  const both = new Promise<void>((resolve) => {
    channel.on('portStatus', ({ reason, port }) => {
      if (port.name === 'p9') told.push(`${reason} ${port.portNumber}`);
      if (reason === 'OFPPR_DELETE') resolve();
    });
  });
  await sut.ovs.vsctl(
    'add-port',
    'br-int',
    'p9',
    '--',
    'set',
    'Interface',
    'p9',
    'ofport_request=9',
  );
  await sut.ovs.vsctl('del-port', 'p9');
  await both;
  expect([told[0], told.at(-1)]).toEqual(['OFPPR_ADD 9', 'OFPPR_DELETE 9']);
});
