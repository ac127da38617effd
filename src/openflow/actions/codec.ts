/** Lists of actions on the wire, through the rows of all families. */
import { assert } from '../../lib/assert.ts';
import { Reader, type Writer } from '../wire/index.ts';
import { CONTROLLER_ACTIONS } from './controller.ts';
import { CT_ACTIONS } from './ct.ts';
import { LEARN_ACTIONS } from './learn.ts';
import { LOOKUP_ACTIONS } from './lookup.ts';
import { NAT_ACTIONS } from './nat.ts';
import { OUTPUT_ACTIONS } from './output.ts';
import { PACKET_ACTIONS } from './packet.ts';
import {
  type ActionForm,
  type ActionRow,
  type Nesting,
  NICIRA,
  OFPAT_EXPERIMENTER,
} from './registry.ts';
import { FIELD_ACTIONS } from './set-field.ts';
import type { Action } from './types.ts';

/** Every kind of action that we know. */
export const ACTION_ROWS: readonly ActionRow[] = [
  ...OUTPUT_ACTIONS,
  ...FIELD_ACTIONS,
  ...PACKET_ACTIONS,
  ...LOOKUP_ACTIONS,
  ...CT_ACTIONS,
  ...NAT_ACTIONS,
  ...LEARN_ACTIONS,
  ...CONTROLLER_ACTIONS,
];

/** Actions inside actions inside actions: more than this is an attack, or a bug. */
const MAX_DEPTH = 8;

const ROW_BY_TYPE = new Map<string, ActionRow>(ACTION_ROWS.map((row) => [row.type, row]));
const FORM_BY_STANDARD = new Map<number, ActionForm<Action>>();
const FORM_BY_NICIRA = new Map<number, ActionForm<Action>>();
for (const { forms } of ACTION_ROWS) {
  for (const form of forms) {
    if (form.standard !== undefined) FORM_BY_STANDARD.set(form.standard, form);
    if (form.nicira !== undefined) FORM_BY_NICIRA.set(form.nicira, form);
  }
}

/** One for each depth, so that nested lists need no closures of their own. */
const NESTINGS: readonly Nesting[] = Array.from({ length: MAX_DEPTH + 1 }, (_, depth) => ({
  decode: (reader) => decodeList(reader, depth + 1),
  encode: (writer, actions) => encodeList(writer, actions, depth + 1),
}));

/** Writes a list of actions, each in the form that Open vSwitch itself uses in OpenFlow 1.5. */
export function encodeActions(writer: Writer, actions: readonly Action[]): void {
  encodeList(writer, actions, 0);
}

/** Reads the actions in the next `byteLength` bytes. Throws DecodeError. */
export function decodeActions(reader: Reader, byteLength: number): Action[] {
  return decodeList(reader.window(byteLength), 0);
}

function encodeList(writer: Writer, actions: readonly Action[], depth: number): void {
  assert(depth <= MAX_DEPTH, `actions are nested at most ${MAX_DEPTH} deep`);
  const nesting = NESTINGS[depth] as Nesting;
  for (const action of actions) {
    if (action.type === 'unknown') writer.bytes(action.bytes);
    else (ROW_BY_TYPE.get(action.type) as ActionRow).encode(writer, action, nesting);
  }
}

function decodeList(reader: Reader, depth: number): Action[] {
  if (depth > MAX_DEPTH) throw reader.error(`at most ${MAX_DEPTH} nested lists`, 'more');
  const actions: Action[] = [];
  while (reader.remaining > 0) actions.push(decodeAction(reader, depth));
  return actions;
}

function decodeAction(reader: Reader, depth: number): Action {
  const start = reader.offset;
  const type = reader.u16();
  const length = reader.u16();
  if (length < 8 || length % 8 !== 0) throw reader.error('a multiple of 8 bytes', length);
  const body = reader.window(length - 4);
  const form = type === OFPAT_EXPERIMENTER ? experimenterForm(body) : FORM_BY_STANDARD.get(type);
  if (form === undefined) {
    return { type: 'unknown', bytes: new Reader(reader.buffer, start).bytes(length) };
  }
  const action = form.decode(body, NESTINGS[depth] as Nesting);
  body.done(form.name);
  return action;
}

/** Reads the id and the subtype of an experimenter's action. */
function experimenterForm(body: Reader): ActionForm<Action> | undefined {
  const experimenter = body.u32();
  if (experimenter !== NICIRA || body.remaining < 2) return undefined;
  return FORM_BY_NICIRA.get(body.u16());
}
