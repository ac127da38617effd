/**
 * Every error code that a switch may send: number, name, what it means, whether trying again can
 * help (OpenFlow 1.5.1 §7.5.4; Open vSwitch's own from ovs-ofctl's ofp-errors).
 */
import { EXPERIMENTER } from './constants.ts';

export interface ErrorRow {
  readonly code: number;
  /** The specification's name. */
  readonly name: string;
  readonly text: string;
  /** The same request may succeed later. */
  readonly retriable: boolean;
}

/** The numbers of an OFPT_ERROR. */
export interface ErrorNumbers {
  readonly errorType: number;
  readonly code: number;
  readonly experimenter?: number;
}

const OFPET_EXPERIMENTER = 0xffff;

type Row = readonly [code: number, name: string, text: string, retriable?: true];

export interface ErrorType {
  readonly errorType: number;
  readonly name: string;
  readonly codes: readonly ErrorRow[];
}

const HELLO_FAILED: readonly Row[] = [
  [0, 'OFPHFC_INCOMPATIBLE', 'no version in common'],
  [1, 'OFPHFC_EPERM', 'the peer may not connect'],
];

const BAD_REQUEST: readonly Row[] = [
  [0, 'OFPBRC_BAD_VERSION', 'version not supported'],
  [1, 'OFPBRC_BAD_TYPE', 'message type not supported'],
  [2, 'OFPBRC_BAD_MULTIPART', 'multipart type not supported'],
  [3, 'OFPBRC_BAD_EXPERIMENTER', 'experimenter not supported'],
  [4, 'OFPBRC_BAD_EXP_TYPE', 'type of the experimenter not supported'],
  [5, 'OFPBRC_EPERM', 'not permitted'],
  [6, 'OFPBRC_BAD_LEN', 'wrong length for the type'],
  [7, 'OFPBRC_BUFFER_EMPTY', 'the buffered packet has been used already'],
  [8, 'OFPBRC_BUFFER_UNKNOWN', 'there is no such buffer'],
  [9, 'OFPBRC_BAD_TABLE_ID', 'there is no such table'],
  [10, 'OFPBRC_IS_SLAVE', 'the controller has the slave role, which may only read'],
  [11, 'OFPBRC_BAD_PORT', 'invalid or missing port'],
  [12, 'OFPBRC_BAD_PACKET', 'invalid packet in a packet-out'],
  [13, 'OFPBRC_MULTIPART_BUFFER_OVERFLOW', 'a multipart request is too long', true],
  [14, 'OFPBRC_MULTIPART_REQUEST_TIMEOUT', 'a multipart request took too long', true],
  [15, 'OFPBRC_MULTIPART_REPLY_TIMEOUT', 'a multipart reply took too long', true],
  [16, 'OFPBRC_MULTIPART_BAD_SCHED', 'the scheduling tolerance could not be changed'],
  [17, 'OFPBRC_PIPELINE_FIELDS_ONLY', 'a match may hold only pipeline fields here'],
  [18, 'OFPBRC_UNKNOWN', 'unspecified'],
];

const BAD_ACTION: readonly Row[] = [
  [0, 'OFPBAC_BAD_TYPE', 'action not supported'],
  [1, 'OFPBAC_BAD_LEN', 'wrong length of an action'],
  [2, 'OFPBAC_BAD_EXPERIMENTER', 'experimenter of an action not supported'],
  [3, 'OFPBAC_BAD_EXP_TYPE', 'action of the experimenter not supported'],
  [4, 'OFPBAC_BAD_OUT_PORT', 'invalid output port'],
  [5, 'OFPBAC_BAD_ARGUMENT', 'bad argument of an action'],
  [6, 'OFPBAC_EPERM', 'not permitted'],
  [7, 'OFPBAC_TOO_MANY', 'too many actions'],
  [8, 'OFPBAC_BAD_QUEUE', 'invalid output queue'],
  [9, 'OFPBAC_BAD_OUT_GROUP', 'there is no such group'],
  [10, 'OFPBAC_MATCH_INCONSISTENT', 'the match lacks a prerequisite of the action'],
  [11, 'OFPBAC_UNSUPPORTED_ORDER', 'actions in this order are not supported'],
  [12, 'OFPBAC_BAD_TAG', 'tag not supported'],
  [13, 'OFPBAC_BAD_SET_TYPE', 'field to be set not supported'],
  [14, 'OFPBAC_BAD_SET_LEN', 'the action reaches past the end of a field'],
  [15, 'OFPBAC_BAD_SET_ARGUMENT', 'value of a field to be set not supported'],
  [16, 'OFPBAC_BAD_SET_MASK', 'a mask is not allowed here'],
  [17, 'OFPBAC_BAD_METER', 'there is no such meter'],
];

