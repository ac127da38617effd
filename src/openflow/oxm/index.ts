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
  type SubField,
} from './fields.ts';
export { canonicalMatch, decodeMatch, type Match, matchFromBytes } from './match.ts';
export { encodeConditions, encodeMatch, matchBytes } from './match-encode.ts';
export type { FieldFormat } from './rows.ts';
export {
  checkSubField,
  packRange,
  readSubField,
  unpackRange,
  writeNxmHeader,
} from './subfield.ts';
export { and, type Value } from './values.ts';
