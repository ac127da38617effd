/**
 * `<set>`: distinct atoms, kept sorted. A set of exactly one element is written as the bare atom,
 * and either spelling is read (RFC 7047 5.1).
 */
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

export function encodeSet(type: AtomType, values: readonly AtomInput[]): Json {
  const atoms = values.map((value) => encodeAtom(type, value));
  const [only] = atoms;
  return atoms.length === 1 && only !== undefined ? only : ['set', atoms];
}

/** The elements, sorted. */
export function decodeSet(type: AtomType, json: unknown): Atom[] {
  if (!Array.isArray(json) || json[0] !== 'set') return [decodeAtom(type, json)];
  const elements: unknown = json[1];
  if (json.length !== 2 || !Array.isArray(elements)) throw new DecodeError('<set>', json);
  return sortedDistinct(elements.map((element) => decodeAtom(type, element)));
}

/** The elements that are in exactly one of two sorted sets: what `update2` calls a difference. */
export function symmetricDifference(a: readonly Atom[], b: readonly Atom[]): Atom[] {
  const inBoth = new Set<Atom>(a);
  const result: Atom[] = [];
  for (const atom of b) {
    if (!inBoth.delete(atom)) result.push(atom);
  }
  return [...inBoth, ...result].sort(compareAtoms);
}

function sortedDistinct(atoms: Atom[]): Atom[] {
  atoms.sort(compareAtoms);
  const twice = atoms.find((atom, index) => index > 0 && atom === atoms[index - 1]);
  if (twice !== undefined) throw new DecodeError('distinct elements in a <set>', twice);
  return atoms;
}
