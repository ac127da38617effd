/**
 * What a compile yields: flows and groups as the bytes that go to a switch, with what is needed to
 * compare them. All of it is immutable and may be shared by reference between hosts.
 */
import type { Writer } from '../openflow/wire/index.ts';
import { type Hash64, Hasher } from './hash.ts';

export interface CompiledFlow {
  readonly table: number;
  readonly priority: number;
  /** Identity of the unit that yields the flow (cookies.ts). */
  readonly cookie: bigint;
  /** `ofp_match`, padded, canonical. */
  readonly match: Buffer;
  /** The instruction list, canonical. Empty: drop. */
  readonly instructions: Buffer;
  /** What a switch tells flows apart by: table, priority and match. One string a flow, latin1. */
  readonly key: string;
  /** Of everything above: equal hashes are taken for equal flows by the fingerprints. */
  readonly hash: Hash64;
}

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

/** The output of one unit on one host. */
export interface CompiledUnit<Key extends string = string> {
  readonly key: Key;
  readonly cookie: bigint;
  readonly flows: readonly CompiledFlow[];
  readonly groups: readonly CompiledGroup[];
}

/** Also for flows that were read from a switch and encoded again: equal flows get equal hashes. */
export function compiledFlow(flow: Omit<CompiledFlow, 'key' | 'hash'>): CompiledFlow {
  const { table, priority, cookie, match, instructions } = flow;
  const key = flowKey(table, priority, match);
  const hash = hashFlow(levelOf(table, priority), cookie, match, instructions);
  return { table, priority, cookie, match, instructions, key, hash };
}

/** Table and priority as one number. */
export function levelOf(table: number, priority: number): number {
  return (table << 16) | priority;
}

/** Of everything that a flow is; parts instead of a flow, for there is none yet. */
export function hashFlow(
  level: number,
  cookie: bigint,
  match: Buffer,
  instructions: Buffer,
): Hash64 {
  hasher.begin();
  hasher.number(level);
  hasher.bigint(cookie);
  hasher.bytes(match);
  hasher.bytes(instructions);
  return hasher.digest();
}

/** Also for groups that were read from a switch; their `cookie` is not known and does not count. */
export function compiledGroup(group: Omit<CompiledGroup, 'hash'>): CompiledGroup {
  hasher.begin();
  hasher.number(group.groupId);
  hasher.number(GROUP_TYPES.indexOf(group.type));
  for (const bucket of group.buckets) hasher.bytes(bucket);
  return { ...group, hash: hasher.digest() };
}

/** What stands before the match in the bytes of a key. */
export const KEY_PREFIX_SIZE = 3;

export function writeKeyPrefix(writer: Writer, table: number, priority: number): void {
  writer.u8(table);
  writer.u16(priority);
}

export function flowKey(table: number, priority: number, match: Buffer): string {
  return String.fromCharCode(table, priority >>> 8, priority & 0xff) + match.toString('latin1');
}

export function sameFlow(one: CompiledFlow, other: CompiledFlow): boolean {
  return (
    one === other ||
    (one.cookie === other.cookie &&
      one.key === other.key &&
      one.instructions.equals(other.instructions))
  );
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

/** Used again for every flow and group. */
const hasher = new Hasher();

const GROUP_TYPES: readonly GroupType[] = ['all', 'select', 'indirect', 'fast_failover'];