const BAD_INSTRUCTION: readonly Row[] = [
  [0, 'OFPBIC_UNKNOWN_INST', 'instruction unknown'],
  [1, 'OFPBIC_UNSUP_INST', 'instruction not supported by the table'],
  [2, 'OFPBIC_BAD_TABLE_ID', 'there is no such table, or it lies behind'],
  [3, 'OFPBIC_UNSUP_METADATA', 'metadata value not supported'],
  [4, 'OFPBIC_UNSUP_METADATA_MASK', 'metadata mask not supported'],
  [5, 'OFPBIC_BAD_EXPERIMENTER', 'experimenter of an instruction not supported'],
  [6, 'OFPBIC_BAD_EXP_TYPE', 'instruction of the experimenter not supported'],
  [7, 'OFPBIC_BAD_LEN', 'wrong length of an instruction'],
  [8, 'OFPBIC_EPERM', 'not permitted'],
  [9, 'OFPBIC_DUP_INST', 'an instruction occurs twice'],
];

const BAD_MATCH: readonly Row[] = [
  [0, 'OFPBMC_BAD_TYPE', 'kind of match not supported'],
  [1, 'OFPBMC_BAD_LEN', 'wrong length of the match'],
  [2, 'OFPBMC_BAD_TAG', 'tag not supported'],
  [3, 'OFPBMC_BAD_DL_ADDR_MASK', 'mask of an Ethernet address not supported'],
  [4, 'OFPBMC_BAD_NW_ADDR_MASK', 'mask of a network address not supported'],
  [5, 'OFPBMC_BAD_WILDCARDS', 'combination of fields left out not supported'],
  [6, 'OFPBMC_BAD_FIELD', 'field not supported'],
  [7, 'OFPBMC_BAD_VALUE', 'value of a field not supported'],
  [8, 'OFPBMC_BAD_MASK', 'mask of a field not supported'],
  [9, 'OFPBMC_BAD_PREREQ', 'a field lacks its prerequisite'],
  [10, 'OFPBMC_DUP_FIELD', 'a field occurs twice'],
  [11, 'OFPBMC_EPERM', 'not permitted'],
];

const FLOW_MOD_FAILED: readonly Row[] = [
  [0, 'OFPFMFC_UNKNOWN', 'unspecified'],
  [1, 'OFPFMFC_TABLE_FULL', 'the flow table is full', true],
  [2, 'OFPFMFC_BAD_TABLE_ID', 'there is no such table'],
  [3, 'OFPFMFC_OVERLAP', 'the flow overlaps another'],
  [4, 'OFPFMFC_EPERM', 'not permitted'],
  [5, 'OFPFMFC_BAD_TIMEOUT', 'timeout not supported'],
  [6, 'OFPFMFC_BAD_COMMAND', 'command unknown'],
  [7, 'OFPFMFC_BAD_FLAGS', 'flags not supported'],
  [8, 'OFPFMFC_CANT_SYNC', 'tables cannot be kept in step'],
  [9, 'OFPFMFC_BAD_PRIORITY', 'priority not supported'],
  [10, 'OFPFMFC_IS_SYNC', 'the flow follows that of another table and is read-only'],
];

