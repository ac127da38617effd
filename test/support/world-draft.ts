/** A state of a random topology in the making (world.ts). */
import type { AnyRecord, RecordKey } from '../../src/topology/index.ts';
import type { SeededRandom } from './world-random.ts';

export type Draft = Map<RecordKey, AnyRecord>;
export type Edit = (random: SeededRandom, draft: Draft) => void;

/** All records of a kind. */
export function list<T extends AnyRecord>(
  draft: ReadonlyMap<RecordKey, AnyRecord>,
  kind: string,
): T[] {
  return [...draft].filter(([key]) => key.startsWith(`${kind}/`)).map(([, value]) => value as T);
}

/** An edit of one record of a kind, where there is one. */
export function editOne<T extends AnyRecord>(
  kind: string,
  edit: (random: SeededRandom, draft: Draft, record: T) => void,
): Edit {
  return (random, draft) => {
    const records = list<T>(draft, kind);
    if (records.length > 0) edit(random, draft, random.pick(records));
  };
}
