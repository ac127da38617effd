/**
 * `update2` and its `<table-updates2>` (ovsdb-server(7) 4.1.14): rows that came leave out what has
 * the default of its type, rows that changed say only how.
 */
import { type Datum, decodeDatum, initialDatum } from '../datum/index.ts';
import type { Uuid } from '../datum/uuid.ts';
import { DecodeError } from '../decode-error.ts';
import { isObject, member } from '../json.ts';
import { columnOf } from '../row.ts';
import {
  decodeTables,
  type MonitoredTable,
  type MonitoredTables,
  type Row,
  type RowUpdate,
} from './monitored.ts';

export function decodeTableUpdates2(tables: MonitoredTables, json: unknown): RowUpdate[] {
  return decodeTables(tables, json, decodeRowUpdate2);
}

function decodeRowUpdate2(
  table: MonitoredTable,
  uuid: Uuid,
  update: Readonly<Record<string, unknown>>,
): RowUpdate {
  if (Object.hasOwn(update, 'delete')) return { table, uuid, kind: 'delete' };
  const modified = member(update, 'modify');
  if (modified !== undefined) {
    return { table, uuid, kind: 'modify', differences: decodeDifferences(table, modified) };
  }
  const added = member(update, 'insert') ?? member(update, 'initial');
  return { table, uuid, kind: 'insert', row: { _uuid: uuid, ...decodeSparse(table, added) } };
}

function decodeSparse(table: MonitoredTable, json: unknown): Row {
  if (!isObject(json)) throw new DecodeError('<row-update2>', json);
  const columns = table.columns.map((name): [string, Datum] => {
    const { type } = columnOf(table, name);
    const value = member(json, name);
    return [name, value === undefined ? initialDatum(type) : decodeDatum(type, value)];
  });
  return Object.fromEntries(columns);
}

function decodeDifferences(table: MonitoredTable, json: unknown): Row {
  if (!isObject(json)) throw new DecodeError('<row-update2>', json);
  const columns = table.columns
    .filter((name) => Object.hasOwn(json, name))
    .map((name): [string, Datum] => [name, decodeDatum(columnOf(table, name).type, json[name])]);
  return Object.fromEntries(columns);
}