const GROUP_MOD_FAILED: readonly Row[] = [
  [0, 'OFPGMFC_GROUP_EXISTS', 'the group exists already'],
  [1, 'OFPGMFC_INVALID_GROUP', 'the group is invalid'],
  [2, 'OFPGMFC_WEIGHT_UNSUPPORTED', 'weights of buckets not supported'],
  [3, 'OFPGMFC_OUT_OF_GROUPS', 'the group table is full', true],
  [4, 'OFPGMFC_OUT_OF_BUCKETS', 'too many buckets'],
  [5, 'OFPGMFC_CHAINING_UNSUPPORTED', 'groups in groups not supported'],
  [6, 'OFPGMFC_WATCH_UNSUPPORTED', 'what to watch is not supported'],
  [7, 'OFPGMFC_LOOP', 'the group would contain itself'],
  [8, 'OFPGMFC_UNKNOWN_GROUP', 'there is no such group'],
  [9, 'OFPGMFC_CHAINED_GROUP', 'another group uses the group'],
  [10, 'OFPGMFC_BAD_TYPE', 'type of group unknown'],
  [11, 'OFPGMFC_BAD_COMMAND', 'command unknown'],
  [12, 'OFPGMFC_BAD_BUCKET', 'error in a bucket'],
  [13, 'OFPGMFC_BAD_WATCH', 'error in what to watch'],
  [14, 'OFPGMFC_EPERM', 'not permitted'],
  [15, 'OFPGMFC_UNKNOWN_BUCKET', 'there is no such bucket'],
  [16, 'OFPGMFC_BUCKET_EXISTS', 'the bucket exists already'],
];

const PORT_MOD_FAILED: readonly Row[] = [
  [0, 'OFPPMFC_BAD_PORT', 'there is no such port'],
  [1, 'OFPPMFC_BAD_HW_ADDR', 'the hardware address is not that of the port'],
  [2, 'OFPPMFC_BAD_CONFIG', 'configuration not supported'],
  [3, 'OFPPMFC_BAD_ADVERTISE', 'advertisement not supported'],
  [4, 'OFPPMFC_EPERM', 'not permitted'],
];

const TABLE_MOD_FAILED: readonly Row[] = [
  [0, 'OFPTMFC_BAD_TABLE', 'there is no such table'],
  [1, 'OFPTMFC_BAD_CONFIG', 'configuration not supported'],
  [2, 'OFPTMFC_EPERM', 'not permitted'],
];

const QUEUE_OP_FAILED: readonly Row[] = [
  [0, 'OFPQOFC_BAD_PORT', 'there is no such port'],
  [1, 'OFPQOFC_BAD_QUEUE', 'there is no such queue'],
  [2, 'OFPQOFC_EPERM', 'not permitted'],
];

const SWITCH_CONFIG_FAILED: readonly Row[] = [
  [0, 'OFPSCFC_BAD_FLAGS', 'flags not supported'],
  [1, 'OFPSCFC_BAD_LEN', 'packet length not supported'],
  [2, 'OFPSCFC_EPERM', 'not permitted'],
];

const ROLE_REQUEST_FAILED: readonly Row[] = [
  [0, 'OFPRRFC_STALE', 'the generation id is older than one seen before'],
  [1, 'OFPRRFC_UNSUP', 'changing roles not supported'],
  [2, 'OFPRRFC_BAD_ROLE', 'role unknown'],
  [3, 'OFPRRFC_ID_UNSUP', 'changing ids not supported'],
  [4, 'OFPRRFC_ID_IN_USE', 'the id is in use'],
];

