/** Matches: `struct ofp_match` with its OXM fields (OpenFlow 1.5.1 §7.2.3). */
import { assert } from '../../lib/assert.ts';
import { Reader, Writer } from '../wire/index.ts';
import { expansionOf, registerName } from './aliases.ts';
import { readEntry, writeEntry, writeHeader } from './entry.ts';
import {
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

type Content = Value | Masked<number> | Masked<bigint>;
type MutableMatch = { [N in FieldName]?: Content } & { unknown?: Buffer[] };

const OFPMT_OXM = 1;
const HEADER_BYTES = 4;

/** Memory that `matchBytes` uses again for every match. */
const scratch = new Writer(1024);

/** Writes a match, padded to a multiple of 8 bytes, the way Open vSwitch itself would. */
export function encodeMatch(writer: Writer, match: Match): void {
  const start = writer.length;
  writer.u16(OFPMT_OXM);
  writer.u16(0);
  writeFields(writer, match, sortedFields(match));
  for (const bytes of match.unknown ?? []) writer.bytes(bytes);
  writer.patchU16(start + 2, writer.length - start);
  writer.align8(start);
}

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

/** The wire form of a match in a buffer of its own. */
export function matchBytes(match: Match): Buffer {
  scratch.clear();
  encodeMatch(scratch, match);
  return scratch.take();
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
    const field = findField(name);
    if (field === undefined || content === undefined) continue;
    const [value, mask] = parts(field, content as Content);
    put(canonical, field, value, mask);
  }
  dropImpliedPacketType(canonical);
  if (match.unknown !== undefined) canonical.unknown = [...match.unknown];
  return canonical as Match;
}

/** The fields of a match in canonical order. */
function sortedFields(match: Match): Field[] {
  const fields: Field[] = [];
  for (const name in match) {
    const field = findField(name);
    if (field === undefined || match[field.name] === undefined) continue;
    let at = fields.length;
    for (; at > 0; at--) {
      const before = fields[at - 1] as Field;
      if (before.order < field.order) break;
      fields[at] = before;
    }
    fields[at] = field;
  }
  return fields;
}

function writeFields(writer: Writer, match: Match, fields: readonly Field[]): void {
  if (match.packet_type === 0 || fields.some((field) => field.view)) {
    const canonical = canonicalMatch(match);
    writeCanonical(writer, canonical, sortedFields(canonical));
  } else {
    writeCanonical(writer, match, fields);
  }
}

function writeCanonical(writer: Writer, match: Match, fields: readonly Field[]): void {
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as Field;
    if (field.register !== undefined) {
      const next = fields[i + 1];
      const shared = next?.register !== undefined && next.register >> 1 === field.register >> 1;
      writeRegisters(writer, match, field.register >> 1);
      if (shared) i++;
      continue;
    }
    const [value, said] = parts(field, match[field.name] as Content);
    const mask = field.onlyBits === undefined ? said : (said as number) & field.onlyBits;
    if (mask !== 0 && mask !== 0n) writeEntry(writer, field, value, mask);
  }
}

/** Writes registers 2n and 2n+1 as the one 64-bit field that Open vSwitch makes of them. */
function writeRegisters(writer: Writer, match: Match, pair: number): void {
  const high = registerParts(match, 2 * pair);
  const low = registerParts(match, 2 * pair + 1);
  if (high.mask === 0 && low.mask === 0) return;
  const exact = high.mask === 0xffff_ffff && low.mask === 0xffff_ffff;
  writeHeader(writer, fieldOf(`xreg${pair}` as FieldName).oxm, !exact);
  writer.u32(high.value);
  writer.u32(low.value);
  if (exact) return;
  writer.u32(high.mask);
  writer.u32(low.mask);
}

const NO_REGISTER: Masked<number> = { value: 0, mask: 0 };

function registerParts(match: Match, register: number): Masked<number> {
  const content = match[registerName(register)] as number | Masked<number> | undefined;
  if (content === undefined) return NO_REGISTER;
  if (typeof content === 'number') {
    assert(content >= 0 && content <= 0xffff_ffff, `reg${register} cannot be ${content}`);
    return { value: content, mask: 0xffff_ffff };
  }
  assert((content.value & ~content.mask) === 0, `reg${register} has bits outside its mask`);
  return content;
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
