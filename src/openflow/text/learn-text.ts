/** `learn(…)` in text, both ways. */
import type { LearnAction, LearnSource, LearnSpec } from '../actions/index.ts';
import { fieldOf, type SubField } from '../oxm/index.ts';
import { flag, joined, labelled } from './join.ts';
import { hex, parseBig, parseNumber, U16, U32, U64 } from './numbers.ts';
import { type Pair, pairs } from './scan.ts';
import { findSubField, formatSubField, parseSubField, splitArrow } from './subfields.ts';
import { formatTable, parseTable, type TextOptions } from './tables.ts';
import { TextError } from './text-error.ts';
import { formatValue, parseValue } from './values.ts';

const DEFAULT_PRIORITY = 0x8000;
const DEFAULT_TABLE = 1;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function formatLearn(action: LearnAction, options: TextOptions): string {
  return `learn(${joined([
    `table=${formatTable(action.table, options)}`,
    labelled('idle_timeout', action.idleTimeout),
    labelled('hard_timeout', action.hardTimeout),
    labelled('fin_idle_timeout', action.finIdleTimeout),
    labelled('fin_hard_timeout', action.finHardTimeout),
    labelled('priority', action.priority, { silent: DEFAULT_PRIORITY }),
    flag('send_flow_rem', action.sendFlowRemoved),
    flag('delete_learned', action.deleteLearned),
    labelled('cookie', action.cookie, { format: hex }),
    labelled('limit', action.limit),
    labelled('result_dst', action.resultDestination, { format: formatSubField }),
    ...action.specs.map(formatSpec),
  ])})`;
}

function formatSpec(spec: LearnSpec): string {
  if (spec.type === 'output') return `output:${formatSubField(spec.source)}`;
  const { source, destination } = spec;
  const target = formatSubField(destination);
  if (spec.type === 'load') {
    const from = typeof source === 'bigint' ? hex(source) : formatSubField(source);
    return `load:${from}->${target}`;
  }
  if (typeof source !== 'bigint') {
    const same = source.field === destination.field && source.offset === destination.offset;
    return same ? target : `${target}=${formatSubField(source)}`;
  }
  const field = fieldOf(destination.field);
  const whole = destination.offset === 0 && destination.bits === field.bits;
  if (!whole) return `${target}=${hex(source)}`;
  return `${field.text}=${formatValue(field, field.wide ? source : Number(source))}`;
}

type Setter = (learn: Mutable<LearnAction>, text: string, options: TextOptions) => void;

const time = (key: 'idleTimeout' | 'hardTimeout' | 'finIdleTimeout' | 'finHardTimeout'): Setter => {
  return (learn, text) => {
    learn[key] = parseNumber(text, U16, 'timeout');
  };
};

const SETTERS = new Map<string, Setter>([
  ['idle_timeout', time('idleTimeout')],
  ['hard_timeout', time('hardTimeout')],
  ['fin_idle_timeout', time('finIdleTimeout')],
  ['fin_hard_timeout', time('finHardTimeout')],
  [
    'table',
    (learn, text, options) => {
      learn.table = parseTable(text, options);
    },
  ],
  [
    'priority',
    (learn, text) => {
      learn.priority = parseNumber(text, U16, 'priority');
    },
  ],
  [
    'cookie',
    (learn, text) => {
      learn.cookie = parseBig(text, U64, 'cookie');
    },
  ],
  [
    'send_flow_rem',
    (learn) => {
      learn.sendFlowRemoved = true;
    },
  ],
  [
    'delete_learned',
    (learn) => {
      learn.deleteLearned = true;
    },
  ],
  [
    'limit',
    (learn, text) => {
      learn.limit = parseNumber(text, U32, 'limit');
    },
  ],
  [
    'result_dst',
    (learn, text) => {
      learn.resultDestination = parseSubField(text);
    },
  ],
]);

export function parseLearn(text: string, options: TextOptions): LearnAction {
  const specs: LearnSpec[] = [];
  const learn: Mutable<LearnAction> = {
    type: 'learn',
    table: DEFAULT_TABLE,
    priority: DEFAULT_PRIORITY,
    specs,
  };
  for (const pair of pairs(text)) {
    const set = SETTERS.get(pair.key);
    if (set === undefined) specs.push(parseSpec(pair));
    else set(learn, pair.value, options);
  }
  return learn;
}

function parseSpec({ key, value }: Pair): LearnSpec {
  if (key === 'output') return { type: 'output', source: parseSubField(value) };
  if (key === 'load') {
    const [from, to] = splitArrow(value);
    const destination = parseSubField(to);
    return { type: 'load', source: parseSource(from, destination, false), destination };
  }
  const destination = findSubField(key);
  if (destination === undefined) throw new TextError(`unknown argument "${key}" of learn`);
  if (value === '') return { type: 'match', source: destination, destination };
  return { type: 'match', source: parseSource(value, destination, true), destination };
}

/** A subfield as wide as the destination, or a constant: a number, or in the field's format. */
function parseSource(text: string, destination: SubField, formatted: boolean): LearnSource {
  const subField = findSubField(text);
  if (subField !== undefined) {
    if (subField.bits === destination.bits) return subField;
    throw new TextError(`"${text}" has not ${destination.bits} bits`);
  }
  const field = fieldOf(destination.field);
  const ones = (1n << BigInt(destination.bits)) - 1n;
  const whole = destination.offset === 0 && destination.bits === field.bits;
  const value =
    formatted && whole
      ? BigInt(parseValue(field, text).value)
      : parseBig(text, ones, `value of ${field.text}`);
  if (value <= ones) return value;
  throw new TextError(`${text} does not fit into ${destination.bits} bits`);
}
