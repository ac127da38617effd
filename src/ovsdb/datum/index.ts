/**
 * `<value>`: what a column holds, read and written by the column's type (RFC 7047 5.1).
 *
 * | column type | as read | as written |
 * |---|---|---|
 * | one atom (min 1, max 1) | `T` | `T` |
 * | optional atom (min 0, max 1) | `T \| undefined` | `T \| undefined` |
 * | set (max > 1) | `readonly T[]`, sorted | `readonly T[]` |
 * | map | `ReadonlyMap<K, V>`, sorted by key | `ReadonlyMap<K, V>` |
 */
import { assert } from '../../lib/assert.ts';
import { DecodeError } from '../decode-error.ts';
import type { Json } from '../json.ts';
import type { ColumnType } from '../schema.ts';
import { type Atom, type AtomInput, decodeAtom, encodeAtom, initialAtom } from './atom.ts';
import { type AtomMap, applyMapDifference, decodeMap, encodeMap, type MapType } from './map.ts';
import { decodeSet, encodeSet, symmetricDifference } from './set.ts';

export type Datum = Atom | undefined | readonly Atom[] | AtomMap;

export type DatumInput =
  | AtomInput
  | undefined
  | readonly AtomInput[]
  | ReadonlyMap<Atom, AtomInput>;

export type DatumKind = 'scalar' | 'optional' | 'set' | 'map';

export function datumKind(type: ColumnType): DatumKind {
  if (type.value !== undefined) return 'map';
  if (type.max > 1) return 'set';
  return type.min === 0 ? 'optional' : 'scalar';
}

/** What a column holds that was never written; `update2` leaves such columns out. */
export function initialDatum(type: ColumnType): Datum {
  switch (datumKind(type)) {
    case 'scalar':
      return initialAtom(type.key.type);
    case 'optional':
      return undefined;
    case 'set':
      return type.min === 0 ? [] : [initialAtom(type.key.type)];
    case 'map':
      return new Map(type.min === 0 ? [] : [initialPair(mapType(type))]);
  }
}

export function encodeDatum(type: ColumnType, value: DatumInput): Json {
  if (value instanceof Map) {
    return encodeMap(mapType(type), value);
  }
  if (value === undefined) return encodeSet(type.key.type, []);
  // A container of another kind falls through to `encodeAtom`, which refuses it.
  return Array.isArray(value)
    ? encodeSet(type.key.type, value)
    : encodeAtom(type.key.type, value as AtomInput);
}

export function decodeDatum(type: ColumnType, json: unknown): Datum {
  switch (datumKind(type)) {
    case 'scalar':
      return decodeAtom(type.key.type, json);
    case 'optional':
      return decodeOptional(type, json);
    case 'set':
      return decodeSet(type.key.type, json);
    case 'map':
      return decodeMap(mapType(type), json);
  }
}

/**
 * What a column holds after a `modify` of `update2`. Only a column that can hold more than one
 * element is sent as a difference; any other is sent as its new value (ovsdb-server(7), 4.1.14).
 */
export function applyDifference(type: ColumnType, before: Datum, difference: Datum): Datum {
  if (type.max <= 1) return difference;
  if (before instanceof Map && difference instanceof Map) {
    return applyMapDifference(before, difference);
  }
  assert(Array.isArray(before) && Array.isArray(difference), 'a set is not an array');
  return symmetricDifference(before, difference);
}

/** True when two values of one column are the same. Relies on sets and maps being sorted. */
export function equalDatums(a: Datum, b: Datum): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return equalLists(a, b);
  if (a instanceof Map && b instanceof Map) {
    return equalLists([...a.keys()], [...b.keys()]) && equalLists([...a.values()], [...b.values()]);
  }
  return false;
}

function decodeOptional(type: ColumnType, json: unknown): Datum {
  const elements = decodeSet(type.key.type, json);
  if (elements.length > 1) throw new DecodeError('at most one element', json);
  return elements[0];
}

function initialPair(type: MapType): [Atom, Atom] {
  return [initialAtom(type.key), initialAtom(type.value)];
}

function mapType(type: ColumnType): MapType {
  assert(type.value !== undefined, 'a map belongs into a column of maps');
  return { key: type.key.type, value: type.value.type };
}

function equalLists(a: readonly Atom[], b: readonly Atom[]): boolean {
  return a.length === b.length && a.every((atom, index) => atom === b[index]);
}
