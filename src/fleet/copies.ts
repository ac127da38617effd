/**
 * Flows that copy a packet to several local ports, in a long push: as with the buckets of a group,
 * copies that go are taken away first and those that come are added last, so that nothing is copied
 * to a number while another port gets it, and who had copies and will have them keeps them.
 */
import type { Action } from '../openflow/actions/index.ts';
import { type Instruction, instructionBytes } from '../openflow/index.ts';
import { compiledFlow, LearningPorts, MulticastMembers } from '../pipeline/index.ts';
import type { FlowChange, FlowState, Step } from './changes.ts';
import { instructionsOf } from './instructions.ts';

const TABLES: ReadonlySet<number> = new Set([LearningPorts.id, MulticastMembers.id]);

export function copiesToPorts({ flow }: FlowChange): boolean {
  return TABLES.has(flow.table);
}

/** Leaves the copies that are made before and after. */
export function narrowCopies(change: FlowChange): Step[] {
  if (change.op === 'delete') return [{ type: 'delete_flow', flow: change.flow }];
  const { before } = change;
  if (before === undefined) return [];
  const kept = keptOf(before, change.flow);
  return kept.equals(before.instructions) ? [] : [put(change.flow, kept)];
}

export function widenCopies(change: FlowChange): Step[] {
  if (change.op === 'delete') return [];
  const { before, flow } = change;
  const isThere = before !== undefined && keptOf(before, flow).equals(flow.instructions);
  return isThere && before.cookie === flow.cookie ? [] : [{ type: 'put_flow', flow }];
}

/** The instructions of `after` without copies that `before` does not make. */
function keptOf(before: FlowState, after: FlowState): Buffer {
  const made = new Set(instructionsOf(before).flatMap(copiesIn));
  const isKept = (action: Action): boolean => action.type !== 'clone' || made.has(nameOf(action));
  return instructionBytes(
    instructionsOf(after).map((each) =>
      each.type === 'apply_actions' ? { ...each, actions: each.actions.filter(isKept) } : each,
    ),
  );
}

function copiesIn(instruction: Instruction): string[] {
  if (instruction.type !== 'apply_actions') return [];
  return instruction.actions.filter(({ type }) => type === 'clone').map(nameOf);
}

function nameOf(action: Action): string {
  return instructionBytes([{ type: 'apply_actions', actions: [action] }]).toString('latin1');
}

function put({ table, priority, cookie, match }: FlowState, instructions: Buffer): Step {
  return { type: 'put_flow', flow: compiledFlow({ table, priority, cookie, match, instructions }) };
}