const METER_MOD_FAILED: readonly Row[] = [
  [0, 'OFPMMFC_UNKNOWN', 'unspecified'],
  [1, 'OFPMMFC_METER_EXISTS', 'the meter exists already'],
  [2, 'OFPMMFC_INVALID_METER', 'the meter is invalid'],
  [3, 'OFPMMFC_UNKNOWN_METER', 'there is no such meter'],
  [4, 'OFPMMFC_BAD_COMMAND', 'command unknown'],
  [5, 'OFPMMFC_BAD_FLAGS', 'flags not supported'],
  [6, 'OFPMMFC_BAD_RATE', 'rate not supported'],
  [7, 'OFPMMFC_BAD_BURST', 'burst size not supported'],
  [8, 'OFPMMFC_BAD_BAND', 'kind of band not supported'],
  [9, 'OFPMMFC_BAD_BAND_VALUE', 'value of a band not supported'],
  [10, 'OFPMMFC_OUT_OF_METERS', 'no more meters', true],
  [11, 'OFPMMFC_OUT_OF_BANDS', 'too many bands'],
];

const TABLE_FEATURES_FAILED: readonly Row[] = [
  [0, 'OFPTFFC_BAD_TABLE', 'there is no such table'],
  [1, 'OFPTFFC_BAD_METADATA', 'metadata mask not supported'],
  [5, 'OFPTFFC_EPERM', 'not permitted'],
  [6, 'OFPTFFC_BAD_CAPA', 'capability not supported'],
  [7, 'OFPTFFC_BAD_MAX_ENT', 'number of entries not supported'],
  [8, 'OFPTFFC_BAD_FEATURES', 'feature not supported'],
  [9, 'OFPTFFC_BAD_COMMAND', 'command unknown'],
  [10, 'OFPTFFC_TOO_MANY', 'too many tables'],
];

const BAD_PROPERTY: readonly Row[] = [
  [0, 'OFPBPC_BAD_TYPE', 'property not supported'],
  [1, 'OFPBPC_BAD_LEN', 'wrong length of a property'],
  [2, 'OFPBPC_BAD_VALUE', 'value of a property not supported'],
  [3, 'OFPBPC_TOO_MANY', 'too many properties'],
  [4, 'OFPBPC_DUP_TYPE', 'a property occurs twice'],
  [5, 'OFPBPC_BAD_EXPERIMENTER', 'experimenter of a property not supported'],
  [6, 'OFPBPC_BAD_EXP_TYPE', 'property of the experimenter not supported'],
  [7, 'OFPBPC_BAD_EXP_VALUE', 'value of an experimenter not supported'],
  [8, 'OFPBPC_EPERM', 'not permitted'],
];

const ASYNC_CONFIG_FAILED: readonly Row[] = [
  [0, 'OFPACFC_INVALID', 'a mask is invalid'],
  [1, 'OFPACFC_UNSUPPORTED', 'configuration not supported'],
  [2, 'OFPACFC_EPERM', 'not permitted'],
];

const FLOW_MONITOR_FAILED: readonly Row[] = [
  [0, 'OFPMOFC_UNKNOWN', 'unspecified'],
  [1, 'OFPMOFC_MONITOR_EXISTS', 'the monitor exists already'],
  [2, 'OFPMOFC_INVALID_MONITOR', 'the monitor is invalid'],
  [3, 'OFPMOFC_UNKNOWN_MONITOR', 'there is no such monitor'],
  [4, 'OFPMOFC_BAD_COMMAND', 'command unknown'],
  [5, 'OFPMOFC_BAD_FLAGS', 'flags not supported'],
  [6, 'OFPMOFC_BAD_TABLE_ID', 'there is no such table'],
  [7, 'OFPMOFC_BAD_OUT', 'error in the output port or group'],
];

