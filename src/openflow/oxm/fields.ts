/** The rows of `rows.ts` with what follows from them, found by name, by header text and by wire. */
import { FIELD_ROWS, type FieldFormat, type Prerequisite } from './rows.ts';

type Rows = typeof FIELD_ROWS;

export type FieldName = keyof Rows;

/** Fields of 64 and 128 bits have `bigint` values; all narrower ones (MAC addresses too) `number`. */
export type FieldValue<N extends FieldName = FieldName> = N extends FieldName
  ? Rows[N]['bits'] extends 64 | 128
    ? bigint
    : number
  : never;

/** A value of which only the bits set in `mask` count. */
export interface Masked<V extends number | bigint> {
  readonly value: V;
  readonly mask: V;
}

/** A run of bits of a field, as `NXM_NX_REG0[4..7]`: offset 4, bits 4. */
export interface SubField {
  readonly field: FieldName;
  /** Lowest bit, 0 the least significant. */
  readonly offset: number;
  readonly bits: number;
}

export interface Field {
  readonly name: FieldName;
  /** As in `move:` and `load:`, e.g. `NXM_NX_REG0`. */
  readonly header: string;
  readonly oxmClass: number;
  readonly number: number;
  /** Of fields of the experimenter class: the id that follows the header. */
  readonly experimenter: number | undefined;
  readonly bits: number;
  /** Bytes of the value on the wire. */
  readonly bytes: number;
  /** Whether values are `bigint`. */
  readonly wide: boolean;
  readonly maskable: boolean;
  readonly format: FieldFormat;
  readonly prerequisite: Prerequisite;
  /** Place in the canonical order. */
  readonly order: number;
  /** The largest value, which is also the mask of an exact match. */
  readonly max: number | bigint;
}

export const FIELDS: readonly Field[] = Object.entries(FIELD_ROWS).map(([name, row], order) =>
  describe(name as FieldName, row, order),
);

const BY_NAME = new Map<string, Field>(FIELDS.map((field) => [field.name, field]));

/** The row of a field. */
export function fieldOf(name: FieldName): Field {
  return BY_NAME.get(name) as Field;
}

function describe(name: FieldName, row: Rows[FieldName], order: number): Field {
  const [oxmClass, number, experimenter] = row.oxm as readonly [number, number, number?];
  const wide = row.bits > 48;
  return {
    name,
    header: row.header,
    oxmClass,
    number,
    experimenter,
    bits: row.bits,
    bytes: Math.ceil(row.bits / 8),
    wide,
    maskable: 'maskable' in row,
    format: row.format,
    prerequisite: row.prerequisite,
    order,
    max: wide ? (1n << BigInt(row.bits)) - 1n : 2 ** row.bits - 1,
  };
}
