/**
 * The form of a message: of which parts it is made, whatever values they hold. It is what Open
 * vSwitch looks at when it takes a message into a bundle (handle_bundle_add: it decodes it); what
 * depends on its state, as a group that is not there, it looks at when the bundle is committed.
 *
 *     flow-mod    table, command │ headers of the match │ instructions, actions and their fields
 *     group-mod   command, type  │ each bucket's actions and their fields, and its properties
 */
import { Hasher } from '../../lib/hash.ts';
import { FLOW_MOD_MATCH_AT } from './flow-mod.ts';

const OFPT = { FLOW_MOD: 14, GROUP_MOD: 15 } as const;
const OFPIT = { WRITE_ACTIONS: 3, APPLY_ACTIONS: 4 } as const;
const OFPAT = { SET_FIELD: 25, EXPERIMENTER: 0xffff } as const;
const NXAST_CT = 35;

/** Offsets in a flow-mod, a group-mod, a bucket and an NXAST_CT. */
const [TABLE_AT, GROUP_COMMAND_AT, GROUP_BUCKETS_AT] = [24, 8, 24] as const;
const [BUCKET_HEAD, CT_ACTIONS_AT] = [8, 24] as const;

/**
 * Fields whose value says which others may stand beside them (§7.2.3.6): OXM_OF_ETH_TYPE, IP_PROTO
 * and ICMPV6_TYPE, unmasked.
 */
const PREREQUISITES = new Set([0x8000_0a02, 0x8000_1401, 0x8000_3a01]);

/** Used again for every message. */
const hasher = new Hasher();

/** A number of 53 bits, the same for messages of one form; undefined for other messages. */
export function formOf(message: Buffer): number | undefined {
  const type = message[1];
  hasher.begin();
  if (type === OFPT.FLOW_MOD) addFlowMod(message);
  else if (type === OFPT.GROUP_MOD) addGroupMod(message);
  else return undefined;
  const { hi, lo } = hasher.digest();
  return (hi & 0x1f_ffff) * 2 ** 32 + (lo >>> 0);
}

function addFlowMod(message: Buffer): void {
  hasher.number(message.readUInt16BE(TABLE_AT));
  const length = message.readUInt16BE(FLOW_MOD_MATCH_AT + 2);
  for (let at = FLOW_MOD_MATCH_AT + 4; at < FLOW_MOD_MATCH_AT + length; )
    at = addField(message, at);
  const padded = (length + 7) & ~7;
  eachPart(message, FLOW_MOD_MATCH_AT + padded, message.length, addInstruction);
}

function addGroupMod(message: Buffer): void {
  // No table and command of a flow-mod.
  hasher.number(1 << 24);
  hasher.number(message.readUIntBE(GROUP_COMMAND_AT, 3));
  let at: number = GROUP_BUCKETS_AT;
  while (at < message.length) {
    const end = at + Math.max(BUCKET_HEAD, message.readUInt16BE(at));
    const properties = at + BUCKET_HEAD + message.readUInt16BE(at + 2);
    eachPart(message, at + BUCKET_HEAD, properties, addAction);
    eachPart(message, properties, end, addHead);
    at = end;
  }
}

/** Gives the end of the OXM entry. */
function addField(message: Buffer, at: number): number {
  const header = message.readUInt32BE(at);
  hasher.number(header);
  const end = at + 4 + (header & 0xff);
  if (PREREQUISITES.has(header)) hasher.bytes(message, at + 4, end);
  return end;
}

function addInstruction(message: Buffer, at: number, end: number): void {
  addHead(message, at);
  const type = message.readUInt16BE(at);
  if (type !== OFPIT.APPLY_ACTIONS && type !== OFPIT.WRITE_ACTIONS) return;
  eachPart(message, at + 8, end, addAction);
}

function addAction(message: Buffer, at: number, end: number): void {
  addHead(message, at);
  const type = message.readUInt16BE(at);
  if (type === OFPAT.SET_FIELD) addField(message, at + 4);
  if (type !== OFPAT.EXPERIMENTER) return;
  const subtype = message.readUInt16BE(at + 8);
  hasher.number(message.readUInt32BE(at + 4));
  hasher.number(subtype);
  if (subtype === NXAST_CT) eachPart(message, at + CT_ACTIONS_AT, end, addAction);
}

/** Type and length. */
function addHead(message: Buffer, at: number): void {
  hasher.number(message.readUInt32BE(at));
}

/**
 * Parts that begin with their type and their length: instructions, actions, properties. Each is
 * padded to 8 bytes, which the length of a property does not count.
 */
function eachPart(
  message: Buffer,
  start: number,
  end: number,
  add: (message: Buffer, at: number, end: number) => void,
): void {
  for (let at = start; at < end; ) {
    const next = at + Math.max(4, message.readUInt16BE(at + 2));
    add(message, at, next);
    at += (next - at + 7) & ~7;
  }
}
