/**
 * What a compile yields: flows, groups and meters as the bytes that go to a switch, with what is
 * needed to compare them; and queues, which go to its database. All of it is immutable and may be
 * shared by reference between hosts.
 */

import { type Hash64, Hasher } from '../lib/hash.ts';
import { bandBytes } from '../openflow/messages/index.ts';
import type { CompiledFlow } from './compiled-flow.ts';
import type { CompiledConjunction } from './conjunctions.ts';
import type { MeterDraft } from './meters.ts';
import type { QueueDraft } from './queues.ts';

export type GroupType = 'all' | 'select' | 'indirect' | 'fast_failover';

export interface CompiledGroup {
  readonly groupId: number;
  readonly type: GroupType;
  /** Encoded `ofp_bucket`s (OpenFlow 1.5), in their order. */
  readonly buckets: readonly Buffer[];
  /** Cookie of the unit that yields the group. It does not travel: groups have no cookie. */
  readonly cookie: bigint;
  /** Of number, type and buckets. */
  readonly hash: Hash64;
}

export interface CompiledMeter {
  readonly meterId: number;
  /** `OFPMF` bits. */
  readonly flags: number;
  /** Encoded bands, in their order. */
  readonly bands: Buffer;
  /** Cookie of the unit that yields the meter. It does not travel: meters have no cookie. */
  readonly cookie: bigint;
}

export interface CompiledQueue extends QueueDraft {
  /** Cookie of the unit that yields the queue. It does not travel. */
  readonly cookie: bigint;
}

/** The output of one unit on one host. */
export interface CompiledUnit<Key extends string = string> {
  readonly key: Key;
  readonly cookie: bigint;
  readonly flows: readonly CompiledFlow[];
  readonly groups: readonly CompiledGroup[];
  readonly meters: readonly CompiledMeter[];
  readonly queues: readonly CompiledQueue[];
  /** What it adds to flows that it shares with other units. */
  readonly conjunctions: readonly CompiledConjunction[];
}

/** Also for groups that were read from a switch; their `cookie` is not known and does not count. */
export function compiledGroup(group: Omit<CompiledGroup, 'hash'>): CompiledGroup {
  hasher.begin();
  hasher.number(group.groupId);
  hasher.number(GROUP_TYPES.indexOf(group.type));
  for (const bucket of group.buckets) hasher.bytes(bucket);
  return { ...group, hash: hasher.digest() };
}

export function sameGroup(one: CompiledGroup, other: CompiledGroup): boolean {
  if (one === other) return true;
  return (
    one.groupId === other.groupId &&
    one.type === other.type &&
    one.buckets.length === other.buckets.length &&
    one.buckets.every((bucket, index) => bucket.equals(other.buckets[index] as Buffer))
  );
}

export function compiledMeter(
  { meterId, flags, bands }: MeterDraft,
  cookie: bigint,
): CompiledMeter {
  return { meterId, flags, bands: bandBytes(bands), cookie };
}

type MeterContent = Omit<CompiledMeter, 'cookie'>;

export function sameMeter(one: MeterContent, other: MeterContent): boolean {
  return (
    one.meterId === other.meterId && one.flags === other.flags && one.bands.equals(other.bands)
  );
}

export function sameQueue(one: CompiledQueue, other: CompiledQueue): boolean {
  return one.queueId === other.queueId && one.kbps === other.kbps;
}

/** Used again for every group. */
const hasher = new Hasher();

const GROUP_TYPES: readonly GroupType[] = ['all', 'select', 'indirect', 'fast_failover'];
