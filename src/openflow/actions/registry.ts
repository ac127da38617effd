/** What a family of actions states about itself, and the headers that all of them share. */
import type { Reader, Writer } from '../wire/index.ts';
import type { Action } from './types.ts';

/** Reads and writes the actions inside another action. */
export interface Nesting {
  decode(reader: Reader): Action[];
  encode(writer: Writer, actions: readonly Action[]): void;
}

/** One wire form: either a standard action number or a subtype of Nicira's experimenter. */
export interface ActionForm<A extends Action> {
  readonly name: string;
  readonly standard?: number;
  readonly nicira?: number;
  /** Reads what follows the header (standard: 4 bytes, Nicira's: 10), all of it. */
  decode(body: Reader, nesting: Nesting): A;
}

/** One kind of action: every form that it is read from, and the one that it is written in. */
export interface ActionRow<A extends Action = Action> {
  readonly type: A['type'];
  readonly forms: readonly ActionForm<A>[];
  encode(writer: Writer, action: A, nesting: Nesting): void;
}

/** States a row with the type of its action checked, and forgets that type for the registry. */
export function defineAction<A extends Action>(row: ActionRow<A>): ActionRow {
  return row as unknown as ActionRow;
}

export const OFPAT_EXPERIMENTER = 0xffff;
export const NICIRA = 0x0000_2320;

/** Writes the header of a standard action; returns its start, for `finish`. */
export function begin(writer: Writer, number: number): number {
  const start = writer.length;
  writer.u16(number);
  writer.u16(0);
  return start;
}

/** Writes the header of one of Nicira's actions; returns its start, for `finish`. */
export function beginNicira(writer: Writer, subtype: number): number {
  const start = begin(writer, OFPAT_EXPERIMENTER);
  writer.u32(NICIRA);
  writer.u16(subtype);
  return start;
}

/** Pads an action to a multiple of 8 bytes and fills in its length. */
export function finish(writer: Writer, start: number): void {
  writer.align8(start);
  writer.patchU16(start + 2, writer.length - start);
}

/** Reads the padding that ends an action: nothing but zeros. */
export function padding(body: Reader): void {
  while (body.remaining > 0) {
    const byte = body.u8();
    if (byte !== 0) throw body.error('padding of zeros', byte);
  }
}

/** Throws unless so many bytes are left. */
export function exactly(body: Reader, bytes: number): void {
  if (body.remaining !== bytes) throw body.error(`${bytes} bytes of action`, body.remaining);
}
