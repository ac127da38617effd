/**
 * Attributes as tables, one row each: how it is read and shown, who may set it when, what it is
 * when nobody says, how lists are filtered by it, and what it does. The readers of bodies, the
 * serialisers of answers, the API's description and docs/neutron.md are all made of these rows.
 * The order of checks and the texts are Neutron's (neutron-lib, `api/attributes`).
 */
import { type IntentError, intentError } from '../intent-error.ts';
import { isObject, type Read, Rejected, reader, type Schema, show, text } from './values.ts';

/**
 * How a list is filtered by an attribute. text, boolean, integer: equal to one of the values.
 * read: equal to one of them as it is read from a body. member: a list that holds one of them.
 * fixed_ips: a language of its own. none: not at all.
 */
export type FilterKind =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'read'
  | 'member'
  | 'fixed_ips'
  | 'none'
  | TagFilter;

/** The four filters of tags: all of them, one of them, not all of them, none of them. */
export type TagFilter = 'tags' | 'tags-any' | 'not-tags' | 'not-tags-any';

export const TAG_FILTERS: readonly TagFilter[] = ['tags', 'tags-any', 'not-tags', 'not-tags-any'];

interface Options<T> {
  /** Its value after a POST that does not name it. Without one the attribute is left out. */
  readonly initial?: T;
  /** When it is not what the type says. */
  readonly filter?: FilterKind;
  /** What it does, for people who read the documents. */
  readonly about?: string;
  /** Part of requests alone: it is not stored, and never shown. */
  readonly input?: true;
  /** Packets or answers depend on it today; otherwise it is kept and shown. */
  readonly enforced?: true;
}

export interface Attribute<T = unknown> extends Options<T> {
  readonly read: Read<T>;
  readonly post: 'required' | 'optional' | 'never';
  readonly put: boolean;
}

/** May be set by POST and PUT. */
export function changeable<T, const O extends Options<T> = object>(read: Read<T>, options?: O) {
  return { read, post: 'optional', put: true, ...(options as O) } as const;
}

/** May be set by POST alone. */
export function once<T, const O extends Options<T> = object>(read: Read<T>, options?: O) {
  return { read, post: 'optional', put: false, ...(options as O) } as const;
}

/** Must be set by POST, and stays. */
export function required<T, const O extends Options<T> = object>(read: Read<T>, options?: O) {
  return { read, post: 'required', put: false, ...(options as O) } as const;
}

/** Is shown, and never set by a client. */
export function derived<const O extends Options<unknown> = object>(schema: Schema, options?: O) {
  const read: Read<unknown> = reader(schema, (value) => value);
  return { read, post: 'never', put: false, ...(options as O) } as const;
}

export const STRING: Schema = { type: 'string' };
export const INTEGER: Schema = { type: 'integer' };
export const BOOLEAN: Schema = { type: 'boolean' };
export const STRINGS: Schema = { type: 'array', items: STRING };

/** What every resource has; `tenant_id` is the old name of `project_id`, in bodies as well. */
export const OWNED = {
  id: derived(STRING),
  project_id: once(text(255), { about: 'who owns it' }),
  tenant_id: derived(STRING, { about: '`project_id`' }),
} as const;

const DESCRIPTION = changeable(text(255), { initial: '', about: 'a label' });
const STAMPS = {
  revision_number: derived(INTEGER, { about: 'counts changes' }),
  created_at: derived(STRING),
  updated_at: derived(STRING),
} as const;

/** What every resource has that counts its changes (neutron-lib's standard attributes). */
export const STANDARD = {
  ...OWNED,
  description: DESCRIPTION,
  tags: derived(STRINGS, { filter: 'none', about: 'set under `/tags`' }),
  ...STAMPS,
} as const;

/** The same of what Neutron does not let be tagged. */
export const UNTAGGED = { ...OWNED, description: DESCRIPTION, ...STAMPS } as const;

export const NAME = changeable(text(255), { initial: '', about: 'a label' });

export type AttributeTable = Readonly<Record<string, Attribute>>;

