/**
 * OFPT_FLOW_MOD (§7.3.4.2): add, change or delete flow entries.
 * `encodeFlowMod` is for flows whose match and instructions are encoded already, `beginFlowMod` for
 * many flows in one writer.
 */
import { OFP_NO_BUFFER, OFP_VERSION, OFPG, OFPP } from '../constants.ts';
import { decodeInstructions, encodeInstructions, type Instruction } from '../instructions.ts';
import { decodeMatch, encodeMatch, type Match } from '../oxm/index.ts';
import { defineStruct, u8, u16, u32, u64, Writer } from '../wire/index.ts';
import { defineCodes } from './codes.ts';
import { defineMessage, type Fixed, HEADER_SIZE } from './define.ts';

const OFPT_FLOW_MOD = 14;

const COMMAND = defineCodes('ofp_flow_mod_command', {
  OFPFC_ADD: 0,
  OFPFC_MODIFY: 1,
  OFPFC_MODIFY_STRICT: 2,
  OFPFC_DELETE: 3,
  OFPFC_DELETE_STRICT: 4,
});

export type FlowModCommand = (typeof COMMAND.names)[number];

/** Bits of a flow's `flags` (§7.3.4.2). */
export const OFPFF = {
  SEND_FLOW_REM: 0x01,
  CHECK_OVERLAP: 0x02,
  RESET_COUNTS: 0x04,
  NO_PKT_COUNTS: 0x08,
  NO_BYT_COUNTS: 0x10,
} as const;

const BODY = defineStruct('ofp_flow_mod', 40, {
  cookie: u64,
  cookieMask: u64,
  tableId: u8,
  command: u8,
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  bufferId: u32,
  outPort: u32,
  outGroup: u32,
  flags: u16,
  importance: u16,
});

export interface FlowMod extends Omit<Fixed<typeof BODY>, 'command'> {
  readonly type: 'OFPT_FLOW_MOD';
  readonly command: FlowModCommand;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

/** What a flow-mod says when it says nothing: no timeouts, no buffer, no filter. */
export const FLOW_MOD_DEFAULTS = {
  cookie: 0n,
  cookieMask: 0n,
  idleTimeout: 0,
  hardTimeout: 0,
  bufferId: OFP_NO_BUFFER,
  outPort: OFPP.ANY,
  outGroup: OFPG.ANY,
  flags: 0,
  importance: 0,
} as const;

export const flowMod = defineMessage<FlowMod>({
  type: 'OFPT_FLOW_MOD',
  code: OFPT_FLOW_MOD,
  encode: (writer, message) => {
    BODY.write(writer, { ...message, command: COMMAND.code(message.command) });
    encodeMatch(writer, message.match);
    encodeInstructions(writer, message.instructions);
  },
  decode: (reader) => {
    const fixed = BODY.read(reader);
    const command = COMMAND.name(fixed.command, reader);
    const match = decodeMatch(reader);
    const instructions = decodeInstructions(reader, reader.remaining);
    return { type: 'OFPT_FLOW_MOD', ...fixed, command, match, instructions };
  },
});

/** A flow-mod whose variable parts are wire bytes: `matchBytes()` and `instructionBytes()`. */
export interface RawFlowMod {
  readonly command: FlowModCommand;
  readonly tableId: number;
  readonly cookie: bigint;
  /** Restricts a change or deletion to cookies that agree in these bits (default 0: any). */
  readonly cookieMask?: bigint;
  readonly priority: number;
  readonly match: Buffer;
  readonly instructions: Buffer;
  /** `OFPFF` bits (default 0). */
  readonly flags?: number;
}

/** Where the match begins. */
export const FLOW_MOD_MATCH_AT = HEADER_SIZE + BODY.size;

/** The bytes before the match, with every default in place. */
const RAW_PREFIX = rawPrefix();

const LENGTH_AT = 2;
const XID_AT = 4;
const COOKIE_AT = HEADER_SIZE + BODY.offsetOf('cookie');
const COOKIE_MASK_AT = HEADER_SIZE + BODY.offsetOf('cookieMask');
const TABLE_AT = HEADER_SIZE + BODY.offsetOf('tableId');
const COMMAND_AT = HEADER_SIZE + BODY.offsetOf('command');
const PRIORITY_AT = HEADER_SIZE + BODY.offsetOf('priority');
const FLAGS_AT = HEADER_SIZE + BODY.offsetOf('flags');
const NO_BYTES = Buffer.alloc(0);

/** Encodes one flow-mod around bytes that exist already; less than a microsecond. */
export function encodeFlowMod(flow: RawFlowMod, xid: number): Buffer {
  const { match, instructions } = flow;
  const length = FLOW_MOD_MATCH_AT + match.length + instructions.length;
  const bytes = Buffer.allocUnsafe(length);
  bytes.set(RAW_PREFIX);
  bytes.writeUInt16BE(length, LENGTH_AT);
  bytes.writeUInt32BE(xid, XID_AT);
  bytes.writeBigUInt64BE(flow.cookie, COOKIE_AT);
  if (flow.cookieMask !== undefined) bytes.writeBigUInt64BE(flow.cookieMask, COOKIE_MASK_AT);
  bytes[TABLE_AT] = flow.tableId;
  bytes[COMMAND_AT] = COMMAND.code(flow.command);
  bytes.writeUInt16BE(flow.priority, PRIORITY_AT);
  if (flow.flags !== undefined) bytes.writeUInt16BE(flow.flags, FLAGS_AT);
  bytes.set(match, FLOW_MOD_MATCH_AT);
  bytes.set(instructions, FLOW_MOD_MATCH_AT + match.length);
  return bytes;
}

/**
 * What stands before the match in many flow-mods, of which only table and priority differ; `begin`
 * writes it, the caller what follows, `finish` the length.
 */
export function flowModHead(command: FlowModCommand, cookie: bigint, flags: number): Buffer {
  const parts = { match: NO_BYTES, instructions: NO_BYTES };
  return encodeFlowMod({ command, tableId: 0, cookie, priority: 0, flags, ...parts }, 0);
}

/** Returns where the message begins, for `finishFlowMod`. */
export function beginFlowMod(
  writer: Writer,
  head: Buffer,
  tableId: number,
  priority: number,
): number {
  const start = writer.length;
  writer.bytes(head);
  writer.patchU8(start + TABLE_AT, tableId);
  writer.patchU16(start + PRIORITY_AT, priority);
  return start;
}

export function finishFlowMod(writer: Writer, start: number): void {
  writer.patchU16(start + LENGTH_AT, writer.length - start);
}

function rawPrefix(): Buffer {
  const writer = new Writer(FLOW_MOD_MATCH_AT);
  writer.u8(OFP_VERSION);
  writer.u8(OFPT_FLOW_MOD);
  writer.zero(HEADER_SIZE - 2);
  BODY.write(writer, { ...FLOW_MOD_DEFAULTS, tableId: 0, command: 0, priority: 0 });
  return writer.take();
}
