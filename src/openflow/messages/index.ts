/**
 * The registry of messages: `encodeMessage` and `decodeMessage` look the row up and write or read
 * the header that all messages share (OpenFlow 1.5.1 §7.1.1).
 *
 *      0         1        2          4              8
 *     +---------+--------+----------+--------------+-----------
 *     | version |  type  |  length  |     xid      |  body …
 *     +---------+--------+----------+--------------+-----------
 */
import { assert } from '../../lib/assert.ts';
import { OFP_VERSION } from '../constants.ts';
import { DecodeError, Reader, Writer } from '../wire/index.ts';
import * as asynchronous from './async.ts';
import * as barrier from './barrier.ts';
import * as bundle from './bundle.ts';
import * as config from './config.ts';
import { MESSAGE_SIZE_MAX, type MessageRow } from './define.ts';
import * as echo from './echo.ts';
import { type ErrorMessage, error } from './error.ts';
import * as features from './features.ts';
import { type FlowMod, flowMod } from './flow-mod.ts';
import { type FlowRemoved, flowRemoved } from './flow-removed.ts';
import { type GroupMod, groupMod } from './group-mod.ts';
import { type Hello, hello } from './hello.ts';
import { type MeterMod, meterMod } from './meter-mod.ts';
import {
  type MultipartReply,
  type MultipartRequest,
  multipartReply,
  multipartRequest,
} from './multipart/index.ts';
import * as nicira from './nicira.ts';
import { type PacketIn, packetIn } from './packet-in.ts';
import { type PacketIn2, packetIn2 } from './packet-in2.ts';
import { type PacketOut, packetOut } from './packet-out.ts';
import { type PortStatus, portStatus } from './port-status.ts';
import * as role from './role.ts';

export { type Bucket, bucketBytes, bucketId, decodeBucket, OFPG_BUCKET } from './bucket.ts';
export { BUNDLE_MEMBER_SIZE_MAX, encodeBundleAdd, OFPBF } from './bundle.ts';
export { type BundleFrames, encodeBundle, encodeKnownBundle } from './bundle-frames.ts';
export {
  beginFlowMod,
  encodeFlowMod,
  FLOW_MOD_DEFAULTS,
  FLOW_MOD_MATCH_AT,
  type FlowModCommand,
  finishFlowMod,
  flowModHead,
  OFPFF,
  type RawFlowMod,
} from './flow-mod.ts';
export { formOf } from './form.ts';
export {
  encodeGroup,
  encodeGroupMod,
  GROUP_BUCKETS_SIZE_MAX,
  type GroupModCommand,
  type GroupType,
  type RawGroupMod,
} from './group-mod.ts';
export { bandBytes, decodeBands, type MeterBand } from './meter-band.ts';
export { OFPMF } from './meter-mod.ts';
export { FlowDesc } from './multipart/flow-desc.ts';
export { ALL_FLOWS } from './multipart/flow-request.ts';
export { bucketsOf, type GroupDesc } from './multipart/group-desc.ts';
export {
  type KnownMultipartReply,
  type KnownMultipartRequest,
  MULTIPARTS,
  UNIMPLEMENTED_MULTIPARTS,
} from './multipart/index.ts';
export { type MeterConfig, OFPM_ALL } from './multipart/meter-config.ts';
export type { TableStats } from './multipart/table-stats.ts';
export { NXPIF } from './nicira.ts';
export type { Duration, FlowStats } from './oxs.ts';
export type { Port } from './port.ts';
export type { Role } from './role.ts';
export type {
  ErrorMessage,
  FlowMod,
  FlowRemoved,
  GroupMod,
  Hello,
  MeterMod,
  MultipartReply,
  MultipartRequest,
  PacketIn,
  PacketIn2,
  PacketOut,
  PortStatus,
};
export type FeaturesReply = features.FeaturesReply;
export type RoleStatus = role.RoleStatus;
export type BundleControl = bundle.BundleControl;

/** A message of a type that has no row here: everything after its header. */
export interface UnknownMessage {
  readonly type: 'unknown';
  /** `OFPT_*` number. */
  readonly code: number;
  readonly bytes: Buffer;
}

export type Message =
  | Hello
  | ErrorMessage
  | echo.EchoRequest
  | echo.EchoReply
  | features.FeaturesRequest
  | features.FeaturesReply
  | config.GetConfigRequest
  | config.GetConfigReply
  | config.SetConfig
  | PacketIn
  | FlowRemoved
  | PortStatus
  | PacketOut
  | FlowMod
  | GroupMod
  | MultipartRequest
  | MultipartReply
  | barrier.BarrierRequest
  | barrier.BarrierReply
  | role.RoleRequest
  | role.RoleReply
  | role.RoleStatus
  | asynchronous.GetAsyncRequest
  | asynchronous.GetAsyncReply
  | asynchronous.SetAsync
  | MeterMod
  | bundle.BundleControl
  | bundle.BundleAdd
  | nicira.SetPacketInFormat
  | nicira.SetControllerId
  | nicira.CtFlushZone
  | PacketIn2
  | UnknownMessage;