type ValueOf<A> = A extends { readonly read: Read<infer T> } ? T : never;
type Settable<T extends AttributeTable> = {
  [K in keyof T]: T[K] extends { readonly post: 'never' } ? never : K;
}[keyof T];
type Always<T extends AttributeTable> = {
  [K in keyof T]: T[K] extends { readonly post: 'required' } | { readonly initial: unknown }
    ? K
    : never;
}[keyof T];
type Changeable<T extends AttributeTable> = {
  [K in keyof T]: T[K] extends { readonly put: true } ? K : never;
}[keyof T];

/** What a POST gives: required attributes and those with an initial value always, others maybe. */
export type Created<T extends AttributeTable> = {
  readonly [K in Always<T>]: ValueOf<T[K]>;
} & { readonly [K in Exclude<Settable<T>, Always<T>>]?: ValueOf<T[K]> };

/** What a PUT gives: any of the attributes that may be changed. */
export type Updated<T extends AttributeTable> = {
  readonly [K in Changeable<T>]?: ValueOf<T[K]>;
};

/** Reads the attributes of a POST. `body` is what stands under `network`, `subnet` or `port`. */
export function readCreate<T extends AttributeTable>(table: T, body: unknown): Created<T> {
  const given = recognised(table, body);
  const result: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(table)) {
    const value = given[name];
    if (value === undefined) {
      if (attribute.post === 'required') {
        throw badRequest(`Failed to parse request. Required attribute '${name}' not specified`);
      }
      if (attribute.initial !== undefined) result[name] = attribute.initial;
    } else if (attribute.post === 'never') {
      throw badRequest(`Attribute '${name}' not allowed in POST`);
    } else {
      result[name] = readNamed(name, attribute.read, value);
    }
  }
  return result as Created<T>;
}

/** Reads the attributes of a PUT. */
export function readUpdate<T extends AttributeTable>(table: T, body: unknown): Updated<T> {
  const given = recognised(table, body);
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const attribute = table[name];
    if (attribute?.put !== true) throw badRequest(`Cannot update read-only attribute ${name}`);
    result[name] = readNamed(name, attribute.read, value);
  }
  return result as Updated<T>;
}

/** How a list is filtered: by kind, or by comparing with what is read. */
export type Filter = Exclude<FilterKind, 'read'> | ((text: string) => unknown);

/** How lists are filtered by each attribute that they can be filtered by. */
export function filtersOf(table: AttributeTable): Readonly<Record<string, Filter>> {
  const kinds: Record<string, Filter> = {};
  for (const [name, attribute] of Object.entries(table)) {
    const kind = attribute.filter ?? filterOfType(attribute.read.schema['type']);
    if (kind === 'none' || attribute.input === true) continue;
    kinds[name] = kind === 'read' ? (text) => readNamed(name, attribute.read, text) : kind;
  }
  if ('tags' in table) for (const name of TAG_FILTERS) kinds[name] = name;
  return kinds;
}

function filterOfType(type: unknown): FilterKind {
  const [plain] = [type].flat();
  if (plain === 'string') return 'text';
  return plain === 'boolean' || plain === 'integer' ? plain : 'none';
}

/** `tenant_id` is the old name of `project_id`, and clients of both ages are about. */
function recognised(table: AttributeTable, body: unknown): Record<string, unknown> {
  if (!isObject(body)) throw badRequest('Body contains invalid data');
  const { tenant_id: tenant, ...rest } = body;
  const given: Record<string, unknown> = rest;
  if (tenant !== undefined) {
    if (given['project_id'] !== undefined && given['project_id'] !== tenant) {
      throw badRequest("'project_id' and 'tenant_id' do not match");
    }
    given['project_id'] = tenant;
  }
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(table, name));
  if (unknown.length > 0)
    throw badRequest(`Unrecognized attribute(s) '${show(unknown.join(', '))}'`);
  return given;
}

/** The value of a named member of a body, or the refusal that says which member is wrong. */
export function readNamed<T>(name: string, read: Read<T>, value: unknown): T {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    throw badRequest(`Invalid input for ${name}. Reason: ${error.message}.`);
  }
}

export function badRequest(msg: string): IntentError {
  return intentError('HTTPBadRequest', { msg });
}
