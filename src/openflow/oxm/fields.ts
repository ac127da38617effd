/** The rows of `rows.ts` with what follows from them, found by name, by text and by OXM header. */
import { FIELD_ROWS, type FieldFormat, OXM_CLASS, type Prerequisite } from './rows.ts';

type Rows = typeof FIELD_ROWS;

export type FieldName = keyof Rows;

/**
 * Fields of 64 and 128 bits have `bigint` values; all narrower ones (MAC addresses too) `number`.
 */
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

/** The first 32 bits of an OXM TLV but for mask bit and length, and the id that may follow them. */
export interface OxmHeader {
  readonly name: string;
  readonly oxmClass: number;
  readonly number: number;
  readonly experimenter: number | undefined;
  /** The 32 bits of an entry without and with a mask. */
  readonly exact: number;
  readonly masked: number;
}

export interface Field {
  readonly name: FieldName;
  /** As in `set_field:`, e.g. `reg0`. */
  readonly text: string;
  /** More spellings that parsing takes. */
  readonly aka: readonly string[];
  /** What Open vSwitch writes in matches, set_field and move of OpenFlow 1.5. */
  readonly oxm: OxmHeader;
  /** What Nicira's actions carry and what text shows of a subfield, e.g. `NXM_NX_REG0`. */
  readonly nxm: OxmHeader;
  /** Bits that a subfield may name. */
  readonly bits: number;
  /** Bytes of the value on the wire: 1, 2, 4, 6, 8 or 16. */
  readonly bytes: number;
  /** Whether values are `bigint`. */
  readonly wide: boolean;
  readonly maskable: boolean;
  readonly readOnly: boolean;
  /** Whether its bits are those of other fields. */
  readonly view: boolean;
  readonly format: FieldFormat;
  readonly prerequisite: Prerequisite;
  /** Place in the canonical order. */
  readonly order: number;
  /** The largest value, which is also the mask of an exact match. */
  readonly max: number | bigint;
  /** The bits that Open vSwitch has of the field; it then writes even exact matches with a mask. */
  readonly onlyBits: number | undefined;
  /** Of reg0 … reg15: which. Two of them share one OXM entry. */
  readonly register: number | undefined;
}

export const FIELDS: readonly Field[] = Object.entries(FIELD_ROWS).map(([name, row], order) =>
  describe(name as FieldName, row, order),
);

const BY_NAME = new Map<string, Field>(FIELDS.map((field) => [field.name, field]));

const BY_HEADER = new Map<number, Field>();
const BY_EXPERIMENTER = new Map<string, Field>();
const BY_TEXT = new Map<string, Field>();

/** Headers of experimenters, which Open vSwitch reads and does not write in OpenFlow 1.5. */
const EXPERIMENTER_HEADERS: readonly (readonly [FieldName, experimenter: number, number])[] = [
  // ONFOXM_ET_TCP_FLAGS and ONFOXM_ET_ACTSET_OUTPUT, as before OpenFlow 1.5.
  ['tcp_flags', 0x4f4e_4600, 42],
  ['actset_output', 0x4f4e_4600, 43],
  // NXOXM_ET_DP_HASH.
  ['dp_hash', 0x0000_2320, 0],
];

for (const field of FIELDS) {
  for (const header of [field.oxm, field.nxm]) {
    if (header.experimenter === undefined) BY_HEADER.set(header.exact >>> 9, field);
    else BY_EXPERIMENTER.set(`${header.experimenter}/${header.number}`, field);
    BY_TEXT.set(header.name, field);
  }
  for (const spelling of [...field.aka, field.name, field.text]) {
    // `in_port` means the 16-bit field of Nicira wherever the text is about packets' fields.
    if (field.name !== 'in_port' || spelling !== 'in_port') BY_TEXT.set(spelling, field);
  }
}
for (const [name, experimenter, number] of EXPERIMENTER_HEADERS) {
  BY_EXPERIMENTER.set(`${experimenter}/${number}`, fieldOf(name));
}

/** The row of a field. */
export function fieldOf(name: FieldName): Field {
  return BY_NAME.get(name) as Field;
}

/** The row of a name that may be none of ours. */
export function findField(name: string): Field | undefined {
  return BY_NAME.get(name);
}

/**
 * The row of a member of a match; undefined of `unknown`. Any other name is an error: a condition
 * that got lost would let through more than was said.
 */
export function conditionField(name: string): Field | undefined {
  const field = findField(name);
  if (field === undefined && name !== 'unknown') throw new Error(`no match has a field ${name}`);
  return field;
}

/** The row of a name as `ovs-ofctl` spells fields or OXM headers in actions. */
export function fieldByText(text: string): Field | undefined {
  return BY_TEXT.get(text);
}

/** The row of an OXM header; `experimenter` is the id after it, of the experimenter class only. */
export function fieldByHeader(header: number, experimenter?: number): Field | undefined {
  if (experimenter === undefined) return BY_HEADER.get(header >>> 9);
  return BY_EXPERIMENTER.get(`${experimenter}/${(header >>> 9) & 0x7f}`);
}

function describe(name: FieldName, row: Rows[FieldName], order: number): Field {
  const wide = row.bits > 48;
  const valueBits = 'valueBits' in row ? row.valueBits : row.bits;
  const bytes = [1, 2, 4, 6, 8, 16].find((size) => size * 8 >= valueBits) ?? 16;
  const register = /^reg(\d+)$/.exec(name)?.[1];
  return {
    name,
    text: 'text' in row ? row.text : name,
    aka: 'aka' in row ? row.aka : [],
    oxm: header(row.oxm, bytes),
    nxm: header('nxm' in row ? row.nxm : row.oxm, bytes),
    bits: row.bits,
    bytes,
    wide,
    maskable: 'maskable' in row,
    readOnly: 'readOnly' in row,
    view: 'view' in row,
    format: row.format,
    prerequisite: row.prerequisite,
    order,
    max: wide ? (1n << BigInt(valueBits)) - 1n : 2 ** valueBits - 1,
    onlyBits: 'onlyBits' in row ? row.onlyBits : undefined,
    register: register === undefined ? undefined : Number(register),
  };
}

type HeaderRow = readonly [string, number, number, number?];

function header([name, oxmClass, number, experimenter]: HeaderRow, bytes: number): OxmHeader {
  const extra = oxmClass === OXM_CLASS.EXPERIMENTER ? 4 : 0;
  const common = oxmClass * 0x1_0000 + number * 0x200;
  return {
    name,
    oxmClass,
    number,
    experimenter,
    exact: common + extra + bytes,
    masked: common + 0x100 + extra + 2 * bytes,
  };
}
