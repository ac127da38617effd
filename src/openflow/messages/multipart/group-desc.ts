/** OFPMP_GROUP_DESC: the groups as they were made (§7.3.5.9, in their OpenFlow 1.5 form). */
import { defineStruct, pad, Reader, u8, u16, u32, type Writer } from '../../wire/index.ts';
import { type Bucket, decodeBuckets, splitBuckets } from '../bucket.ts';
import type { Fixed } from '../define.ts';
import { GROUP_TYPE, type GroupType } from '../group-mod.ts';
import { readUnknown, type UnknownProperty, writeUnknown } from '../properties.ts';
import { defineMultipart, readEntries } from './define.ts';

const TYPE = 'OFPMP_GROUP_DESC';

const REQUEST = defineStruct('ofp_group_desc_request', 8, { groupId: u32, padding: pad(4) });

const ENTRY = defineStruct('ofp_group_desc', 16, {
  length: u16,
  groupType: u8,
  padding: pad(1),
  groupId: u32,
  bucketsLength: u16,
  padding2: pad(6),
});

/** `groupId`: `OFPG.ALL` for all. */
export type GroupDescRequest = { readonly type: typeof TYPE } & Fixed<typeof REQUEST>;

export interface GroupDesc {
  readonly groupId: number;
  readonly groupType: GroupType;
  /** Each bucket's wire form; `bucketsOf` reads them. */
  readonly buckets: readonly Buffer[];
  readonly properties: readonly UnknownProperty[];
}

export interface GroupDescReply {
  readonly type: typeof TYPE;
  readonly groups: readonly GroupDesc[];
}

export const groupDesc = defineMultipart<GroupDescRequest, GroupDescReply>({
  type: TYPE,
  code: 7,
  request: {
    encode: (writer, request) => REQUEST.write(writer, request),
    decode: (reader) => ({ type: TYPE, ...REQUEST.read(reader) }),
  },
  reply: {
    encode: (writer, reply) => {
      for (const group of reply.groups) encodeEntry(writer, group);
    },
    decode: (reader) => ({ type: TYPE, groups: readEntries(reader, decodeEntry) }),
  },
});

/** The buckets of a group, decoded. Throws DecodeError. */
export function bucketsOf(group: GroupDesc): Bucket[] {
  return group.buckets.flatMap((bytes) => decodeBuckets(new Reader(bytes)));
}

function encodeEntry(writer: Writer, group: GroupDesc): void {
  const start = writer.length;
  const bucketsLength = group.buckets.reduce((sum, bucket) => sum + bucket.length, 0);
  const groupType = GROUP_TYPE.code(group.groupType);
  ENTRY.write(writer, { groupId: group.groupId, groupType, bucketsLength, length: 0 });
  for (const bucket of group.buckets) writer.bytes(bucket);
  for (const property of group.properties) writeUnknown(writer, property);
  writer.patchU16(start, writer.length - start);
}

function decodeEntry(reader: Reader): GroupDesc {
  const { length, groupId, groupType, bucketsLength } = ENTRY.read(reader);
  if (length < ENTRY.size) throw reader.error('a group of at least 16 bytes', length);
  const body = reader.window(length - ENTRY.size);
  return {
    groupId,
    groupType: GROUP_TYPE.name(groupType, reader),
    buckets: splitBuckets(body.window(bucketsLength)),
    properties: readUnknown(body),
  };
}
