/**
 * Matches as data, and how they are read: `struct ofp_match` with its OXM fields (OpenFlow 1.5.1
 * §7.2.3). `match-encode.ts` writes them.
 */
import { Reader } from '../wire/index.ts';
import { expansionOf, registerName } from './aliases.ts';
import { readEntry } from './entry.ts';
import {
  conditionField,
  type Field,
  type FieldName,
  type FieldValue,
  fieldOf,
  findField,
  type Masked,
} from './fields.ts';
import { and, type Value } from './values.ts';

/**
 * What a packet must look like. A plain value is exact; `unknown` holds OXM fields that we have no
 * row for, header and all, so that nothing is lost.
 *
 * Canonical matches, which `decodeMatch` gives, hold registers as reg0 … reg15 only (`xreg` and
 * `xxreg` are other views of the same bits), `vlan_vid` and `vlan_pcp` instead of `vlan_tci`, no
 * mask that is all ones or zero, and no `packet_type` 0 (Ethernet) where another field implies it.
 */
export type Match = {
  readonly [N in FieldName]?: FieldValue<N> | Masked<FieldValue<N>>;
} & { readonly unknown?: readonly Buffer[] };

/** What a match says of one field. */
export type Content = Value | Masked<number> | Masked<bigint>;
type MutableMatch = { [N in FieldName]?: Content } & { unknown?: Buffer[] };

export const OFPMT_OXM = 1;
const HEADER_BYTES = 4;

/** Reads a match and its padding. Throws DecodeError. */
export function decodeMatch(reader: Reader): Match {
  const type = reader.u16();
  if (type !== OFPMT_OXM) throw reader.error('a match of type OFPMT_OXM (1)', type);
  const length = reader.u16();
  if (length < HEADER_BYTES) throw reader.error('a match of at least 4 bytes', length);
  const body = reader.window(length - HEADER_BYTES);
  reader.skip((8 - (length & 7)) & 7);
  const match: MutableMatch = {};
  while (body.remaining > 0) readField(body, match);
  dropImpliedPacketType(match);
  return match as Match;
}

/** Reads a match that fills the whole buffer. Throws DecodeError. */
export function matchFromBytes(bytes: Buffer): Match {
  const reader = new Reader(bytes);
  const match = decodeMatch(reader);
  reader.done('match');
  return match;
}

/** The same match said with canonical fields alone, as it would come back from a switch. */
export function canonicalMatch(match: Match): Match {
  const canonical: MutableMatch = {};
  for (const [name, content] of Object.entries(match)) {
    const field = conditionField(name);
    if (field === undefined || content === undefined) continue;
    const [value, mask] = parts(field, content as Content);
    put(canonical, field, value, mask);
  }
  dropImpliedPacketType(canonical);
  if (match.unknown !== undefined) canonical.unknown = [...match.unknown];
  return canonical as Match;
}

/** Value and mask of what a match says of a field. */
function parts(field: Field, content: Content): readonly [Value, Value] {
  if (typeof content === 'object') return [content.value, content.mask];
  return [content, field.max];
}

function readField(body: Reader, match: MutableMatch): void {
  if (readRegisters(body, match)) return;
  const entry = readEntry(body);
  if (entry.field === undefined) {
    match.unknown ??= [];
    match.unknown.push(entry.bytes);
    return;
  }
  if (!put(match, entry.field, entry.value, entry.mask)) {
    throw body.error(`${entry.field.name} once`, 'a second one');
  }
}

/** The headers of two registers in one entry: of registers 0 and 1, and what each pair adds. */
const PAIR_EXACT = 0x8001_0008;
const PAIR_MASKED = 0x8001_0110;
const PAIR_STEP = 0x200;
const PAIRS_END = 8 * PAIR_STEP;

/** Reads a pair of registers, which nearly every flow matches, without the detour of bigints. */
function readRegisters(body: Reader, match: MutableMatch): boolean {
  const start = body.offset;
  const header = body.u32();
  const masked = (header & 0x100) !== 0;
  const above = header - (masked ? PAIR_MASKED : PAIR_EXACT);
  if (above < 0 || above >= PAIRS_END || above % PAIR_STEP !== 0) {
    body.offset = start;
    return false;
  }
  const first = (2 * above) / PAIR_STEP;
  const [high, low] = [body.u32(), body.u32()];
  const [highMask, lowMask] = masked ? [body.u32(), body.u32()] : [0xffff_ffff, 0xffff_ffff];
  putRegister(body, match, first, { value: high, mask: highMask });
  putRegister(body, match, first + 1, { value: low, mask: lowMask });
  return true;
}

function putRegister(
  body: Reader,
  match: MutableMatch,
  register: number,
  { value, mask }: Masked<number>,
): void {
  const name = registerName(register);
  if ((value & ~mask) !== 0) throw body.error(`a value inside its mask for ${name}`, value);
  if (!putOne(match, fieldOf(name), value, mask)) throw body.error(`${name} once`, 'a second one');
}

/** Adds a field, as canonical ones, to a match; false when the match names its bits already. */
function put(match: MutableMatch, field: Field, value: Value, mask: Value): boolean {
  const expand = expansionOf(field.name);
  if (expand === undefined) return putOne(match, field, value, mask);
  let fresh = true;
  expand(
    (name, v, m) => {
      fresh = putOne(match, fieldOf(name), v, m) && fresh;
    },
    value,
    mask,
  );
  return fresh;
}

function putOne(match: MutableMatch, field: Field, value: Value, mask: Value): boolean {
  const kept = field.onlyBits === undefined ? mask : (mask as number) & field.onlyBits;
  if (kept === 0 || kept === 0n) return true;
  if (match[field.name] !== undefined) return false;
  match[field.name] =
    kept === field.max ? value : ({ value: and(value, kept), mask: kept } as Masked<number>);
  return true;
}

/** Ethernet is what every packet is unless a match says otherwise; Open vSwitch omits it too. */
function dropImpliedPacketType(match: MutableMatch): void {
  if (match.packet_type !== 0) return;
  for (const name of Object.keys(match)) {
    if ((findField(name)?.prerequisite ?? 'none') !== 'none') {
      delete match.packet_type;
      return;
    }
  }
}
