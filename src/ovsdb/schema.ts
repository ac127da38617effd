/** `<database-schema>` and what it says of each column (RFC 7047 3.2). */
import { ATOM_TYPES, type AtomType } from './datum/atom.ts';
import { DecodeError } from './decode-error.ts';
import { isObject, member } from './json.ts';

/** `<base-type>`. Ranges and lengths are left to the server, which checks them anyway. */
export interface BaseType {
  readonly type: AtomType;
  /** The only values allowed, where the schema lists them. */
  readonly enum?: readonly (string | number)[];
  /** The table that a UUID refers to. */
  readonly refTable?: string;
}

/** `<type>`: an atom, an optional atom, a set or a map. */
export interface ColumnType {
  readonly key: BaseType;
  /** Present in a map alone. */
  readonly value?: BaseType;
  readonly min: number;
  /** The most elements; Infinity for `"unlimited"`. */
  readonly max: number;
}

export interface ColumnSchema {
  readonly type: ColumnType;
  /** False for a column that only an `insert` may write. */
  readonly mutable: boolean;
}

export interface TableSchema {
  readonly columns: ReadonlyMap<string, ColumnSchema>;
}

export interface DatabaseSchema {
  readonly name: string;
  readonly version: string;
  readonly tables: ReadonlyMap<string, TableSchema>;
}

const UUID_COLUMN: ColumnSchema = {
  type: { key: { type: 'uuid' }, min: 1, max: 1 },
  mutable: false,
};

/** The columns that every table has without saying so (RFC 7047 3.2). */
export const IMPLICIT_COLUMNS: ReadonlyMap<string, ColumnSchema> = new Map([
  ['_uuid', UUID_COLUMN],
  ['_version', UUID_COLUMN],
]);

/** Reads a schema as `get_schema` gives it or an `.ovsschema` file has it. Throws DecodeError. */
export function parseSchema(json: unknown): DatabaseSchema {
  const schema = object(json, '<database-schema>');
  return {
    name: text(member(schema, 'name'), 'the name of a schema'),
    version: text(member(schema, 'version') ?? '', 'the version of a schema'),
    tables: mapMembers(member(schema, 'tables'), '<table-schema>s', parseTable),
  };
}

function parseTable(json: unknown): TableSchema {
  const table = object(json, '<table-schema>');
  return { columns: mapMembers(member(table, 'columns'), '<column-schema>s', parseColumn) };
}

function parseColumn(json: unknown): ColumnSchema {
  const column = object(json, '<column-schema>');
  return { type: parseType(member(column, 'type')), mutable: member(column, 'mutable') !== false };
}

function parseType(json: unknown): ColumnType {
  if (typeof json === 'string') return { key: parseBaseType(json), min: 1, max: 1 };
  const type = object(json, '<type>');
  const value = member(type, 'value');
  const max = member(type, 'max') ?? 1;
  return {
    key: parseBaseType(member(type, 'key')),
    ...(value === undefined ? {} : { value: parseBaseType(value) }),
    min: count(member(type, 'min') ?? 1),
    max: max === 'unlimited' ? Number.POSITIVE_INFINITY : count(max),
  };
}

function parseBaseType(json: unknown): BaseType {
  if (typeof json === 'string') return { type: atomType(json) };
  const base = object(json, '<base-type>');
  const values = member(base, 'enum');
  const refTable = member(base, 'refTable');
  return {
    type: atomType(member(base, 'type')),
    ...(values === undefined ? {} : { enum: parseEnum(values) }),
    ...(refTable === undefined ? {} : { refTable: text(refTable, 'the name of a table') }),
  };
}

function parseEnum(json: unknown): readonly (string | number)[] {
  const values: unknown = Array.isArray(json) && json[0] === 'set' ? json[1] : [json];
  if (!Array.isArray(values) || !values.every(isEnumValue)) throw new DecodeError('an enum', json);
  return values;
}

function isEnumValue(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function atomType(json: unknown): AtomType {
  const type = ATOM_TYPES.find((known) => known === json);
  if (type === undefined) throw new DecodeError('<atomic-type>', json);
  return type;
}

function mapMembers<T>(
  json: unknown,
  what: string,
  parse: (json: unknown) => T,
): ReadonlyMap<string, T> {
  const members = Object.entries(object(json, what));
  return new Map(members.map(([name, value]) => [name, parse(value)]));
}

function object(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isObject(json)) throw new DecodeError(what, json);
  return json;
}

function text(json: unknown, what: string): string {
  if (typeof json !== 'string') throw new DecodeError(what, json);
  return json;
}

function count(json: unknown): number {
  if (typeof json !== 'number' || !Number.isInteger(json) || json < 0) {
    throw new DecodeError('a number of elements', json);
  }
  return json;
}
