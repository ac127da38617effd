/**
 * `<named-uuid>`: stands for the UUID that a row inserted in the same transaction will get
 * (RFC 7047 5.1). Written only; a server never sends one.
 */
import { assert } from '../../lib/assert.ts';
import type { Json } from '../json.ts';
import { encodeUuid, type Uuid } from './uuid.ts';

export interface NamedUuid {
  readonly namedUuid: string;
}

/** What may stand where a row refers to another: its UUID, or its name in this transaction. */
export type UuidRef = Uuid | NamedUuid;

/** `<id>` of RFC 7047 3.1: also what a `uuid-name` and a lock are called. */
const ID = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

/** A reference to the row that an `insert` with `uuidName: name` makes. */
export function namedUuid(name: string): NamedUuid {
  assert(isId(name), `${name} cannot name a row: letters, digits and _ only`);
  return { namedUuid: name };
}

export function encodeUuidRef(value: UuidRef): Json {
  return typeof value === 'string' ? encodeUuid(value) : ['named-uuid', value.namedUuid];
}
