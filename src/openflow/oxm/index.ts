/** Match fields: the table of all that we know, and matches made of them. */
export {
  FIELDS,
  type Field,
  type FieldName,
  type FieldValue,
  fieldOf,
  type Masked,
  type SubField,
} from './fields.ts';
export { decodeMatch, encodeMatch, type Match, matchBytes, matchFromBytes } from './match.ts';
export type { FieldFormat, Prerequisite } from './rows.ts';
