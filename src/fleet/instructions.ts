/** What flows do, read from the bytes that they were compiled to or read from a switch in. */
import { DecodeError, type Instruction, instructionsFromBytes } from '../openflow/index.ts';
import type { FlowState } from './changes.ts';

/** Empty of what we cannot read. */
export function instructionsOf(flow: FlowState): readonly Instruction[] {
  try {
    return instructionsFromBytes(flow.instructions);
  } catch (error) {
    // What we cannot read is certainly none of ours.
    if (error instanceof DecodeError) return [];
    throw error;
  }
}
