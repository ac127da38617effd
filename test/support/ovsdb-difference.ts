/** What an OVSDB server does to make an `update2`: the difference between two values of a column. */
import type { Atom } from '../../src/ovsdb/datum/atom.ts';
import type { Datum } from '../../src/ovsdb/datum/index.ts';
import type { ColumnType } from '../../src/ovsdb/schema.ts';

/** Written from ovsdb-server(7) 4.1.14, independently of the replica that applies it. */
export function difference(type: ColumnType, before: Datum, after: Datum): Datum {
  if (type.max <= 1) return after;
  if (before instanceof Map && after instanceof Map) return mapDifference(before, after);
  const [a, b] = [before as readonly Atom[], after as readonly Atom[]];
  return [...a.filter((atom) => !b.includes(atom)), ...b.filter((atom) => !a.includes(atom))];
}

function mapDifference(
  before: ReadonlyMap<Atom, Atom>,
  after: ReadonlyMap<Atom, Atom>,
): ReadonlyMap<Atom, Atom> {
  const gone = [...before].filter(([key]) => !after.has(key));
  const other = [...after].filter(([key, value]) => before.get(key) !== value);
  return new Map([...gone, ...other]);
}
