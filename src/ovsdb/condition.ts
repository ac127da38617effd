/** `<condition>`: `[column, function, value]`; a row must meet them all (RFC 7047 5.1). */

import { encodeDatum } from './datum/index.ts';
import type { UuidRef } from './datum/named-uuid.ts';
import type { Json } from './json.ts';
import type { TableShape } from './model.ts';
import { columnOf, type TableEncoding } from './row.ts';

type EqualityFunction = '==' | '!=' | 'includes' | 'excludes';

type ConditionFunction = EqualityFunction | '<' | '<=' | '>=' | '>';

export type Condition<T extends TableShape> =
  | readonly ['_uuid', EqualityFunction, UuidRef]
  | ColumnCondition<Required<T['columns']>>;

type ColumnCondition<C> = {
  readonly [K in keyof C & string]: readonly [K, ConditionFunction, C[K]];
}[keyof C & string];

export function encodeConditions<T extends TableShape>(
  table: TableEncoding,
  where: readonly Condition<T>[],
): Json {
  return where.map(([column, compare, value]) => [
    column,
    compare,
    encodeDatum(columnOf(table, column).type, value as never),
  ]);
}
