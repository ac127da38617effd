/** `<map>`: `["map", [[key, value], …]]`, kept sorted by key (RFC 7047 5.1). */
import { DecodeError } from '../decode-error.ts';
import type { Json } from '../json.ts';
import {
  type Atom,
  type AtomInput,
  type AtomType,
  compareAtoms,
  decodeAtom,
  encodeAtom,
} from './atom.ts';

export type AtomMap = ReadonlyMap<Atom, Atom>;

export interface MapType {
  readonly key: AtomType;
  readonly value: AtomType;
}

export function encodeMap(type: MapType, map: ReadonlyMap<Atom, AtomInput>): Json {
  const pairs = [...map].map(([key, value]) => [
    encodeAtom(type.key, key),
    encodeAtom(type.value, value),
  ]);
  return ['map', pairs];
}

/** The pairs in the order of their keys. */
export function decodeMap(type: MapType, json: unknown): AtomMap {
  const pairs: unknown = Array.isArray(json) && json[0] === 'map' ? json[1] : undefined;
  if (!Array.isArray(json) || json.length !== 2 || !Array.isArray(pairs)) {
    throw new DecodeError('<map>', json);
  }
  const decoded = pairs.map((pair) => decodePair(type, pair));
  const map = sortedMap(decoded);
  if (map.size !== decoded.length) throw new DecodeError('distinct keys in a <map>', json);
  return map;
}

/**
 * Applies a difference of `update2`: a key that only it has is added, an equal pair is removed,
 * and a known key with another value takes that value (ovsdb-server(7), 4.1.14).
 */
export function applyMapDifference(before: AtomMap, difference: AtomMap): AtomMap {
  const after = new Map(before);
  for (const [key, value] of difference) {
    if (after.get(key) === value) after.delete(key);
    else after.set(key, value);
  }
  return sortedMap([...after]);
}

function decodePair(type: MapType, pair: unknown): [Atom, Atom] {
  if (!Array.isArray(pair) || pair.length !== 2) throw new DecodeError('<pair>', pair);
  return [decodeAtom(type.key, pair[0]), decodeAtom(type.value, pair[1])];
}

function sortedMap(pairs: [Atom, Atom][]): AtomMap {
  return new Map(pairs.sort(([a], [b]) => compareAtoms(a, b)));
}
