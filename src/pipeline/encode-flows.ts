/**
 * From drafts to bytes, a unit at a time: one buffer holds the messages of all of its flows, and
 * one text their keys.
 *
 *     messages  | flow-mod: … table … priority … match, instructions | flow-mod: …
 *     keys      | table, priority, match | table, priority, match | …
 */
import { encodeInstructions } from '../openflow/instructions.ts';
import { beginFlowMod, finishFlowMod, flowModHead } from '../openflow/messages/index.ts';
import { encodeConditions } from '../openflow/oxm/index.ts';
import { Writer } from '../openflow/wire/index.ts';
import { CompiledFlow, writeKeyPrefix } from './compiled-flow.ts';
import type { FlowDraft } from './flow-builder.ts';

/** Memory that is used again for every unit, and where in it the parts of each flow end. */
const messages = new Writer(16 * 1024);
const keys = new Writer(8 * 1024);
const keyEnds: number[] = [];
const matchEnds: number[] = [];
const ends: number[] = [];

export function encodeFlows(drafts: readonly FlowDraft[], cookie: bigint): CompiledFlow[] {
  messages.clear();
  keys.clear();
  let flags = 0;
  let head = flowModHead('OFPFC_ADD', cookie, flags);
  for (let index = 0; index < drafts.length; index++) {
    const draft = drafts[index] as FlowDraft;
    if (draft.table.flowFlags !== flags) {
      flags = draft.table.flowFlags;
      head = flowModHead('OFPFC_ADD', cookie, flags);
    }
    writeFlow(draft, head, index);
  }
  return placeFlows(drafts, cookie);
}

function writeFlow(draft: FlowDraft, head: Buffer, index: number): void {
  const { priority, conditions, instructions } = draft;
  const table = draft.table.id;
  writeKeyPrefix(keys, table, priority);
  const match = keys.length;
  encodeConditions(keys, conditions);
  keyEnds[index] = keys.length;
  const start = beginFlowMod(messages, head, table, priority);
  messages.append(keys, match);
  matchEnds[index] = messages.length;
  encodeInstructions(messages, instructions);
  finishFlowMod(messages, start);
  ends[index] = messages.length;
}

function placeFlows(drafts: readonly FlowDraft[], cookie: bigint): CompiledFlow[] {
  const bytes = messages.take();
  const text = keys.latin1();
  const flows: CompiledFlow[] = [];
  let start = 0;
  let keyStart = 0;
  for (let index = 0; index < drafts.length; index++) {
    const { table, priority, zone } = drafts[index] as FlowDraft;
    const keyEnd = keyEnds[index] as number;
    const matchEnd = matchEnds[index] as number;
    const end = ends[index] as number;
    const key = text.slice(keyStart, keyEnd);
    const facts = { table: table.id, priority, cookie, key, zone };
    flows.push(new CompiledFlow(facts, { bytes, start, matchEnd, end }));
    start = end;
    keyStart = keyEnd;
  }
  return flows;
}
