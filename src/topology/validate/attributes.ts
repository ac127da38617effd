/**
 * Reading the body of a POST or PUT against a table with one row an attribute: what it is called,
 * who may set it when, how it is read, what it is when nobody says. The order of checks and the
 * texts are Neutron's (neutron-lib, `api/attributes`).
 */
import { type IntentError, intentError } from '../intent-error.ts';
import { isObject, type Read, Rejected, show } from './values.ts';

export interface Attribute<T = unknown> {
  readonly read: Read<T>;
  readonly post: 'required' | 'optional' | 'never';
  readonly put: boolean;
  /** Its value after a POST that does not name it. Without one the attribute is left out. */
  readonly initial?: T;
}

/** An attribute that a client sees and never sets. */
export const READ_ONLY = {
  read: (value: unknown) => value,
  post: 'never',
  put: false,
} as const satisfies Attribute;

/** Attributes that every resource has. */
export const COMMON_ATTRIBUTES = {
  id: READ_ONLY,
  status: READ_ONLY,
  revision_number: READ_ONLY,
  created_at: READ_ONLY,
  updated_at: READ_ONLY,
} as const;

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
      result[name] = readValue(name, attribute, value);
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
    result[name] = readValue(name, attribute, value);
  }
  return result as Updated<T>;
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

function readValue(name: string, attribute: Attribute, value: unknown): unknown {
  try {
    return attribute.read(value);
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    throw badRequest(`Invalid input for ${name}. Reason: ${error.message}.`);
  }
}

export function badRequest(msg: string): IntentError {
  return intentError('HTTPBadRequest', { msg });
}
