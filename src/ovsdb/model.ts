/**
 * What a database looks like to the compiler: for each table the rows as they are read and the
 * columns as they are written. `tools/modelgen.ts` writes these shapes from a schema.
 */
import type { DatabaseSchema } from './schema.ts';

export interface TableShape {
  /** A whole row as read, `_uuid` included. */
  readonly row: object;
  /** Every column that may be written, each optional. */
  readonly columns: object;
}

export type Shapes<S> = { readonly [N in keyof S]: TableShape };

export type TableName<S> = keyof S & string;

/** A schema and the shapes that the compiler knows for it. */
export interface DatabaseModel<S extends Shapes<S>> {
  readonly schema: DatabaseSchema;
  /** Carries the type and nothing else; absent at run time. */
  readonly shapes?: S;
}
