/** Whole flows in text: what `ovs-ofctl dump-flows --no-stats` prints and `add-flow` reads. */
import type { Action } from '../actions/index.ts';
import type { Instruction } from '../instructions.ts';
import type { Match } from '../oxm/index.ts';
import { formatActions } from './action-format.ts';
import { parseAction, parseActions } from './action-parse.ts';
import { joined, labelled } from './join.ts';
import { formatMatch } from './match-format.ts';
import { MatchBuilder } from './match-parse.ts';
import {
  dottedHex,
  hex,
  hexDigits,
  parseBig,
  parseHexBytes,
  parseNumber,
  U16,
  U64,
} from './numbers.ts';
import { type Pair, pairs } from './scan.ts';
import { formatTable, parseTable, type TextOptions } from './tables.ts';
import { TextError } from './text-error.ts';

/** A flow as `ovs-ofctl` reads and prints it; absent members have OpenFlow's defaults. */
export interface FlowText {
  /** Default 0. */
  readonly table?: number;
  /** Default 32768. */
  readonly priority?: number;
  readonly cookie?: bigint;
  readonly idleTimeout?: number;
  readonly hardTimeout?: number;
  readonly importance?: number;
  /** OFPFF_* bits. */
  readonly flags?: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

const DEFAULT_PRIORITY = 0x8000;

/** Names of OFPFF_* by bit (OpenFlow 1.5.1 §7.3.4.2). */
const FLAG_NAMES = [
  'send_flow_rem',
  'check_overlap',
  'reset_counts',
  'no_packet_counts',
  'no_byte_counts',
] as const;

/** What a dump says of a flow that is not the flow itself. */
const IGNORED = new Set(['duration', 'n_packets', 'n_bytes', 'idle_age', 'hard_age']);

/** One line of `ovs-ofctl dump-flows --no-stats`, without the space before it. */
export function formatFlow(flow: FlowText, options: TextOptions = {}): string {
  const before = joined(
    [
      labelled('cookie', flow.cookie, { format: (cookie) => hexDigits(cookie), silent: 0n }),
      tableOf(flow, options),
      labelled('idle_timeout', flow.idleTimeout, { silent: 0 }),
      labelled('hard_timeout', flow.hardTimeout, { silent: 0 }),
    ].map((part) => part && `${part}, `),
    '',
  );
  const importance = labelled('importance', flow.importance, { silent: 0 });
  const match = joined([
    labelled('priority', flow.priority, { silent: DEFAULT_PRIORITY }),
    formatMatch(flow.match),
  ]);
  const actions = `actions=${formatInstructions(flow.instructions, options)}`;
  const numbers = joined([before, ...flagsOf(flow), importance && `${importance}, `], '');
  return joined([numbers, joined([match, actions], ' ')], '');
}

function tableOf({ table = 0 }: FlowText, options: TextOptions): string | undefined {
  const shown = table !== 0 || options.tableNames?.has(table) === true;
  return shown ? `table=${formatTable(table, options)}` : undefined;
}

function flagsOf({ flags = 0 }: FlowText): string[] {
  return FLAG_NAMES.filter((_, bit) => (flags & (1 << bit)) !== 0).map((name) => `${name} `);
}

/** What stands after `actions=`. */
export function formatInstructions(
  instructions: readonly Instruction[],
  options: TextOptions = {},
): string {
  const texts = instructions
    .filter((each) => each.type !== 'apply_actions' || each.actions.length > 0)
    .map((each) => formatInstruction(each, options));
  return texts.length === 0 ? 'drop' : texts.join(',');
}

function formatInstruction(instruction: Instruction, options: TextOptions): string {
  switch (instruction.type) {
    case 'apply_actions':
      return formatActions(instruction.actions, options);
    case 'clear_actions':
      return 'clear_actions';
    case 'write_actions':
      return `write_actions(${formatActions(instruction.actions, options)})`;
    case 'write_metadata': {
      const { value, mask } = instruction;
      return `write_metadata:${hex(value)}${mask === undefined ? '' : `/${hex(mask)}`}`;
    }
    case 'goto_table':
      return `goto_table:${formatTable(instruction.table, options)}`;
    case 'unknown':
      return `unknown_instruction(${dottedHex(instruction.bytes)})`;
  }
}

type MutableFlow = { -readonly [K in keyof FlowText]?: FlowText[K] };

/** Reads a flow; throws TextError. */
export function parseFlow(text: string, options: TextOptions = {}): FlowText {
  const [, before = '', actions] = /^(.*?)\bactions?=(.*)$/s.exec(text) ?? [];
  if (actions === undefined) throw new TextError('a flow needs actions');
  const flow: MutableFlow = {};
  const match = new MatchBuilder();
  for (const pair of pairs(before)) {
    if (!takeNumber(flow, pair, options) && !match.take(pair)) {
      throw new TextError(`unknown keyword "${pair.key}"`);
    }
  }
  return { ...flow, match: match.build(), instructions: parseInstructions(actions, options) };
}

function takeNumber(flow: MutableFlow, { key, value }: Pair, options: TextOptions): boolean {
  const flag = (FLAG_NAMES as readonly string[]).indexOf(key);
  if (flag >= 0) flow.flags = (flow.flags ?? 0) | (1 << flag);
  else if (key === 'table') flow.table = parseTable(value, options);
  else if (key === 'priority') flow.priority = parseNumber(value, U16, key);
  else if (key === 'cookie') flow.cookie = parseBig(value, U64, key);
  else if (key === 'idle_timeout') flow.idleTimeout = parseNumber(value, U16, key);
  else if (key === 'hard_timeout') flow.hardTimeout = parseNumber(value, U16, key);
  else if (key === 'importance') flow.importance = parseNumber(value, U16, key);
  else return IGNORED.has(key);
  return true;
}

/** Reads what stands after `actions=`; throws TextError. */
export function parseInstructions(text: string, options: TextOptions = {}): Instruction[] {
  const found = pairs(text);
  if (found.length === 1 && found[0]?.key === 'drop') return [];
  const actions: Action[] = [];
  const instructions: Instruction[] = [];
  for (const pair of found) {
    const action = parseAction(pair, { options, depth: 0 });
    if (action === undefined || pair.key === 'unknown_instruction') {
      instructions.push(parseInstruction(pair, options));
    } else if (instructions.length > 0) {
      throw new TextError(`action "${pair.key}" after an instruction`);
    } else {
      actions.push(action);
    }
  }
  return actions.length === 0
    ? instructions
    : [{ type: 'apply_actions', actions }, ...instructions];
}

function parseInstruction({ key, value }: Pair, options: TextOptions): Instruction {
  switch (key) {
    case 'clear_actions':
      return { type: 'clear_actions' };
    case 'write_actions':
      return { type: 'write_actions', actions: parseActions(value, options) };
    case 'write_metadata':
      return parseWriteMetadata(value);
    case 'goto_table':
      return { type: 'goto_table', table: parseTable(value, options) };
    case 'unknown_instruction':
      return { type: 'unknown', bytes: parseHexBytes(value) };
    default:
      throw new TextError(`unknown action "${key}"`);
  }
}

function parseWriteMetadata(text: string): Instruction {
  const [value = '', mask] = text.split('/');
  const metadata = parseBig(value, U64, 'metadata');
  if (mask === undefined) return { type: 'write_metadata', value: metadata };
  const bits = parseBig(mask, U64, 'mask');
  if (bits === U64) return { type: 'write_metadata', value: metadata };
  return { type: 'write_metadata', value: metadata & bits, mask: bits };
}
