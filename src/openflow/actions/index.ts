/** Actions: what a flow or a bucket does with a packet (OpenFlow 1.5.1 §7.2.6, ovs-actions(7)). */
import type { Reader, Writer } from '../wire/index.ts';
import type { Action } from './types.ts';

export type * from './types.ts';

/** Writes a list of actions, each in the form that Open vSwitch itself uses in OpenFlow 1.5. */
export function encodeActions(_writer: Writer, _actions: readonly Action[]): void {
  throw new Error('not written yet');
}

/** Reads the actions in the next `byteLength` bytes. Throws DecodeError. */
export function decodeActions(_reader: Reader, _byteLength: number): Action[] {
  throw new Error('not written yet');
}
