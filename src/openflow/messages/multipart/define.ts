/**
 * Multipart messages (§7.3.5): a request and a reply of the same number, the reply in as many
 * parts as it takes. One row a kind: both bodies and their codecs.
 */
import type { Reader, Writer } from '../../wire/index.ts';

export interface Codec<V> {
  readonly encode: (writer: Writer, value: V) => void;
  /** The reader's window ends where the body ends. */
  readonly decode: (reader: Reader) => V;
}

export interface MultipartRow<
  Request extends { readonly type: string },
  Reply extends { readonly type: Request['type'] },
> {
  readonly type: Request['type'];
  /** `OFPMP_*` number. */
  readonly code: number;
  readonly request: Codec<Request>;
  readonly reply: Codec<Reply>;
}

/** Declares a kind of multipart; the row is the only place that knows its number. */
export function defineMultipart<
  Request extends { readonly type: string },
  Reply extends { readonly type: Request['type'] },
>(row: MultipartRow<Request, Reply>): MultipartRow<Request, Reply> {
  return row;
}

/** A request that says nothing but its kind. */
export function emptyRequest<T extends string>(type: T): Codec<{ readonly type: T }> {
  return {
    encode: () => {},
    decode: (reader) => {
      reader.done(type);
      return { type };
    },
  };
}

/** Reads entries until the window ends; an entry that takes no bytes would never end. */
export function readEntries<E>(reader: Reader, read: (reader: Reader) => E): E[] {
  const entries: E[] = [];
  while (reader.remaining > 0) entries.push(read(reader));
  return entries;
}
