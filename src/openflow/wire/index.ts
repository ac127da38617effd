/** Bytes: cursor, growable buffer, struct tables and the error of a peer that sends nonsense. */
export { DecodeError } from './decode-error.ts';
export { Reader } from './reader.ts';
export {
  defineStruct,
  pad,
  type Struct,
  type StructField,
  type StructValue,
  text,
  u8,
  u16,
  u32,
  u48,
  u64,
} from './struct.ts';
export { Writer } from './writer.ts';
