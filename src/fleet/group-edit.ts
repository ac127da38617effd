/**
 * How one state of a group becomes another: bucket by bucket where that is shorter, so that a port
 * which comes to a network of a thousand costs one bucket on the wire and not a thousand.
 */
import { bucketId, OFPG_BUCKET } from '../openflow/messages/index.ts';
import type { GroupState } from './changes.ts';

/** One group-mod. `at`: what is removed, or the bucket that the new ones follow. */
export interface GroupEdit {
  readonly command: 'OFPGC_MODIFY' | 'OFPGC_INSERT_BUCKET' | 'OFPGC_REMOVE_BUCKET';
  readonly at: number;
  readonly buckets: readonly Buffer[];
}

/** More edits than this are no shorter than the whole group. */
const EDITS_MAX = 16;

/**
 * The group-mods, in order, that lead from what the switch holds to `after`. Hosts share groups: it
 * is found out once for those that hold the same.
 */
export function editGroup(before: GroupState, after: GroupState): readonly GroupEdit[] {
  const last = lastEdits.get(after);
  if (last?.before === before) return last.edits;
  const edits = findEdits(before, after);
  lastEdits.set(after, { before, edits });
  return edits;
}

/** By what they lead to. */
const lastEdits = new WeakMap<GroupState, { before: GroupState; edits: readonly GroupEdit[] }>();

function findEdits(before: GroupState, after: GroupState): GroupEdit[] {
  const whole: GroupEdit = {
    command: 'OFPGC_MODIFY',
    at: OFPG_BUCKET.ALL,
    buckets: after.buckets,
  };
  if (before.type !== after.type) return [whole];
  const edits = editBuckets(before.buckets, after.buckets);
  return edits === undefined || edits.length >= after.buckets.length ? [whole] : edits;
}

/** Undefined where buckets have changed places, or their ids tell nothing. */
function editBuckets(before: readonly Buffer[], after: readonly Buffer[]): GroupEdit[] | undefined {
  const wanted = new Map(after.map((bucket) => [bucketId(bucket), bucket]));
  const kept: Buffer[] = [];
  const removals: GroupEdit[] = [];
  for (const bucket of before) {
    const id = bucketId(bucket);
    if (wanted.get(id)?.equals(bucket) === true) kept.push(bucket);
    else removals.push({ command: 'OFPGC_REMOVE_BUCKET', at: id, buckets: [] });
  }
  const insertions = insertBuckets(kept, after);
  const count = removals.length + (insertions?.length ?? 0);
  const ambiguous = wanted.size !== after.length;
  return insertions === undefined || ambiguous || count > EDITS_MAX
    ? undefined
    : [...removals, ...insertions];
}

/** What to insert, and behind which bucket each; undefined where what was kept is out of order. */
function insertBuckets(kept: readonly Buffer[], after: readonly Buffer[]): GroupEdit[] | undefined {
  const edits: GroupEdit[] = [];
  let found = 0;
  let last: number = OFPG_BUCKET.FIRST;
  for (const bucket of after) {
    if (kept[found]?.equals(bucket) === true) found += 1;
    else edits.push({ command: 'OFPGC_INSERT_BUCKET', at: last, buckets: [bucket] });
    last = bucketId(bucket);
  }
  return found === kept.length ? edits : undefined;
}
