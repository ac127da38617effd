/**
 * A copy of chosen tables and columns of a database, kept current by a monitor. It has no socket:
 * a client feeds it, and after a lost connection the next client goes on with it.
 */
import { applyDifference, type Datum, equalDatums } from './datum/index.ts';
import type { Uuid } from './datum/uuid.ts';
import { DecodeError } from './decode-error.ts';
import {
  type Beginning,
  type MonitoredTable,
  type MonitoredTables,
  monitoredTables,
  type Row,
  type RowUpdate,
} from './methods/monitored.ts';
import type { RowChange } from './monitor-spec.ts';
import { columnOf } from './row.ts';
import type { DatabaseSchema } from './schema.ts';
import { rowWeight } from './weight.ts';

interface ReplicaOptions {
  readonly schema: DatabaseSchema;
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly bytesMax: number;
}

/** A change before the compiler knows which table's. */
interface AnyChange {
  readonly table: string;
  readonly uuid: Uuid;
  readonly before?: Row;
  readonly after?: Row;
}

type Tables = ReadonlyMap<string, Map<Uuid, Row>>;

export class Replica<Rows> {
  readonly database: string;
  readonly tables: MonitoredTables;
  readonly #bytesMax: number;
  readonly #listeners = new Set<(changes: readonly RowChange<Rows>[]) => void>();
  readonly #rows: Tables;
  #bytes = 0;
  #transactionId: Uuid | undefined;

  constructor({ schema, columns, bytesMax }: ReplicaOptions) {
    this.database = schema.name;
    this.tables = monitoredTables(schema, columns);
    this.#bytesMax = bytesMax;
    this.#rows = emptyTables(this.tables);
  }

  /** The last transaction that is in here, where the server counts them (clusters do). */
  get lastTransactionId(): Uuid | undefined {
    return this.#transactionId;
  }

  /** The rows of a table as they are now; the map stays current. */
  rows<N extends keyof Rows & string>(table: N): ReadonlyMap<Uuid, Rows[N]> {
    const rows = this.#rows.get(table) ?? new Map<Uuid, Row>();
    return rows as ReadonlyMap<Uuid, unknown> as ReadonlyMap<Uuid, Rows[N]>;
  }

  /** Calls `listener` with what one update changed, once all of it is applied. Gives a way out. */
  onUpdate(listener: (changes: readonly RowChange<Rows>[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For the client: the monitor has begun, anew or after an interruption. */
  begin({ updates, continued, transactionId }: Beginning): void {
    const changes = continued ? this.#changesOf(updates) : this.#changesTo(updates);
    this.#commit(changes, transactionId);
  }

  /** For the client: the monitor reports what a transaction did. Throws DecodeError. */
  apply(updates: readonly RowUpdate[], transactionId: Uuid | undefined): void {
    this.#commit(this.#changesOf(updates), transactionId);
  }

  /** Changes nothing yet: updates that do not fit must leave no half of themselves behind. */
  #changesOf(updates: readonly RowUpdate[]): AnyChange[] {
    return updates.map((update) => {
      const { table, uuid } = update;
      const before = this.#rows.get(table.name)?.get(uuid);
      if ((before === undefined) !== (update.kind === 'insert')) {
        throw new DecodeError(`a row of ${table.name} that fits ${update.kind}`, uuid);
      }
      return change(table.name, uuid, before, rowAfter(update, before));
    });
  }

  /** The real differences between the contents and `updates`, which are all there is. */
  #changesTo(updates: readonly RowUpdate[]): AnyChange[] {
    const current = emptyTables(this.tables);
    for (const update of updates) {
      if (update.kind !== 'insert') throw new DecodeError('contents', update.kind);
      current.get(update.table.name)?.set(update.uuid, update.row);
    }
    return [...current].flatMap(([name, rows]) => changesBetween(name, this.#rows.get(name), rows));
  }

  #commit(changes: readonly AnyChange[], transactionId: Uuid | undefined): void {
    const growth = changes.map(({ before, after }) => rowWeight(after) - rowWeight(before));
    const bytes = growth.reduce((sum, more) => sum + more, this.#bytes);
    if (bytes > this.#bytesMax) {
      throw new DecodeError(`rows of at most ${this.#bytesMax} bytes in a replica`, 'more');
    }
    this.#bytes = bytes;
    this.#transactionId = transactionId;
    for (const { table, uuid, after } of changes) {
      if (after === undefined) this.#rows.get(table)?.delete(uuid);
      else this.#rows.get(table)?.set(uuid, after);
    }
    if (changes.length === 0) return;
    for (const listener of this.#listeners) listener(changes as readonly RowChange<Rows>[]);
  }
}

function emptyTables(tables: MonitoredTables): Tables {
  return new Map([...tables.keys()].map((name) => [name, new Map<Uuid, Row>()]));
}

function rowAfter(update: RowUpdate, before: Row | undefined): Row | undefined {
  switch (update.kind) {
    case 'insert':
    case 'replace':
      return update.row;
    case 'modify':
      return { ...before, ...newValues(update.table, before ?? {}, update.differences) };
    case 'delete':
      return undefined;
  }
}

function newValues(table: MonitoredTable, before: Row, differences: Row): Row {
  const columns = Object.entries(differences).map(([name, difference]): [string, Datum] => {
    return [name, applyDifference(columnOf(table, name).type, before[name], difference)];
  });
  return Object.fromEntries(columns);
}

function changesBetween(
  table: string,
  old: ReadonlyMap<Uuid, Row> = new Map(),
  current: ReadonlyMap<Uuid, Row>,
): AnyChange[] {
  const gone = [...old].filter(([uuid]) => !current.has(uuid));
  const differing = [...current].filter(([uuid, row]) => !equalRows(old.get(uuid), row));
  return [
    ...gone.map(([uuid, before]) => change(table, uuid, before, undefined)),
    ...differing.map(([uuid, after]) => change(table, uuid, old.get(uuid), after)),
  ];
}

function equalRows(a: Row | undefined, b: Row): boolean {
  return a !== undefined && Object.keys(b).every((name) => equalDatums(a[name], b[name]));
}

function change(
  table: string,
  uuid: Uuid,
  before: Row | undefined,
  after: Row | undefined,
): AnyChange {
  return {
    table,
    uuid,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}
