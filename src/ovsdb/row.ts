/** `<row>`: columns by name, each read and written by its type in the schema (RFC 7047 5.1). */
import { assert, defined } from '../lib/assert.ts';
import { type Datum, type DatumInput, decodeDatum, encodeDatum } from './datum/index.ts';
import { DecodeError } from './decode-error.ts';
import { isObject, type Json, type JsonObject, member } from './json.ts';
import {
  type ColumnSchema,
  type DatabaseSchema,
  IMPLICIT_COLUMNS,
  type TableSchema,
} from './schema.ts';

/** A table's schema together with its name, as errors of ours want to print it. */
export interface TableEncoding {
  readonly name: string;
  readonly schema: TableSchema;
}

export function tableOf(schema: DatabaseSchema, name: string): TableEncoding {
  return { name, schema: defined(schema.tables.get(name), `table ${name} of ${schema.name}`) };
}

export function columnOf(table: TableEncoding, name: string): ColumnSchema {
  const column = table.schema.columns.get(name) ?? IMPLICIT_COLUMNS.get(name);
  return defined(column, `column ${name} of table ${table.name}`);
}

/** Encodes the columns that `row` has. One that is there and undefined is written as empty. */
export function encodeRow(table: TableEncoding, row: object): JsonObject {
  const columns = Object.entries(row) as [string, DatumInput][];
  return Object.fromEntries(
    columns.map(([name, value]): [string, Json] => {
      assert(!name.startsWith('_'), `${name} of ${table.name} cannot be written`);
      return [name, encodeDatum(columnOf(table, name).type, value)];
    }),
  );
}

/** Decodes the named columns of a row that has each of them. */
export function decodeRow(
  table: TableEncoding,
  columns: readonly string[],
  json: unknown,
): Readonly<Record<string, Datum>> {
  if (!isObject(json)) throw new DecodeError('<row>', json);
  return Object.fromEntries(
    columns.map((name): [string, Datum] => [
      name,
      decodeDatum(columnOf(table, name).type, member(json, name)),
    ]),
  );
}
