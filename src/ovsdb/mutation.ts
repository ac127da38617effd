/** `<mutation>`: `[column, mutator, value]`, a change that depends on the old value (5.1). */
import { encodeDatum } from './datum/index.ts';
import type { Json } from './json.ts';
import type { TableShape } from './model.ts';
import { columnOf, type TableEncoding } from './row.ts';

type Arithmetic = '+=' | '-=' | '*=' | '/=' | '%=';

/** Numbers are calculated with; sets and maps take elements or give them up. */
export type Mutation<T extends TableShape> = ColumnMutation<Required<T['columns']>>;

type ColumnMutation<C> = {
  readonly [K in keyof C & string]:
    | (C[K] extends number | undefined | readonly number[]
        ? readonly [K, Arithmetic, number]
        : never)
    | readonly [K, 'insert', C[K]]
    | readonly [K, 'delete', C[K] | KeysOf<C[K]>];
}[keyof C & string];

/** A map gives up pairs, by their keys alone too. */
type KeysOf<V> = V extends ReadonlyMap<infer K, unknown> ? readonly K[] : never;

export function encodeMutations<T extends TableShape>(
  table: TableEncoding,
  mutations: readonly Mutation<T>[],
): Json {
  return mutations.map(([column, mutator, value]) => [
    column,
    mutator,
    encodeDatum(columnOf(table, column).type, value as never),
  ]);
}
