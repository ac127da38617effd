/** Instructions: what a flow makes of a packet that it matches (OpenFlow 1.5.1 §7.2.5). */
import type { Action } from './actions/index.ts';
import { Reader, Writer } from './wire/index.ts';

export type Instruction =
  | { readonly type: 'meter'; readonly meterId: number }
  | { readonly type: 'apply_actions'; readonly actions: readonly Action[] }
  | { readonly type: 'clear_actions' }
  | { readonly type: 'write_actions'; readonly actions: readonly Action[] }
  | { readonly type: 'write_metadata'; readonly value: bigint; readonly mask?: bigint }
  | { readonly type: 'goto_table'; readonly table: number }
  | { readonly type: 'unknown'; readonly bytes: Buffer };

export function encodeInstructions(_writer: Writer, _instructions: readonly Instruction[]): void {
  throw new Error('not written yet');
}

/** Reads the instructions in the next `byteLength` bytes. Throws DecodeError. */
export function decodeInstructions(_reader: Reader, _byteLength: number): Instruction[] {
  throw new Error('not written yet');
}

/** The wire form of a list of instructions in a buffer of its own. */
export function instructionBytes(instructions: readonly Instruction[]): Buffer {
  const writer = new Writer(128);
  encodeInstructions(writer, instructions);
  return writer.take();
}

/** Reads instructions that fill the whole buffer. */
export function instructionsFromBytes(bytes: Buffer): Instruction[] {
  return decodeInstructions(new Reader(bytes), bytes.length);
}
