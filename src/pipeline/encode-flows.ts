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
import {
  type CompiledFlow,
  hashFlow,
  KEY_PREFIX_SIZE,
  levelOf,
  writeKeyPrefix,
} from './compiled.ts';
import { type FlowDraft, sharedBytes } from './flow-builder.ts';

/** Memory that is used again for every unit: the bytes, and where the parts of each flow end. */
const scratch = new Writer(16 * 1024);
const matchEnds: number[] = [];
const ends: number[] = [];

export function encodeFlows(drafts: readonly FlowDraft[], cookie: bigint): CompiledFlow[] {
  scratch.clear();
  drafts.forEach((draft, index) => {
    writeKeyPrefix(scratch, draft.table.id, draft.priority);
    encodeConditions(scratch, draft.conditions);
    matchEnds[index] = scratch.length;
    if (sharedBytes(draft.instructions) === undefined) {
      encodeInstructions(scratch, draft.instructions);
    }
    ends[index] = scratch.length;
  });
  return viewFlows(drafts, cookie, scratch.take());
}

function viewFlows(drafts: readonly FlowDraft[], cookie: bigint, bytes: Buffer): CompiledFlow[] {
  const text = bytes.toString('latin1');
  let start = 0;
  return drafts.map((draft, index): CompiledFlow => {
    const { priority } = draft;
    const table = draft.table.id;
    const matchEnd = matchEnds[index] as number;
    const end = ends[index] as number;
    const match = bytes.subarray(start + KEY_PREFIX_SIZE, matchEnd);
    const instructions = sharedBytes(draft.instructions) ?? bytes.subarray(matchEnd, end);
    const key = text.slice(start, matchEnd);
    const hash = hashFlow(levelOf(table, priority), cookie, match, instructions);
    start = end;
    return { table, priority, cookie, match, instructions, key, hash };
  });
}
