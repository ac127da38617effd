/** `update` and its `<table-updates>` (RFC 7047 4.1.6): whole rows, before and after. */
import type { Uuid } from '../datum/uuid.ts';
import { DecodeError } from '../decode-error.ts';
import { isObject, member } from '../json.ts';
import { decodeRow } from '../row.ts';
import {
  decodeTables,
  type MonitoredTable,
  type MonitoredTables,
  type RowUpdate,
} from './monitored.ts';

export function decodeTableUpdates(tables: MonitoredTables, json: unknown): RowUpdate[] {
  return decodeTables(tables, json, decodeRowUpdate);
}

function decodeRowUpdate(
  table: MonitoredTable,
  uuid: Uuid,
  update: Readonly<Record<string, unknown>>,
): RowUpdate {
  const before = isObject(member(update, 'old'));
  const after = member(update, 'new');
  if (isObject(after)) {
    const row = { _uuid: uuid, ...decodeRow(table, table.columns, after) };
    return { table, uuid, kind: before ? 'replace' : 'insert', row };
  }
  if (!before) throw new DecodeError('old or new in a <row-update>', update);
  return { table, uuid, kind: 'delete' };
}
