/**
 * Readers of one attribute's value: from whatever a body held to the typed, canonical value.
 * The reasons are worded as Neutron words them (neutron-lib, `api/validators`): people grep them.
 */
import {
  formatAddress,
  formatMac,
  isGroupMac,
  parseAddress,
  parseCidr,
  parseMac,
} from '../address.ts';
import { invalidInput } from '../intent-error.ts';

/** Why a value was refused; the reader of the body adds the name of the attribute. */
export class Rejected extends Error {}

/** A JSON Schema (2020-12), as far as the readers need it. */
export type Schema = Readonly<Record<string, unknown>>;

/**
 * Reads a value, and says in a schema what it takes: documents and serialisers are made of that.
 */
export interface Read<T> {
  (value: unknown): T;
  readonly schema: Schema;
}

export function reader<T>(schema: Schema, read: (value: unknown) => T): Read<T> {
  return Object.assign((value: unknown) => read(value), { schema });
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const TRUE = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE = ['0', 'f', 'false', 'off', 'n', 'no'];
/** How much of a bad value is repeated to whoever sent it. */
const SHOWN_CHARACTERS_MAX = 200;

/** A value as it is named in a reason. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'None');
  return text === 'null' ? 'None' : text.slice(0, SHOWN_CHARACTERS_MAX);
}

function showAll(values: readonly (string | number)[]): string {
  const shown = values.map((value) => (typeof value === 'string' ? `'${show(value)}'` : value));
  return `[${shown.join(', ')}]`;
}

export function text(lengthMax: number): Read<string> {
  return reader({ type: 'string', maxLength: lengthMax }, (value) => {
    if (typeof value !== 'string') throw new Rejected(`'${show(value)}' is not a valid string`);
    if (value.length > lengthMax) {
      throw new Rejected(`'${show(value)}' exceeds maximum length of ${lengthMax}`);
    }
    return value;
  });
}

/** Neutron takes words and numbers for booleans, and names no attribute when it refuses one. */
export const boolean: Read<boolean> = reader({ type: 'boolean' }, (value) => {
  if (typeof value === 'boolean') return value;
  const isWord = typeof value === 'string' || typeof value === 'number';
  const word = isWord ? String(value).trim().toLowerCase() : '';
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw invalidInput(`'${show(value)}' cannot be converted to boolean`);
});

export const integer: Read<number> = reader({ type: 'integer' }, (value) => {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
    throw invalidInput(`'${show(value)}' is not an integer`);
  }
  return number;
});

export const nonNegative: Read<number> = reader({ type: 'integer', minimum: 0 }, (value) => {
  const number = integer(value);
  if (number < 0) throw new Rejected(`'${number}' should be non-negative`);
  return number;
});

export function ranged(least: number, most: number): Read<number> {
  return reader({ type: 'integer', minimum: least, maximum: most }, (value) => {
    const number = integer(value);
    if (number < least) {
      throw new Rejected(`'${number}' is too small - must be at least '${least}'`);
    }
    if (number > most) {
      throw new Rejected(`'${number}' is too large - must be no larger than '${most}'`);
    }
    return number;
  });
}

export function oneOf<const T extends string | number>(
  values: readonly T[],
  read: Read<unknown>,
): Read<T> {
  return reader({ ...read.schema, enum: values }, (value) => {
    const given = read(value);
    const found = values.find((candidate) => candidate === given);
    if (found === undefined) {
      throw new Rejected(`${show(value)} is not in ${showAll(values)}`);
    }
    return found;
  });
}

export function nullable<T>(read: Read<T>): Read<T | null> {
  return reader(orNull(read.schema), (value) => (value === null ? null : read(value)));
}

/** As a list of types: serialisers are slow on unions. */
export function orNull(schema: Schema): Schema {
  const { type, enum: values } = schema;
  const withNull = { ...schema, type: [type, 'null'] };
  return Array.isArray(values) ? { ...withNull, enum: [...values, null] } : withNull;
}

/** Reads null as a value of its own kind: '' or [] or {}, as Neutron's converters do. */
export function nullAs<T>(empty: T, read: Read<T>): Read<T> {
  return reader(read.schema, (value) => (value === null ? empty : read(value)));
}

export const uuid: Read<string> = reader({ type: 'string', format: 'uuid' }, (value) => {
  if (typeof value !== 'string' || !UUID.test(value)) {
    throw new Rejected(`'${show(value)}' is not a valid UUID`);
  }
  return value;
});

/** An individual address: the zero address and groups cannot be anybody's own. */
export const macAddress: Read<string> = reader({ type: 'string' }, (value) => {
  const mac = typeof value === 'string' ? parseMac(value) : undefined;
  if (mac === undefined || mac === 0 || isGroupMac(mac)) {
    throw new Rejected(`'${show(value)}' is not a valid MAC address`);
  }
  return formatMac(mac);
});

