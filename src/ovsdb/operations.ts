/**
 * The operations of a transaction (RFC 7047 5.2), each with the way to read its own result.
 * Columns are typed by the model, so that a misspelt column or a wrong value does not compile.
 */
import { assert } from '../lib/assert.ts';
import { type Condition, encodeConditions } from './condition.ts';
import { isId } from './datum/named-uuid.ts';
import { decodeUuid, type Uuid } from './datum/uuid.ts';
import { DecodeError } from './decode-error.ts';
import { isObject, type JsonObject, member } from './json.ts';
import type { DatabaseModel, Shapes, TableName } from './model.ts';
import { encodeMutations, type Mutation } from './mutation.ts';
import { decodeRow, encodeRow, type TableEncoding, tableOf } from './row.ts';

/** One operation as it goes out, and how its result is read when it comes back. */
export interface Operation<Result = unknown> {
  readonly wire: JsonObject;
  readonly decode: (result: Readonly<Record<string, unknown>>) => Result;
}

/** The results of a list of operations, in their order. */
export type Results<L extends readonly Operation[]> = {
  -readonly [I in keyof L]: L[I] extends Operation<infer Result> ? Result : never;
};

export interface InsertOptions {
  /** Lets other operations of the transaction refer to the row, as `namedUuid(uuidName)`. */
  readonly uuidName?: string;
}

export interface Wait<Columns, C extends keyof Columns, Where> {
  readonly where: readonly Where[];
  readonly columns: readonly C[];
  /** `==`: the rows that `where` selects are exactly `rows`; `!=`: they are not. */
  readonly until: '==' | '!=';
  readonly rows: readonly Pick<Required<Columns>, C>[];
  /** How long the server may wait for that before it answers `timed out`; 0 to check at once. */
  readonly timeoutMs: number;
}

/** Makes the operations of one database. */
export class Operations<S extends Shapes<S>> {
  readonly #model: DatabaseModel<S>;

  constructor(model: DatabaseModel<S>) {
    this.#model = model;
  }

  /** Inserts a row; results in its UUID. Columns left out get the default of their type. */
  insert<N extends TableName<S>>(
    table: N,
    row: S[N]['columns'],
    options: InsertOptions = {},
  ): Operation<Uuid> {
    const { uuidName } = options;
    assert(uuidName === undefined || isId(uuidName), `${uuidName} cannot name a row`);
    const name: JsonObject = uuidName === undefined ? {} : { 'uuid-name': uuidName };
    const wire = { ...this.#on('insert', table), row: encodeRow(this.#table(table), row), ...name };
    return { wire, decode: (result) => decodeUuid(member(result, 'uuid')) };
  }

  /** Reads the named columns of the rows that meet every condition. */
  select<N extends TableName<S>, C extends keyof S[N]['row'] & string>(
    table: N,
    where: readonly Condition<S[N]>[],
    columns: readonly C[],
  ): Operation<Pick<S[N]['row'], C>[]> {
    const encoding = this.#table(table);
    return {
      wire: { ...this.#on('select', table), where: encodeConditions(encoding, where), columns },
      decode: (result) => decodeRows(encoding, columns, result) as Pick<S[N]['row'], C>[],
    };
  }

  /** Overwrites columns of the rows that meet every condition; results in their number. */
  update<N extends TableName<S>>(
    table: N,
    where: readonly Condition<S[N]>[],
    row: S[N]['columns'],
  ): Operation<number> {
    const encoding = this.#table(table);
    const change = { where: encodeConditions(encoding, where), row: encodeRow(encoding, row) };
    return { wire: { ...this.#on('update', table), ...change }, decode: decodeCount };
  }

  /** Changes columns relative to what they hold; results in the number of rows. */
  mutate<N extends TableName<S>>(
    table: N,
    where: readonly Condition<S[N]>[],
    mutations: readonly Mutation<S[N]>[],
  ): Operation<number> {
    const encoding = this.#table(table);
    const change = {
      where: encodeConditions(encoding, where),
      mutations: encodeMutations(encoding, mutations),
    };
    return { wire: { ...this.#on('mutate', table), ...change }, decode: decodeCount };
  }

  /** Deletes the rows that meet every condition; results in their number. */
  delete<N extends TableName<S>>(table: N, where: readonly Condition<S[N]>[]): Operation<number> {
    const encoded = encodeConditions(this.#table(table), where);
    return { wire: { ...this.#on('delete', table), where: encoded }, decode: decodeCount };
  }

  /** Lets the transaction go on only when the rows are as described. */
  wait<N extends TableName<S>, C extends keyof S[N]['columns'] & string>(
    table: N,
    condition: Wait<S[N]['columns'], C, Condition<S[N]>>,
  ): Operation<void> {
    const encoding = this.#table(table);
    return {
      wire: {
        ...this.#on('wait', table),
        timeout: condition.timeoutMs,
        where: encodeConditions(encoding, condition.where),
        columns: condition.columns,
        until: condition.until,
        rows: condition.rows.map((row) => encodeRow(encoding, row)),
      },
      decode: decodeNothing,
    };
  }

  #table(name: string): TableEncoding {
    return tableOf(this.#model.schema, name);
  }

  #on(op: string, table: string): JsonObject {
    return { op, table };
  }
}

/** Makes the server answer only once the transaction is on disk (when `durable`). */
export function commit(durable: boolean): Operation<void> {
  return { wire: { op: 'commit', durable }, decode: decodeNothing };
}

/** Makes the transaction fail with `aborted`: a rehearsal that changes nothing. */
export function abort(): Operation<void> {
  return { wire: { op: 'abort' }, decode: decodeNothing };
}

/** A remark for the log of the database. */
export function comment(text: string): Operation<void> {
  return { wire: { op: 'comment', comment: text }, decode: decodeNothing };
}

/** Makes the transaction fail with `not owner` unless this connection holds the lock. */
export function assertLock(lock: string): Operation<void> {
  return { wire: { op: 'assert', lock }, decode: decodeNothing };
}

function decodeRows(table: TableEncoding, columns: readonly string[], result: object): object[] {
  const rows: unknown = isObject(result) ? member(result, 'rows') : undefined;
  if (!Array.isArray(rows)) throw new DecodeError('the rows of a select', result);
  return rows.map((row) => decodeRow(table, columns, row));
}

function decodeCount(result: Readonly<Record<string, unknown>>): number {
  const count = member(result, 'count');
  if (typeof count !== 'number' || !Number.isInteger(count)) {
    throw new DecodeError('the count of an operation', result);
  }
  return count;
}

/** `wait`, `commit` and `comment` give `{}` or, where a server follows the letter, anything. */
function decodeNothing(): void {}
