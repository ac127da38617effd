/** Matches: `struct ofp_match` with its OXM fields (OpenFlow 1.5.1 §7.2.3). */
import { Reader, Writer } from '../wire/index.ts';
import type { FieldName, FieldValue, Masked } from './fields.ts';

/**
 * What a packet must look like. A plain value is exact; `unknown` holds OXM fields that we have no
 * row for, header and all, so that nothing is lost.
 *
 * Canonical matches, which `decodeMatch` gives, hold registers as reg0 … reg15 only (`xreg` and
 * `xxreg` are other views of the same bits), no mask that is all ones, and no mask that is zero.
 */
export type Match = {
  readonly [N in FieldName]?: FieldValue<N> | Masked<FieldValue<N>>;
} & { readonly unknown?: readonly Buffer[] };

/** Writes a match, padded to a multiple of 8 bytes, the way Open vSwitch itself would. */
export function encodeMatch(_writer: Writer, _match: Match): void {
  throw new Error('not written yet');
}

/** Reads a match and its padding. Throws DecodeError. */
export function decodeMatch(_reader: Reader): Match {
  throw new Error('not written yet');
}

/** The wire form of a match in a buffer of its own. */
export function matchBytes(match: Match): Buffer {
  const writer = new Writer(64);
  encodeMatch(writer, match);
  return writer.take();
}

/** Reads a match that fills the whole buffer. */
export function matchFromBytes(bytes: Buffer): Match {
  const reader = new Reader(bytes);
  const match = decodeMatch(reader);
  reader.done('match');
  return match;
}
