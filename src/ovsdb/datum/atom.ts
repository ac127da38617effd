/** `<atom>`: one integer, real, boolean, string or UUID (RFC 7047 5.1). */
import { assert } from '../../lib/assert.ts';
import { DecodeError } from '../decode-error.ts';
import type { Json } from '../json.ts';
import { encodeUuidRef, type UuidRef } from './named-uuid.ts';
import { decodeUuid, ZERO_UUID } from './uuid.ts';

export type AtomType = 'integer' | 'real' | 'boolean' | 'string' | 'uuid';

/** An atom as read. Integers past 2^53 (a counter, at most) lose their low bits. */
export type Atom = number | boolean | string;

/** An atom as written. */
export type AtomInput = Atom | UuidRef;

interface AtomRow {
  /** What a column of this type holds before anything was written (RFC 7047 5.2.1). */
  readonly initial: Atom;
  readonly encode: (value: AtomInput) => Json | undefined;
  readonly decode: (json: unknown) => Atom | undefined;
}

const ATOMS: Readonly<Record<AtomType, AtomRow>> = {
  integer: {
    initial: 0,
    encode: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined),
    decode: (json) => (Number.isInteger(json) ? (json as number) : undefined),
  },
  real: {
    initial: 0,
    encode: (value) => (Number.isFinite(value) ? (value as number) : undefined),
    decode: (json) => (Number.isFinite(json) ? (json as number) : undefined),
  },
  boolean: {
    initial: false,
    encode: (value) => (typeof value === 'boolean' ? value : undefined),
    decode: (json) => (typeof json === 'boolean' ? json : undefined),
  },
  string: {
    initial: '',
    encode: (value) => (typeof value === 'string' ? value : undefined),
    decode: (json) => (typeof json === 'string' ? json : undefined),
  },
  uuid: {
    initial: ZERO_UUID,
    encode: (value) => encodeUuidRef(value as UuidRef),
    decode: decodeUuid,
  },
};

export const ATOM_TYPES = Object.keys(ATOMS) as readonly AtomType[];

export function initialAtom(type: AtomType): Atom {
  return ATOMS[type].initial;
}

export function encodeAtom(type: AtomType, value: AtomInput): Json {
  const json = ATOMS[type].encode(value);
  assert(json !== undefined, `${JSON.stringify(value)} is no ${type}`);
  return json;
}

export function decodeAtom(type: AtomType, json: unknown): Atom {
  const value = ATOMS[type].decode(json);
  if (value === undefined) throw new DecodeError(`<atom> of type ${type}`, json);
  return value;
}

/** Orders the atoms of one type; sets and maps are kept in this order. */
export function compareAtoms(a: Atom, b: Atom): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
