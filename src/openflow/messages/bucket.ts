/** `ofp_bucket` of OpenFlow 1.5 (§7.3.4.3): one set of actions of a group. */
import { type Action, decodeActions, encodeActions } from '../actions/index.ts';
import { defineStruct, Reader, u16, u32, Writer } from '../wire/index.ts';
import { readProperties, type UnknownProperty, writeProperty, writeUnknown } from './properties.ts';

const BUCKET = defineStruct('ofp_bucket', 8, { length: u16, actionsLength: u16, bucketId: u32 });

const OFPGBPT = { WEIGHT: 0, WATCH_PORT: 1, WATCH_GROUP: 2 } as const;

/** Buckets that a command names (§7.3.4.3). */
export const OFPG_BUCKET = {
  MAX: 0xffff_ff00,
  FIRST: 0xffff_fffd,
  LAST: 0xffff_fffe,
  ALL: 0xffff_ffff,
} as const;

export interface Bucket {
  readonly bucketId: number;
  readonly actions: readonly Action[];
  /** Select groups only. */
  readonly weight?: number;
  /** Fast-failover groups only: the port whose state decides. */
  readonly watchPort?: number;
  readonly watchGroup?: number;
  readonly properties?: readonly UnknownProperty[];
}

export function encodeBucket(writer: Writer, bucket: Bucket): void {
  const start = writer.length;
  BUCKET.write(writer, { length: 0, actionsLength: 0, bucketId: bucket.bucketId });
  encodeActions(writer, bucket.actions);
  writer.patchU16(start + 2, writer.length - start - BUCKET.size);
  encodeProperties(writer, bucket);
  writer.patchU16(start, writer.length - start);
}

export function decodeBucket(reader: Reader): Bucket {
  const { length, actionsLength, bucketId } = BUCKET.read(reader);
  if (length < BUCKET.size + actionsLength) throw reader.error('a bucket with actions', length);
  const actions = decodeActions(reader, actionsLength);
  const properties = reader.window(length - BUCKET.size - actionsLength);
  return { bucketId, actions, ...decodeProperties(properties) };
}

/** Memory that `bucketBytes` uses again for every bucket. */
const scratch = new Writer(256);

/** The wire form of one bucket in a buffer of its own. */
export function bucketBytes(bucket: Bucket): Buffer {
  scratch.clear();
  encodeBucket(scratch, bucket);
  return scratch.take();
}

export function decodeBuckets(reader: Reader): Bucket[] {
  const buckets: Bucket[] = [];
  while (reader.remaining > 0) buckets.push(decodeBucket(reader));
  return buckets;
}

/** The id of an encoded bucket. */
export function bucketId(bucket: Buffer): number {
  return bucket.readUInt32BE(4);
}

/** Cuts a bucket array into the bytes of each bucket, without looking inside. */
export function splitBuckets(reader: Reader): Buffer[] {
  const buckets: Buffer[] = [];
  while (reader.remaining > 0) {
    const length = new Reader(reader.buffer, reader.offset, reader.end).u16();
    if (length < BUCKET.size) throw reader.error('a bucket of at least 8 bytes', length);
    buckets.push(reader.bytes(length));
  }
  return buckets;
}

function encodeProperties(writer: Writer, bucket: Bucket): void {
  const { weight, watchPort, watchGroup } = bucket;
  if (weight !== undefined) {
    writeProperty(writer, OFPGBPT.WEIGHT, () => {
      writer.u16(weight);
      writer.zero(2);
    });
  }
  if (watchPort !== undefined) {
    writeProperty(writer, OFPGBPT.WATCH_PORT, () => writer.u32(watchPort));
  }
  if (watchGroup !== undefined) {
    writeProperty(writer, OFPGBPT.WATCH_GROUP, () => writer.u32(watchGroup));
  }
  for (const property of bucket.properties ?? []) writeUnknown(writer, property);
}

function decodeProperties(reader: Reader): Omit<Bucket, 'bucketId' | 'actions'> {
  const known: { weight?: number; watchPort?: number; watchGroup?: number } = {};
  const properties: UnknownProperty[] = [];
  readProperties(reader, (code, value) => {
    if (code === OFPGBPT.WEIGHT) known.weight = value.u16();
    else if (code === OFPGBPT.WATCH_PORT) known.watchPort = value.u32();
    else if (code === OFPGBPT.WATCH_GROUP) known.watchGroup = value.u32();
    else properties.push({ type: 'unknown', code, bytes: value.bytes(value.remaining) });
  });
  return properties.length > 0 ? { ...known, properties } : known;
}
