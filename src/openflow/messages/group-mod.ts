/**
 * OFPT_GROUP_MOD in its OpenFlow 1.5 form (§7.3.4.3). A group larger than one message goes as one
 * OFPGC_ADD and as many OFPGC_INSERT_BUCKET as it takes: `encodeGroup` splits. Such a group works,
 * but must never be asked for: see `GROUP_BUCKETS_SIZE_MAX`.
 */
import { assert } from '../../lib/assert.ts';
import { OFP_VERSION } from '../constants.ts';
import { defineStruct, pad, u8, u16, u32, Writer } from '../wire/index.ts';
import { type Bucket, decodeBuckets, encodeBucket, OFPG_BUCKET } from './bucket.ts';
import { BUNDLE_MEMBER_SIZE_MAX } from './bundle.ts';
import { defineCodes } from './codes.ts';
import { defineMessage, HEADER_SIZE } from './define.ts';
import { readUnknown, type UnknownProperty, writeUnknown } from './properties.ts';

const OFPT_GROUP_MOD = 15;

const COMMAND = defineCodes('ofp_group_mod_command', {
  OFPGC_ADD: 0,
  OFPGC_MODIFY: 1,
  OFPGC_DELETE: 2,
  OFPGC_INSERT_BUCKET: 3,
  OFPGC_REMOVE_BUCKET: 5,
  /** Open vSwitch's own: create the group, or change it if it exists. */
  OFPGC_ADD_OR_MOD: 0x8000,
});

export const GROUP_TYPE = defineCodes('ofp_group_type', {
  all: 0,
  select: 1,
  indirect: 2,
  fast_failover: 3,
});

export type GroupModCommand = (typeof COMMAND.names)[number];
export type GroupType = (typeof GROUP_TYPE.names)[number];

const BODY = defineStruct('ofp_group_mod', 16, {
  command: u16,
  groupType: u8,
  padding: pad(1),
  groupId: u32,
  bucketsLength: u16,
  padding2: pad(2),
  commandBucketId: u32,
});

export interface GroupMod {
  readonly type: 'OFPT_GROUP_MOD';
  readonly command: GroupModCommand;
  readonly groupType: GroupType;
  readonly groupId: number;
  /** Where INSERT_BUCKET inserts, what REMOVE_BUCKET removes; else `OFPG_BUCKET.ALL`. */
  readonly commandBucketId: number;
  readonly buckets: readonly Bucket[];
  readonly properties: readonly UnknownProperty[];
}

export const groupMod = defineMessage<GroupMod>({
  type: 'OFPT_GROUP_MOD',
  code: OFPT_GROUP_MOD,
  encode: (writer, message) => {
    const start = writer.length;
    BODY.write(writer, {
      ...message,
      command: COMMAND.code(message.command),
      groupType: GROUP_TYPE.code(message.groupType),
      bucketsLength: 0,
    });
    for (const bucket of message.buckets) encodeBucket(writer, bucket);
    writer.patchU16(start + 8, writer.length - start - BODY.size);
    for (const property of message.properties) writeUnknown(writer, property);
  },
  decode: (reader) => {
    const { command, groupType, bucketsLength, ...fixed } = BODY.read(reader);
    return {
      type: 'OFPT_GROUP_MOD',
      ...fixed,
      command: COMMAND.name(command, reader),
      groupType: GROUP_TYPE.name(groupType, reader),
      buckets: decodeBuckets(reader.window(bucketsLength)),
      properties: readUnknown(reader),
    };
  },
});

/** A group-mod whose buckets are wire bytes: `bucketBytes()`. */
export interface RawGroupMod {
  readonly command: GroupModCommand;
  readonly groupType: GroupType;
  readonly groupId: number;
  /** Default `OFPG_BUCKET.ALL`. */
  readonly commandBucketId?: number;
  readonly buckets: readonly Buffer[];
}

/** Encodes one group-mod around bytes that exist already; its buckets must fit one message. */
export function encodeGroupMod(group: RawGroupMod, xid: number): Buffer {
  const bucketsLength = byteLength(group.buckets);
  const length = HEADER_SIZE + BODY.size + bucketsLength;
  assert(length <= BUNDLE_MEMBER_SIZE_MAX, 'the buckets of a group-mod fit one message');
  const writer = new Writer(length);
  writer.u8(OFP_VERSION);
  writer.u8(OFPT_GROUP_MOD);
  writer.u16(length);
  writer.u32(xid);
  BODY.write(writer, {
    command: COMMAND.code(group.command),
    groupType: GROUP_TYPE.code(group.groupType),
    groupId: group.groupId,
    bucketsLength,
    commandBucketId: group.commandBucketId ?? OFPG_BUCKET.ALL,
  });
  for (const bucket of group.buckets) writer.bytes(bucket);
  return writer.take();
}

/**
 * Encodes a whole group, of any size, as the messages that make it: `command` with as many buckets
 * as fit, then the others appended in order. Send them in one bundle, or the group is seen half.
 */
export function encodeGroup(
  group: RawGroupMod & { readonly command: 'OFPGC_ADD' | 'OFPGC_MODIFY' | 'OFPGC_ADD_OR_MOD' },
): Buffer[] {
  const [first = [], ...rest] = chunkBuckets(group.buckets);
  const head = encodeGroupMod({ ...group, buckets: first }, 0);
  const appended = rest.map((buckets) =>
    encodeGroupMod(
      {
        command: 'OFPGC_INSERT_BUCKET',
        groupType: group.groupType,
        groupId: group.groupId,
        commandBucketId: OFPG_BUCKET.LAST,
        buckets,
      },
      0,
    ),
  );
  return [head, ...appended];
}

/**
 * The longest buckets, in bytes together, of a group that can be read back. Open vSwitch (3.1)
 * describes a group in one message whatever its size: the length of a larger one overflows, and
 * with it the framing of the whole connection is lost. Chain groups instead of exceeding it.
 */
export const GROUP_BUCKETS_SIZE_MAX = BUNDLE_MEMBER_SIZE_MAX - HEADER_SIZE - BODY.size;

/** Runs of buckets, in order, each of which fits one message inside a bundle. */
function chunkBuckets(buckets: readonly Buffer[]): Buffer[][] {
  const room = GROUP_BUCKETS_SIZE_MAX;
  const chunks: Buffer[][] = [];
  let size = room;
  for (const bucket of buckets) {
    const chunk = chunks.at(-1);
    if (chunk !== undefined && size + bucket.length <= room) {
      chunk.push(bucket);
      size += bucket.length;
    } else {
      chunks.push([bucket]);
      size = bucket.length;
    }
  }
  return chunks;
}

function byteLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}