const BUNDLE_FAILED: readonly Row[] = [
  [0, 'OFPBFC_UNKNOWN', 'unspecified'],
  [1, 'OFPBFC_EPERM', 'not permitted'],
  [2, 'OFPBFC_BAD_ID', 'there is no such bundle'],
  [3, 'OFPBFC_BUNDLE_EXIST', 'the bundle exists already'],
  [4, 'OFPBFC_BUNDLE_CLOSED', 'the bundle is closed'],
  [5, 'OFPBFC_OUT_OF_BUNDLES', 'too many bundles', true],
  [6, 'OFPBFC_BAD_TYPE', 'control message unknown'],
  [7, 'OFPBFC_BAD_FLAGS', 'flags not supported, or not those of the bundle'],
  [8, 'OFPBFC_MSG_BAD_LEN', 'wrong length of an added message'],
  [9, 'OFPBFC_MSG_BAD_XID', 'the xid is not that of the added message'],
  [10, 'OFPBFC_MSG_UNSUP', 'a message of this type cannot be added'],
  [11, 'OFPBFC_MSG_CONFLICT', 'messages that cannot be in one bundle'],
  [12, 'OFPBFC_MSG_TOO_MANY', 'too many messages in the bundle', true],
  [13, 'OFPBFC_MSG_FAILED', 'a message of the bundle failed'],
  [14, 'OFPBFC_TIMEOUT', 'the bundle took too long', true],
  [15, 'OFPBFC_BUNDLE_IN_PROGRESS', 'a bundle holds the resource', true],
  [16, 'OFPBFC_SCHED_NOT_SUPPORTED', 'commits at a later time not supported'],
  [17, 'OFPBFC_SCHED_FUTURE', 'the time of the commit is too far ahead'],
  [18, 'OFPBFC_SCHED_PAST', 'the time of the commit is too long ago'],
];

/** Nicira's codes, which have no type: they come as experimenters' errors. */
const NICIRA: readonly Row[] = [
  [2, 'NXBRC_NXM_INVALID', 'invalid fields of a match'],
  [3, 'NXBRC_NXM_BAD_TYPE', 'field, its mask or its length not supported'],
  [4, 'NXBRC_MUST_BE_ZERO', 'what must be zero is not'],
  [5, 'NXBRC_BAD_REASON', 'reason of a port-status invalid'],
  [9, 'NXBRC_FM_BAD_EVENT', 'event of a flow monitor invalid'],
  [10, 'NXBRC_UNENCODABLE_ERROR', 'an error that this version cannot express'],
  [11, 'NXBAC_MUST_BE_ZERO', 'what must be zero in an action is not'],
  [12, 'NXFMFC_HARDWARE', 'the hardware failed', true],
  [13, 'NXFMFC_BAD_TABLE_ID', 'there is no such table'],
  [15, 'NXBAC_BAD_CONJUNCTION', 'conjunction must stand alone, with 1 <= k <= n and 2 <= n <= 64'],
  [16, 'NXTTMFC_BAD_COMMAND', 'command on the table of tunnel options unknown'],
  [17, 'NXTTMFC_BAD_OPT_LEN', 'length of a tunnel option invalid'],
  [18, 'NXTTMFC_BAD_FIELD_IDX', 'there is no such tun_metadata field'],
  [19, 'NXTTMFC_TABLE_FULL', 'the table of tunnel options is full'],
  [20, 'NXTTMFC_ALREADY_MAPPED', 'the tun_metadata field is in use'],
  [21, 'NXTTMFC_DUP_ENTRY', 'the tunnel option has a field already'],
  [22, 'NXBFC_BAD_VERSION', 'a message added to a bundle has another version'],
  [23, 'NXQOFC_QUEUE_ERROR', 'queues could not be read'],
  [34, 'NXR_NOT_SUPPORTED', 'the datapath cannot resume packets'],
  [35, 'NXR_STALE', 'the packet to be resumed is from before a restart'],
  [36, 'NXST_NOT_CONFIGURED', 'the protocol is not configured'],
  [37, 'NXFMFC_INVALID_TLV_FIELD', 'a field of variable length is invalid'],
  [38, 'NXTTMFC_INVALID_TLV_DEL', 'the tunnel option is used by a flow'],
  [39, 'NXBAC_BAD_HEADER_TYPE', 'packet type to encapsulate not supported'],
  [40, 'NXBAC_UNKNOWN_ED_PROP', 'property of encap or decap unknown'],
  [41, 'NXBAC_BAD_ED_PROP', 'error in a property of encap or decap'],
  [42, 'NXBAC_CT_DATAPATH_SUPPORT', 'the datapath lacks this connection tracking action'],
  [43, 'NXBMC_CT_DATAPATH_SUPPORT', 'the datapath lacks this connection tracking field'],
  [44, 'NXTFFC_DUP_TABLE', 'a table occurs twice'],
];