export const ipAddress: Read<string> = reader({ type: 'string' }, (value) => {
  const address = typeof value === 'string' ? parseAddress(value) : undefined;
  if (address === undefined) throw new Rejected(`'${show(value)}' is not a valid IP address`);
  return formatAddress(address);
});

/** The network of a CIDR in canonical form. Host bits are cleared, as Neutron does for `cidr`. */
export const cidr: Read<string> = reader({ type: 'string' }, (value) => {
  const range = typeof value === 'string' ? parseCidr(value) : undefined;
  if (range === undefined) throw invalidInput(`${show(value)} is not in a CIDR format`);
  return `${formatAddress(range.first)}/${range.prefix}`;
});

/** An address with a prefix, whose host bits stay; a bare address is a prefix of its own. */
export const ipPrefix: Read<string> = reader({ type: 'string' }, (value) => {
  const given = typeof value === 'string' ? value : '';
  const slash = given.indexOf('/');
  const first = parseAddress(slash < 0 ? given : given.slice(0, slash));
  if (first !== undefined) {
    const whole = typeof first === 'number' ? '/32' : '/128';
    const text = formatAddress(first) + (slash < 0 ? whole : given.slice(slash));
    if (parseCidr(text) !== undefined) return text;
  }
  throw new Rejected(`'${show(value)}' is not a valid IP subnet`);
});

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const FREE_OBJECT: Schema = { type: 'object', additionalProperties: true };

export const dictionary: Read<Json> = reader(FREE_OBJECT, (value) => {
  if (!isObject(value)) throw new Rejected(`'${show(value)}' is not a dictionary`);
  return value;
});

/** The longest list in a body: of one request, everything derived from it and every host pays. */
const LIST_MAX = 256;

/** A list of at most `LIST_MAX` items; `what` names the items in the refusal. */
export function list<T>(what: string, read: Read<T>): Read<readonly T[]> {
  return reader({ type: 'array', items: read.schema }, (value) => {
    if (!Array.isArray(value))
      throw new Rejected(`Invalid data format for ${what}: '${show(value)}'`);
    checkCount(what, value);
    return value.map(read);
  });
}

/** A list without repeats, refused in the words of Neutron's own list validators. */
export function items<T>(read: Read<T>): Read<readonly T[]> {
  const schema = { type: 'array', items: read.schema, uniqueItems: true };
  return reader(schema, (value) => {
    if (!Array.isArray(value)) throw new Rejected(`'${show(value)}' is not a list`);
    checkCount('item', value);
    const repeats = value.filter((item, at) => value.indexOf(item) !== at);
    if (repeats.length > 0) {
      const shown = [...new Set(repeats)].map(show).join(', ');
      throw new Rejected(`Duplicate items in the list: '${shown}'`);
    }
    return value.map(read);
  });
}

/** Refuses a list that is too long before any of it is read. */
export function checkCount(what: string, { length }: readonly unknown[]): void {
  if (length > LIST_MAX) throw new Rejected(`${length} ${what}s exceed the maximum of ${LIST_MAX}`);
}

/** An object with exactly these keys. */
export function exactly<T extends object>(keys: { readonly [K in keyof T]: Read<T[K]> }): Read<T> {
  const names = Object.keys(keys) as (keyof T & string)[];
  const expected = showAll(names);
  const properties = Object.fromEntries(names.map((name) => [name, keys[name].schema]));
  return reader({ type: 'object', properties, required: names }, (value) => {
    if (!isObject(value)) {
      throw new Rejected(
        `Invalid input. '${show(value)}' must be a dictionary with keys: ${expected}`,
      );
    }
    const given = Object.keys(value);
    if (given.length !== names.length || names.some((name) => !(name in value))) {
      const found = `Expected keys: ${expected} Provided keys: ${showAll(given)}`;
      throw new Rejected(`Validation of dictionary's keys failed. ${found}`);
    }
    return Object.fromEntries(names.map((name) => [name, keys[name](value[name])])) as unknown as T;
  });
}

/** Refuses a list that says the same thing twice. */
export function distinct<T>(what: string, read: Read<readonly T[]>): Read<readonly T[]> {
  return reader({ ...read.schema, uniqueItems: true }, (value) => {
    const items = read(value);
    const seen = new Set<string>();
    for (const item of items) {
      const form = JSON.stringify(item);
      if (seen.has(form)) throw new Rejected(`Duplicate ${what} '${show(item)}'`);
      seen.add(form);
    }
    return items;
  });
}