type KnownMessage = Exclude<Message, UnknownMessage>;

/** Every message that has a codec; `tools/docgen` lists them. */
export const MESSAGES = [
  hello,
  error,
  echo.echoRequest,
  echo.echoReply,
  features.featuresRequest,
  features.featuresReply,
  config.getConfigRequest,
  config.getConfigReply,
  config.setConfig,
  packetIn,
  flowRemoved,
  portStatus,
  packetOut,
  flowMod,
  groupMod,
  multipartRequest,
  multipartReply,
  barrier.barrierRequest,
  barrier.barrierReply,
  role.roleRequest,
  role.roleReply,
  asynchronous.getAsyncRequest,
  asynchronous.getAsyncReply,
  asynchronous.setAsync,
  meterMod,
  role.roleStatus,
  bundle.bundleControl,
  bundle.bundleAdd,
  nicira.setPacketInFormat,
  nicira.setControllerId,
  nicira.ctFlushZone,
  packetIn2,
] as const;

/** Types of OpenFlow 1.5 that nothing here needs: they survive as `unknown`. */
export const UNIMPLEMENTED_MESSAGES: Readonly<Record<number, string>> = {
  16: 'OFPT_PORT_MOD',
  17: 'OFPT_TABLE_MOD',
  31: 'OFPT_TABLE_STATUS',
  32: 'OFPT_REQUESTFORWARD',
  35: 'OFPT_CONTROLLER_STATUS',
};

export interface Decoded {
  readonly xid: number;
  readonly message: Message;
}

type Row = MessageRow<KnownMessage>;

const OFPT_HELLO = 0;
const OFPT_ERROR = 1;
const OFPT_EXPERIMENTER = 4;
/** Experimenter id and type. */
const EXPERIMENTER_SIZE = 8;

const ROWS = MESSAGES as readonly unknown[] as readonly Row[];
const BY_TYPE = new Map<string, Row>(ROWS.map((row) => [row.type, row]));
const BY_CODE = new Map(ROWS.map((row) => [rowKey(row.experimenter, row.code), row]));

/** Memory that `encodeMessage` uses again for every message. */
const scratch = new Writer(4096);

/** The bytes of a message. A message that does not fit 64 KiB is a bug of ours. */
export function encodeMessage(message: Message, xid: number): Buffer {
  const writer = scratch;
  writer.clear();
  const row = message.type === 'unknown' ? undefined : BY_TYPE.get(message.type);
  writer.u8(OFP_VERSION);
  writer.u8(message.type === 'unknown' ? message.code : wireType(row));
  writer.u16(0);
  writer.u32(xid);
  if (message.type === 'unknown') writer.bytes(message.bytes);
  else if (row !== undefined) encodeBody(writer, row, message);
  assert(writer.length <= MESSAGE_SIZE_MAX, `${message.type} fits one message`);
  writer.patchU16(2, writer.length);
  return writer.take();
}

/**
 * Reads one whole message. Throws DecodeError when `bytes` is not exactly one message, is of
 * another version (a hello or an error may be, before the versions are agreed), or lies inside.
 */
export function decodeMessage(bytes: Buffer): Decoded {
  const reader = new Reader(bytes);
  const version = reader.u8();
  const code = reader.u8();
  if (version !== OFP_VERSION && code !== OFPT_HELLO && code !== OFPT_ERROR) {
    throw new DecodeError(0, `version ${OFP_VERSION}`, version);
  }
  const length = reader.u16();
  if (length !== bytes.length) throw new DecodeError(2, `length ${bytes.length}`, length);
  const xid = reader.u32();
  return { xid, message: decodeBody(reader, code) };
}

/** What to call a message in a log: its name, or its number when it has none here. */
export function messageName(message: Message): string {
  if (message.type !== 'unknown') return message.type;
  return UNIMPLEMENTED_MESSAGES[message.code] ?? `OFPT ${message.code}`;
}

function wireType(row: Row | undefined): number {
  assert(row !== undefined, 'a message has a row');
  return row.experimenter === undefined ? row.code : OFPT_EXPERIMENTER;
}

function encodeBody(writer: Writer, row: Row, message: KnownMessage): void {
  if (row.experimenter !== undefined) {
    writer.u32(row.experimenter);
    writer.u32(row.code);
  }
  row.encode(writer, message);
}

function decodeBody(reader: Reader, code: number): Message {
  const row = code === OFPT_EXPERIMENTER ? experimenterRow(reader) : BY_CODE.get(`${code}`);
  if (row === undefined) return { type: 'unknown', code, bytes: reader.bytes(reader.remaining) };
  return row.decode(reader);
}

/** The row of an experimenter's message, its header read; or undefined with nothing read. */
function experimenterRow(reader: Reader): Row | undefined {
  const start = reader.offset;
  if (reader.remaining < EXPERIMENTER_SIZE) return undefined;
  const row = BY_CODE.get(rowKey(reader.u32(), reader.u32()));
  if (row === undefined) reader.offset = start;
  return row;
}

function rowKey(experimenter: number | undefined, code: number): string {
  return experimenter === undefined ? `${code}` : `${experimenter}:${code}`;
}
