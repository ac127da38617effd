/** Actions from text (ovs-actions(7)). */
import type { Action } from '../actions/index.ts';
import { OFPCML, OFPP } from '../constants.ts';
import { type Field, fieldByText, fieldOf, type Value } from '../oxm/index.ts';
import { parseCt, parseNat } from './ct-text.ts';
import { parseLearn } from './learn-text.ts';
import { parseBig, parseHexBytes, parseNumber, U8, U16, U32 } from './numbers.ts';
import { parsePort, reservedPort } from './ports.ts';
import { REASON_NAMES } from './reasons.ts';
import { type Pair, pairs } from './scan.ts';
import { findSubField, parseSubField, splitArrow } from './subfields.ts';
import { parseTable, type TextOptions } from './tables.ts';
import { TextError } from './text-error.ts';
import { parseValue } from './values.ts';

/** As deep as encoding goes. */
const MAX_DEPTH = 8;

interface Context {
  readonly options: TextOptions;
  readonly depth: number;
}

type Parser = (text: string, context: Context) => Action;

const PARSERS = new Map<string, Parser>([
  ['output', parseOutput],
  ['controller', parseController],
  ['group', (text) => ({ type: 'group', groupId: parseNumber(text, U32, 'group') })],
  ['meter', (text) => ({ type: 'meter', meterId: parseNumber(text, U32, 'meter') })],
  ['set_queue', (text) => ({ type: 'set_queue', queueId: parseNumber(text, U32, 'queue') })],
  ['set_field', parseSetField],
  ['load', parseLoad],
  ['move', parseMove],
  ['push_vlan', (text) => ({ type: 'push_vlan', ethertype: parseNumber(text, U16, 'type') })],
  ['pop_vlan', () => ({ type: 'pop_vlan' })],
  ['strip_vlan', () => ({ type: 'pop_vlan' })],
  ['dec_ttl', parseDecTtl],
  ['ct', (text, context) => parseCt(text, (list) => nested(list, context), context.options)],
  ['nat', parseNat],
  ['ct_clear', () => ({ type: 'ct_clear' })],
  ['resubmit', parseResubmit],
  ['conjunction', parseConjunction],
  ['learn', (text, { options }) => parseLearn(text, options)],
  ['check_pkt_larger', parseCheckPktLarger],
  ['note', (text) => ({ type: 'note', bytes: parseNote(text) })],
  ['clone', (text, context) => ({ type: 'clone', actions: nested(text, context) })],
  ['unknown', (text) => ({ type: 'unknown', bytes: parseHexBytes(text) })],
]);

export function parseActions(text: string, options: TextOptions = {}): Action[] {
  return parseList(text, { options, depth: 0 });
}

/** One action of a list; undefined when its name is no action's. */
export function parseAction({ key, value }: Pair, context: Context): Action | undefined {
  const parse = PARSERS.get(key.toLowerCase());
  if (parse !== undefined && !(key === 'CONTROLLER' && value === '')) return parse(value, context);
  const reserved = reservedPort(key) ?? (/^\d+$/.test(key) ? parsePort(key) : undefined);
  return reserved === undefined ? undefined : { type: 'output', port: reserved };
}

function parseList(text: string, context: Context): Action[] {
  const found = pairs(text);
  if (found.length === 1 && found[0]?.key === 'drop') return [];
  return found.map((pair) => {
    const action = parseAction(pair, context);
    if (action === undefined) throw new TextError(`unknown action "${pair.key}"`);
    return action;
  });
}

function nested(text: string, { options, depth }: Context): Action[] {
  if (depth >= MAX_DEPTH) throw new TextError('actions are nested too deeply');
  return parseList(text, { options, depth: depth + 1 });
}

function parseOutput(text: string): Action {
  const subField = findSubField(text);
  if (subField !== undefined) return { type: 'output_reg', source: subField };
  return { type: 'output', port: parsePort(text) };
}

/** With nothing but a length it is an output to the controller. */
function parseController(text: string): Action {
  const parts = new Map(pairs(text).map(({ key, value }) => [key, value]));
  const bare = /^\d+$/.test(text) ? text : undefined;
  const length = bare ?? parts.get('max_len');
  const maxLength = length === undefined ? OFPCML.NO_BUFFER : parseNumber(length, U16, 'length');
  const limited = maxLength === OFPCML.NO_BUFFER ? {} : { maxLength };
  parts.delete('max_len');
  if (bare !== undefined || parts.size === 0) {
    return { type: 'output', port: OFPP.CONTROLLER, ...limited };
  }
  const rest = [...parts].map(([key, value]) => controllerPart(key, value));
  return Object.assign({ type: 'controller' as const, ...limited }, ...rest) as Action;
}

