/**
 * Goal: the fast ways to encode give the same bytes as the plain one.
 * Method: both, compared; bundles taken apart again.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instructionBytes } from '../../../../src/openflow/instructions.ts';
import {
  BUNDLE_MEMBER_SIZE_MAX,
  type Bucket,
  bucketBytes,
  decodeMessage,
  encodeBundle,
  encodeBundleAdd,
  encodeFlowMod,
  encodeGroup,
  encodeGroupMod,
  encodeMessage,
  FLOW_MOD_DEFAULTS,
  type GroupMod,
  OFPG_BUCKET,
} from '../../../../src/openflow/messages/index.ts';
import { matchBytes } from '../../../../src/openflow/oxm/index.ts';

const COMMANDS = [
  'OFPFC_ADD',
  'OFPFC_MODIFY',
  'OFPFC_MODIFY_STRICT',
  'OFPFC_DELETE',
  'OFPFC_DELETE_STRICT',
] as const;

test('a flow-mod around bytes is the flow-mod of the objects', () => {
  const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
  const fields = fc.record({
    command: fc.constantFrom(...COMMANDS),
    tableId: fc.integer({ min: 0, max: 255 }),
    cookie: u64,
    cookieMask: u64,
    priority: fc.integer({ min: 0, max: 0xffff }),
    flags: fc.integer({ min: 0, max: 0x1f }),
  });
  const match = { in_port: 4, reg3: 9 };
  const instructions = [{ type: 'goto_table', table: 9 }] as const;
  const raw = { match: matchBytes(match), instructions: instructionBytes(instructions) };
  fc.assert(
    fc.property(fields, (values) => {
      const message = { type: 'OFPT_FLOW_MOD', ...FLOW_MOD_DEFAULTS, ...values } as const;
      const plain = encodeMessage({ ...message, match, instructions }, 77);
      expect(encodeFlowMod({ ...values, ...raw }, 77).equals(plain)).toBe(true);
    }),
  );
});

function bucketsOf(count: number, actions = 1): Bucket[] {
  return Array.from({ length: count }, (_, bucketId) => ({
    bucketId,
    actions: Array.from({ length: actions }, () => ({ type: 'output', port: 1 })),
  }));
}

test('a group-mod around bytes is the group-mod of the objects', () => {
  const buckets = bucketsOf(3);
  const message: GroupMod = {
    type: 'OFPT_GROUP_MOD',
    command: 'OFPGC_ADD',
    groupType: 'all',
    groupId: 5,
    commandBucketId: OFPG_BUCKET.ALL,
    buckets,
    properties: [],
  };
  const { command, groupType, groupId } = message;
  const raw = { command, groupType, groupId, buckets: buckets.map(bucketBytes) };
  expect(encodeGroupMod(raw, 9).equals(encodeMessage(message, 9))).toBe(true);
});

test.each([0, 1, 2_700, 2_728, 2_729, 2_730, 10_000])(
  'a group of %i buckets is split into messages that keep their order',
  (count) => {
    const buckets = bucketsOf(count).map(bucketBytes);
    const group = { command: 'OFPGC_ADD', groupType: 'all', groupId: 1, buckets } as const;
    const messages = encodeGroup(group);
    const decoded = messages.map((bytes) => decodeMessage(bytes).message as GroupMod);
    expect(decoded.map((m) => m.command)).toEqual([
      'OFPGC_ADD',
      ...Array.from({ length: messages.length - 1 }, () => 'OFPGC_INSERT_BUCKET'),
    ]);
    expect(decoded.slice(1).every((m) => m.commandBucketId === OFPG_BUCKET.LAST)).toBe(true);
    const ids = decoded.flatMap((m) => m.buckets.map((bucket) => bucket.bucketId));
    expect(ids).toEqual(bucketsOf(count).map((bucket) => bucket.bucketId));
    expect(Math.max(...messages.map((m) => m.length))).toBeLessThanOrEqual(BUNDLE_MEMBER_SIZE_MAX);
  },
);

test('a group whose buckets do not fit one message is not cut silently', () => {
  const buckets = bucketsOf(4, 2_000).map(bucketBytes);
  const group = { command: 'OFPGC_ADD', groupType: 'all', groupId: 1, buckets } as const;
  expect(() => encodeGroupMod(group, 0)).toThrow(/fit one message/);
  expect(encodeGroup(group)).toHaveLength(2);
});

function split(stream: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < stream.length; at += stream.readUInt16BE(at + 2)) {
    frames.push(stream.subarray(at, at + stream.readUInt16BE(at + 2)));
  }
  return frames;
}

test('a whole bundle is its open, its members in order and its close', () => {
  const members = Array.from({ length: 5_000 }, (_, i) => {
    const data = Buffer.alloc(i % 300, i);
    return encodeMessage({ type: 'OFPT_ECHO_REQUEST', data }, 0);
  });
  const untouched = members.map((member) => Buffer.from(member));
  const frames = { bundleId: 9, flags: 3, members, firstXid: 101 };
  const decoded = split(Buffer.concat([...encodeBundle(frames)])).map(decodeMessage);
  expect(decoded.map(({ xid }) => xid)).toEqual(decoded.map((_, index) => 100 + index));
  expect(decoded[0]?.message).toMatchObject({ control: 'OFPBCT_OPEN_REQUEST', bundleId: 9 });
  expect(decoded.at(-1)?.message).toMatchObject({ control: 'OFPBCT_CLOSE_REQUEST', flags: 3 });
  for (const [index, { message, xid }] of decoded.slice(1, -1).entries()) {
    const inner = Buffer.from(members[index] ?? []);
    inner.writeUInt32BE(xid, 4);
    if (message.type !== 'OFPT_BUNDLE_ADD_MESSAGE') throw new Error(message.type);
    expect(message.inner.equals(inner)).toBe(true);
    expect(encodeMessage(message, xid).equals(encodeBundleAdd(9, 3, inner, xid))).toBe(true);
  }
  expect(Buffer.concat(members).equals(Buffer.concat(untouched))).toBe(true);
});
