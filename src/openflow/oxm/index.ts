/** Match fields: the table of all that we know, and matches made of them. */

export { port16, port32 } from './aliases.ts';
export { readEntry, readFieldHeader, writeEntry, writeHeader } from './entry.ts';
export {
  FIELDS,
  type Field,
  type FieldName,
  type FieldValue,
  fieldByText,
  fieldOf,
  findField,
  type Masked,
  type OxmHeader,
  type SubField,
} from './fields.ts';
export {
  canonicalMatch,
  decodeMatch,
  encodeMatch,
  type Match,
  matchBytes,
  matchFromBytes,
} from './match.ts';
export type { FieldFormat, Prerequisite } from './rows.ts';
export {
  checkSubField,
  packRange,
  readSubField,
  unpackRange,
  wholeField,
  writeNxmHeader,
} from './subfield.ts';
export { and, fits, isInside, type Value } from './values.ts';