/** Every type of OpenFlow 1.5 with its codes. */
export const ERROR_TYPES: readonly ErrorType[] = [
  describe(0, 'OFPET_HELLO_FAILED', HELLO_FAILED),
  describe(1, 'OFPET_BAD_REQUEST', BAD_REQUEST),
  describe(2, 'OFPET_BAD_ACTION', BAD_ACTION),
  describe(3, 'OFPET_BAD_INSTRUCTION', BAD_INSTRUCTION),
  describe(4, 'OFPET_BAD_MATCH', BAD_MATCH),
  describe(5, 'OFPET_FLOW_MOD_FAILED', FLOW_MOD_FAILED),
  describe(6, 'OFPET_GROUP_MOD_FAILED', GROUP_MOD_FAILED),
  describe(7, 'OFPET_PORT_MOD_FAILED', PORT_MOD_FAILED),
  describe(8, 'OFPET_TABLE_MOD_FAILED', TABLE_MOD_FAILED),
  describe(9, 'OFPET_QUEUE_OP_FAILED', QUEUE_OP_FAILED),
  describe(10, 'OFPET_SWITCH_CONFIG_FAILED', SWITCH_CONFIG_FAILED),
  describe(11, 'OFPET_ROLE_REQUEST_FAILED', ROLE_REQUEST_FAILED),
  describe(12, 'OFPET_METER_MOD_FAILED', METER_MOD_FAILED),
  describe(13, 'OFPET_TABLE_FEATURES_FAILED', TABLE_FEATURES_FAILED),
  describe(14, 'OFPET_BAD_PROPERTY', BAD_PROPERTY),
  describe(15, 'OFPET_ASYNC_CONFIG_FAILED', ASYNC_CONFIG_FAILED),
  describe(16, 'OFPET_FLOW_MONITOR_FAILED', FLOW_MONITOR_FAILED),
  describe(17, 'OFPET_BUNDLE_FAILED', BUNDLE_FAILED),
];

/** Nicira's errors, which have codes but no types. */
export const NICIRA_ERRORS = describe(OFPET_EXPERIMENTER, 'OFPET_EXPERIMENTER', NICIRA);

const BY_NUMBERS = new Map<string, ErrorRow>(
  [...ERROR_TYPES, NICIRA_ERRORS].flatMap(({ errorType, codes }) =>
    codes.map((row) => [
      key({ errorType, code: row.code, experimenter: EXPERIMENTER.NICIRA }),
      row,
    ]),
  ),
);

/** The row of an error, or undefined for a code that is not listed. */
export function errorRow(error: ErrorNumbers): ErrorRow | undefined {
  return BY_NUMBERS.get(key(error));
}

/** The name of an error; its numbers where it has none here. */
export function errorName(error: ErrorNumbers): string {
  return errorRow(error)?.name ?? `error ${key(error)}`;
}

function describe(errorType: number, name: string, rows: readonly Row[]): ErrorType {
  const codes = rows.map(([code, codeName, text, retriable = false]) => {
    return { code, name: codeName, text, retriable };
  });
  return { errorType, name, codes };
}

function key({ errorType, code, experimenter = 0 }: ErrorNumbers): string {
  if (errorType !== OFPET_EXPERIMENTER) return `${errorType}/${code}`;
  return `experimenter 0x${experimenter.toString(16)}/${code}`;
}
