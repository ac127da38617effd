/**
 * One OVSDB row as it should be: plain columns, and single entries of map columns whose other
 * entries belong to somebody else. Pure: gives the operations that make or repair the row.
 */
import type { ConfigTable, Setting, SwitchConfig } from '../compiler/index.ts';
import { type Operation, type Uuid, type UuidRef, vswitch } from '../ovsdb/index.ts';

type Value = Setting['value'];

export interface RowSpec {
  readonly columns: ReadonlyMap<string, Value>;
  readonly entries: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** What one repair takes, and what it was for: `table.column`. */
export interface Repair {
  readonly operations: readonly Operation[];
  readonly differences: readonly string[];
}

/** The settings of one row, together with those that only the caller knows. */
export function rowSpec(
  config: SwitchConfig,
  of: { readonly table: ConfigTable; readonly flowTable?: number },
  own: readonly Pick<Setting, 'column' | 'key' | 'value'>[] = [],
): RowSpec {
  const columns = new Map<string, Value>();
  const entries = new Map<string, Map<string, string>>();
  const theirs = config.settings.filter(
    ({ table, flowTable }) => table === of.table && flowTable === of.flowTable,
  );
  for (const { column, key, value } of [...theirs, ...own]) {
    if (key === undefined) columns.set(column, value);
    else entries.set(column, new Map([...(entries.get(column) ?? []), [key, String(value)]]));
  }
  return { columns, entries };
}

/** The row's columns for an insert. */
export function columnsOf({ columns, entries }: RowSpec): Readonly<Record<string, unknown>> {
  return Object.fromEntries<unknown>([...columns, ...entries]);
}

/**
 * What makes `row` as `spec` says. Entries are changed one by one, so that what others write into
 * the same column at the same time stays.
 */
export function repairRow(
  table: ConfigTable,
  row: { readonly _uuid: Uuid },
  spec: RowSpec,
): Repair {
  const actual = row as unknown as Readonly<Record<string, unknown>>;
  const columns = [...spec.columns].filter(([name, value]) => !sameValue(actual[name], value));
  const entries = [...spec.entries].filter(([name, pairs]) => !holds(actual[name], pairs));
  const where = [['_uuid', '==', row._uuid as UuidRef] as const];
  const operations: Operation[] = [];
  if (columns.length > 0) {
    operations.push(vswitch.update(table, where, Object.fromEntries(columns)));
  }
  if (entries.length > 0) {
    const mutations = entries.flatMap(([name, pairs]) => [
      [name, 'delete', [...pairs.keys()]] as never,
      [name, 'insert', pairs] as never,
    ]);
    operations.push(vswitch.mutate(table, where, mutations));
  }
  const differences = [...columns, ...entries].map(([name]) => `${table}.${name}`);
  return { operations, differences };
}

function sameValue(actual: unknown, wanted: Value): boolean {
  if (!Array.isArray(actual) || typeof wanted !== 'object') return actual === wanted;
  return actual.length === wanted.length && wanted.every((item) => actual.includes(item));
}

function holds(actual: unknown, wanted: ReadonlyMap<string, string>): boolean {
  return actual instanceof Map && [...wanted].every(([key, value]) => actual.get(key) === value);
}
