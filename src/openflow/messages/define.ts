/**
 * What every message file declares: one row with its name, its number and its body's codec.
 * The header (OpenFlow 1.5.1 §7.1.1) is written and read in `index.ts`, for all of them alike.
 */
import type { Reader, Struct, StructField, StructValue, Writer } from '../wire/index.ts';

export const HEADER_SIZE = 8;
/** The length field of the header has 16 bits. */
export const MESSAGE_SIZE_MAX = 0xffff;

export interface MessageRow<M extends { readonly type: string }> {
  readonly type: M['type'];
  /** `OFPT_*` number; for an experimenter's message its own number. */
  readonly code: number;
  /** Experimenter id, for messages that travel inside OFPT_EXPERIMENTER. */
  readonly experimenter?: number;
  /** Writes what follows the header (and, for an experimenter's message, the 8 bytes after it). */
  readonly encode: (writer: Writer, message: M) => void;
  /** Reads the body; the reader's window ends where the message ends. */
  readonly decode: (reader: Reader) => M;
}

/** Declares a message; the row is the only place that knows its number. */
export function defineMessage<M extends { readonly type: string }>(
  row: MessageRow<M>,
): MessageRow<M> {
  return row;
}

/** A message that is only a header. */
export function defineEmpty<T extends string>(type: T, code: number): MessageRow<{ type: T }> {
  return {
    type,
    code,
    encode: () => {},
    decode: (reader) => {
      reader.done(type);
      return { type };
    },
  };
}

/** The fields of a struct, as a message or entry carries them. */
export type Fixed<S> = S extends Struct<infer F> ? Readonly<StructValue<F>> : never;

type Fields = Readonly<Record<string, StructField<never>>>;

/** A message whose body is one struct and nothing else. */
export function defineFixed<T extends string, F extends Fields>(
  type: T,
  code: number,
  body: Struct<F>,
): MessageRow<{ readonly type: T } & Readonly<StructValue<F>>> {
  type M = { readonly type: T } & Readonly<StructValue<F>>;
  const row: Omit<MessageRow<M>, 'type'> = {
    code,
    encode: (writer, message) => body.write(writer, message),
    decode: (reader) => {
      const value = body.read(reader);
      reader.done(type);
      return { type, ...value };
    },
  };
  return { type, ...row } as MessageRow<M>;
}
