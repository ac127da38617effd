/** `<uuid>`: `["uuid", "36 characters"]` on the wire, its 36 characters for us (RFC 7047 5.1). */
import { assert } from '../../lib/assert.ts';
import { DecodeError } from '../decode-error.ts';
import type { Json } from '../json.ts';

/** A row's identity in its canonical text form, lower case. */
export type Uuid = string;

export const ZERO_UUID: Uuid = '00000000-0000-0000-0000-000000000000';

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(value: unknown): value is Uuid {
  return typeof value === 'string' && value.length === 36 && CANONICAL.test(value);
}

export function encodeUuid(value: Uuid): Json {
  assert(isUuid(value), `${value} is not a UUID`);
  return ['uuid', value];
}

export function decodeUuid(json: unknown): Uuid {
  if (!Array.isArray(json) || json.length !== 2 || json[0] !== 'uuid' || !isUuid(json[1])) {
    throw new DecodeError('<uuid>', json);
  }
  return json[1];
}