function controllerPart(key: string, value: string): object {
  switch (key) {
    case 'reason':
      return { reason: parseReason(value) };
    case 'id':
      return { controllerId: parseNumber(value, U16, 'controller id') };
    case 'userdata':
      return { userdata: parseHexBytes(value) };
    case 'pause':
      return { pause: true };
    case 'meter_id':
      return { meterId: parseNumber(value, U32, 'meter') };
    default:
      throw new TextError(`unknown argument "${key}" of controller`);
  }
}

function parseReason(text: string): number {
  const index = REASON_NAMES.indexOf(text);
  return index >= 0 ? index : parseNumber(text, U8, 'reason');
}

function parseSetField(text: string): Action {
  const [from, to] = splitArrow(text);
  const field = settable(fieldByText(to), to);
  const { value, mask } = parseValue(field, from);
  return setField(field, value, mask);
}

/** `load:5->NXM_NX_REG0[4..7]` writes some bits, which is set_field with a mask. */
function parseLoad(text: string): Action {
  const [from, to] = splitArrow(text);
  const { field: name, offset, bits } = parseSubField(to);
  const field = settable(fieldOf(name), to);
  const ones = (1n << BigInt(bits)) - 1n;
  const value = parseBig(from, ones, `value of ${to}`) << BigInt(offset);
  const sized = (big: bigint) => (field.wide ? big : Number(big));
  // A load of all bits is exact, also where values have a bit that subfields cannot name.
  const mask = bits === field.bits ? field.max : sized(ones << BigInt(offset));
  return setField(field, sized(value), mask);
}

function setField(field: Field, value: Value, mask: Value): Action {
  if (mask === field.max) return { type: 'set_field', field: field.name, value };
  return { type: 'set_field', field: field.name, value, mask };
}

function settable(field: Field | undefined, name: string): Field {
  if (field === undefined) throw new TextError(`unknown field "${name}"`);
  if (field.readOnly) throw new TextError(`${name} is read-only`);
  return field;
}

function parseMove(text: string): Action {
  const [from, to] = splitArrow(text);
  const [source, destination] = [parseSubField(from), parseSubField(to)];
  settable(fieldOf(destination.field), to);
  if (source.bits !== destination.bits) throw new TextError(`unequal widths in "${text}"`);
  return { type: 'move', source, destination };
}

function parseDecTtl(text: string): Action {
  if (text === '') return { type: 'dec_ttl' };
  const controllerIds = text.split(',').map((id) => parseNumber(id.trim(), U16, 'controller id'));
  return { type: 'dec_ttl', controllerIds };
}

function parseResubmit(text: string, { options }: Context): Action {
  const [port = '', table = '', ct = ''] = text.split(',').map((part) => part.trim());
  if (port === '' && table === '') throw new TextError('resubmit needs a port or a table');
  if (ct !== '' && ct !== 'ct') throw new TextError(`unknown argument "${ct}" of resubmit`);
  const number = port === '' ? OFPP.IN_PORT : parsePort(port);
  return {
    type: 'resubmit',
    ...(number === OFPP.IN_PORT ? {} : { port: number }),
    ...(table === '' ? {} : { table: parseTable(table, options) }),
    ...(ct === '' ? {} : { withCt: true }),
  };
}

function parseConjunction(text: string): Action {
  const [, id = '', clause = '', clauses = ''] =
    /^(\w+)\s*,\s*(\d+)\s*\/\s*(\d+)$/.exec(text.trim()) ?? [];
  const action: Action = {
    type: 'conjunction',
    id: parseNumber(id, U32, 'conjunction'),
    clause: parseNumber(clause, U8, 'clause'),
    clauses: parseNumber(clauses, 64, 'clauses'),
  };
  const { clause: which, clauses: all } = action;
  if (all < 2 || which < 1 || which > all) throw new TextError(`bad clause "${text}"`);
  return action;
}

function parseCheckPktLarger(text: string): Action {
  const [size, to] = splitArrow(text);
  const destination = parseSubField(to);
  if (destination.bits !== 1) throw new TextError(`"${to}" is not one bit`);
  const length = parseNumber(size.replace(/\)$/, ''), U16, 'length');
  return { type: 'check_pkt_larger', size: length, destination };
}

/** The bytes of a note end with its action: 6, or 8 more, or 16 more … */
function parseNote(text: string): Buffer {
  const bytes = parseHexBytes(text);
  const padding = (8 - ((bytes.length + 2) % 8)) % 8;
  return Buffer.concat([bytes, Buffer.alloc(padding)]);
}
