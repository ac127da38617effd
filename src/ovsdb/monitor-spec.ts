/** What a monitor asks for, and the types of the rows that it then keeps. */
import type { Uuid } from './datum/uuid.ts';
import type { Shapes, TableName } from './model.ts';

/** The columns to watch, table by table. Name them all: a whole row wakes us every 5 seconds. */
export type MonitorSpec<S extends Shapes<S>> = {
  readonly [N in TableName<S>]?: {
    readonly columns: readonly (keyof S[N]['columns'] & string)[];
  };
};

/** The rows of each watched table: its `_uuid` and the columns that were asked for. */
export type MonitoredRows<S extends Shapes<S>, M extends MonitorSpec<S>> = {
  readonly [N in keyof M & TableName<S>]: Pick<
    S[N]['row'],
    (ColumnsOf<M[N]> & keyof S[N]['row']) | ('_uuid' & keyof S[N]['row'])
  >;
};

type ColumnsOf<T> = T extends { readonly columns: readonly (infer C)[] } ? C : never;

/** One row that came (no `before`), went (no `after`) or changed. */
export type RowChange<Rows> = {
  readonly [N in keyof Rows & string]: {
    readonly table: N;
    readonly uuid: Uuid;
    readonly before?: Rows[N];
    readonly after?: Rows[N];
  };
}[keyof Rows & string];
