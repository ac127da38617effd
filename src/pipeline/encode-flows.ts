/**
 * From drafts to bytes, a unit at a time: one buffer holds all of its flows, and one text all of
 * their keys; what a flow has of its own are views.
 *
 *     | table, priority, match | instructions | table, priority, match | instructions | …
 *       └──── key, latin1 ───┘                  └──── key, latin1 ───┘
 */
import { encodeInstructions } from '../openflow/instructions.ts';
import { encodeConditions } from '../openflow/oxm/index.ts';
import { Writer } from '../openflow/wire/index.ts';
import { type CompiledFlow, completeFlow, KEY_PREFIX_SIZE, writeKeyPrefix } from './compiled.ts';
import { type FlowDraft, sharedBytes } from './flow-builder.ts';

/** Memory that is used again for every unit. */
const scratch = new Writer(16 * 1024);

export function encodeFlows(drafts: readonly FlowDraft[], cookie: bigint): CompiledFlow[] {
  scratch.clear();
  /** Where each match ends, and where its instructions do. */
  const ends: number[] = [];
  for (const draft of drafts) {
    writeKeyPrefix(scratch, draft.table.id, draft.priority);
    encodeConditions(scratch, draft.conditions);
    ends.push(scratch.length);
    if (sharedBytes(draft.instructions) === undefined) {
      encodeInstructions(scratch, draft.instructions);
    }
    ends.push(scratch.length);
  }
  const bytes = scratch.take();
  const text = bytes.toString('latin1');
  let start = 0;
  return drafts.map(({ table, priority, instructions }, index): CompiledFlow => {
    const matchEnd = ends[2 * index] as number;
    const end = ends[2 * index + 1] as number;
    const flow = completeFlow(
      {
        table: table.id,
        priority,
        cookie,
        match: bytes.subarray(start + KEY_PREFIX_SIZE, matchEnd),
        instructions: sharedBytes(instructions) ?? bytes.subarray(matchEnd, end),
      },
      text.slice(start, matchEnd),
    );
    start = end;
    return flow;
  });
}
