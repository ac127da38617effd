/** The tables and columns of a monitor: what it asks for, and how its answers are read. */
import type { Datum } from '../datum/index.ts';
import { isUuid, type Uuid } from '../datum/uuid.ts';
import { DecodeError } from '../decode-error.ts';
import { isObject, type JsonObject } from '../json.ts';
import { type TableEncoding, tableOf } from '../row.ts';
import type { DatabaseSchema } from '../schema.ts';

export interface MonitoredTable extends TableEncoding {
  readonly columns: readonly string[];
}

export type MonitoredTables = ReadonlyMap<string, MonitoredTable>;

/** A row as a replica keeps it: `_uuid` and every monitored column. */
export type Row = Readonly<Record<string, Datum>>;

export type DecodeRowUpdate = (
  table: MonitoredTable,
  uuid: Uuid,
  update: Readonly<Record<string, unknown>>,
) => RowUpdate;

/** What happened to one row. */
export type RowUpdate = {
  readonly table: MonitoredTable;
  readonly uuid: Uuid;
} & (
  | { readonly kind: 'insert' | 'replace'; readonly row: Row }
  | { readonly kind: 'modify'; readonly differences: Row }
  | { readonly kind: 'delete' }
);

/** The contents with which a monitor begins, or continues an earlier one. */
export interface Beginning {
  readonly updates: readonly RowUpdate[];
  /** True when `updates` lead from what we had to what is; false when they are all there is. */
  readonly continued: boolean;
  /** The last transaction that is included, where the server counts them. */
  readonly transactionId: Uuid | undefined;
}

export function monitoredTables(
  schema: DatabaseSchema,
  columns: ReadonlyMap<string, readonly string[]>,
): MonitoredTables {
  const tables = [...columns].map(([name, wanted]): [string, MonitoredTable] => [
    name,
    { ...tableOf(schema, name), columns: wanted },
  ]);
  return new Map(tables);
}

/** `<monitor-requests>`: RFC 7047 4.1.5, and the same for the conditional kinds. */
export function encodeMonitorRequests(tables: MonitoredTables): JsonObject {
  const requests = [...tables].map(([name, { columns }]) => [name, [{ columns }]] as const);
  return Object.fromEntries(requests);
}

/** Reads an object of tables, of rows, of updates, whichever notation the updates have. */
export function decodeTables(
  tables: MonitoredTables,
  json: unknown,
  decodeUpdate: DecodeRowUpdate,
): RowUpdate[] {
  return members(json).flatMap(([name, rows]) => {
    const table = tables.get(name);
    if (table === undefined) throw new DecodeError('a monitored table', name);
    return members(rows).map(([uuid, update]) => {
      if (!isUuid(uuid)) throw new DecodeError('the UUID of a row', uuid);
      if (!isObject(update)) throw new DecodeError('<row-update>', update);
      return decodeUpdate(table, uuid, update);
    });
  });
}

function members(json: unknown): [string, unknown][] {
  if (!isObject(json)) throw new DecodeError('<table-updates>', json);
  return Object.entries(json);
}
