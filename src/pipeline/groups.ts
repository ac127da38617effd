/**
 * Group numbers: stable, and without a table of who has which.
 *
 *      31      24 23                        0
 *     +----------+---------------------------+
 *     |   kind   |            VNI            |
 *     +----------+---------------------------+
 */
import { assert } from '../lib/assert.ts';
import type { Action } from '../openflow/actions/index.ts';
import { bucketBytes } from '../openflow/messages/index.ts';
import type { GroupType } from './compiled.ts';

const VNI_MAX = 0xff_ffff;

/** The most buckets of one group: a GROUP_MOD is at most 64 KB, a tunnel bucket 40 to 56 bytes. */
export const BUCKETS_MAX = 1024;

/**
 * From 0x00: the local ports of a network, a group for each range of `BUCKETS_MAX` port numbers.
 * From 0x40: the same, each judged by its security groups first.
 * From 0x80: the other hosts that carry it, in chunks.
 */
export const GROUP_KINDS = { floodLocal: 0x00, floodJudged: 0x40, floodRemote: 0x80 } as const;

const FLOOD_LOCAL_CHUNKS_MAX = 0x40;
/** Chunks of hosts of one network at most. */
export const HOST_CHUNKS_MAX = 0x40;

/** The range that an OpenFlow port number lies in: a port that comes or goes alters no other. */
export function localChunk(ofport: number): number {
  return Math.floor(ofport / BUCKETS_MAX);
}

/** The group that copies a packet to one range of the local ports of a network. */
export function floodLocalGroup(vni: number, chunk: number): number {
  assert(chunk >= 0 && chunk < FLOOD_LOCAL_CHUNKS_MAX, `${chunk} is a range of ports`);
  return groupNumber(GROUP_KINDS.floodLocal + chunk, vni);
}

/** The group that brings a copy of a packet before the groups of each of these ports. */
export function floodJudgedGroup(vni: number, chunk: number): number {
  assert(chunk >= 0 && chunk < FLOOD_LOCAL_CHUNKS_MAX, `${chunk} is a range of ports`);
  return groupNumber(GROUP_KINDS.floodJudged + chunk, vni);
}

/** The group that copies a packet to one chunk of the other hosts that carry a network. */
export function floodRemoteGroup(vni: number, chunk: number): number {
  assert(chunk >= 0 && chunk < HOST_CHUNKS_MAX, `${chunk} is a chunk of hosts`);
  return groupNumber(GROUP_KINDS.floodRemote + chunk, vni);
}

export interface GroupDraft {
  readonly groupId: number;
  readonly type: GroupType;
  readonly buckets: readonly Buffer[];
}

/** Where a copy goes. The id is its own whatever else is in the group: nobody else's changes it. */
export interface Copy {
  readonly bucketId: number;
  readonly actions: readonly Action[];
}

/** A group that gives each of its buckets a copy of the packet. */
export function copyToAll(groupId: number, buckets: readonly Buffer[]): GroupDraft {
  assert(buckets.length <= BUCKETS_MAX, `group ${groupId} fits one message`);
  return { groupId, type: 'all', buckets };
}

/** The bucket that sends a copy there. */
export function copyBucket(copy: Copy): Buffer {
  return bucketBytes(copy);
}

/**
 * Buckets that depend on one value alone, each encoded once: the groups of all hosts share them, so
 * that they are told to be the same at a glance.
 */
export function sharedBuckets<V>(copyTo: (value: V) => Copy): (value: V) => Buffer {
  const known = new Map<V, Buffer>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    if (known.size >= SHARED_MAX) known.clear();
    const bucket = copyBucket(copyTo(value));
    known.set(value, bucket);
    return bucket;
  };
}

/** Some 2 MB; hosts have 8,192 neighbours at most, and ports are numbered from 1. */
const SHARED_MAX = 8192;

function groupNumber(kind: number, vni: number): number {
  assert(vni > 0 && vni <= VNI_MAX, `${vni} is a VNI`);
  return ((kind << 24) | vni) >>> 0;
}
