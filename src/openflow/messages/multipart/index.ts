/**
 * OFPT_MULTIPART_REQUEST and _REPLY and the registry of their kinds. A kind without a row survives
 * as `unknown` with its bytes.
 */
import type { Reader, Writer } from '../../wire/index.ts';
import { defineMessage, type MessageRow } from '../define.ts';
import { type AggregateReply, type AggregateRequest, aggregate } from './aggregate.ts';
import type { Codec } from './define.ts';
import { type DescReply, type DescRequest, desc } from './desc.ts';
import { type FlowDescReply, type FlowDescRequest, flowDesc } from './flow-desc.ts';
import { type GroupDescReply, type GroupDescRequest, groupDesc } from './group-desc.ts';
import { type MeterConfigReply, type MeterConfigRequest, meterConfig } from './meter-config.ts';
import { type PortDescReply, type PortDescRequest, portDesc } from './port-desc.ts';
import { type TableStatsReply, type TableStatsRequest, tableStats } from './table-stats.ts';

export interface UnknownMultipart {
  readonly type: 'unknown';
  readonly code: number;
  readonly bytes: Buffer;
}

export type KnownMultipartRequest =
  | DescRequest
  | FlowDescRequest
  | AggregateRequest
  | TableStatsRequest
  | GroupDescRequest
  | MeterConfigRequest
  | PortDescRequest;

export type KnownMultipartReply =
  | DescReply
  | FlowDescReply
  | AggregateReply
  | TableStatsReply
  | GroupDescReply
  | MeterConfigReply
  | PortDescReply;

export interface MultipartRequest {
  readonly type: 'OFPT_MULTIPART_REQUEST';
  /** Whether another part of the same request follows. */
  readonly more: boolean;
  readonly body: KnownMultipartRequest | UnknownMultipart;
}

export interface MultipartReply {
  readonly type: 'OFPT_MULTIPART_REPLY';
  /** Whether another part of the same reply follows. */
  readonly more: boolean;
  readonly body: KnownMultipartReply | UnknownMultipart;
}

interface Body {
  readonly type: string;
}

interface Row {
  readonly type: string;
  readonly code: number;
  readonly request: Codec<Body>;
  readonly reply: Codec<Body>;
}

export const MULTIPARTS = [
  desc,
  flowDesc,
  aggregate,
  tableStats,
  groupDesc,
  meterConfig,
  portDesc,
] as const;

/** Kinds of OpenFlow 1.5 that nothing here needs; their bytes are kept. */
export const UNIMPLEMENTED_MULTIPARTS: Readonly<Record<number, string>> = {
  4: 'OFPMP_PORT_STATS',
  5: 'OFPMP_QUEUE_STATS',
  6: 'OFPMP_GROUP_STATS',
  8: 'OFPMP_GROUP_FEATURES',
  9: 'OFPMP_METER_STATS',
  11: 'OFPMP_METER_FEATURES',
  12: 'OFPMP_TABLE_FEATURES',
  14: 'OFPMP_TABLE_DESC',
  15: 'OFPMP_QUEUE_DESC',
  16: 'OFPMP_FLOW_MONITOR',
  17: 'OFPMP_FLOW_STATS',
  18: 'OFPMP_CONTROLLER_STATUS',
  19: 'OFPMP_BUNDLE_FEATURES',
  0xffff: 'OFPMP_EXPERIMENTER',
};

const ROWS = MULTIPARTS as readonly unknown[] as readonly Row[];
const BY_TYPE = new Map(ROWS.map((row) => [row.type, row]));
const BY_CODE = new Map(ROWS.map((row) => [row.code, row]));
const MORE = 1;
const PADDING = 4;

export const multipartRequest = defineEnvelope<MultipartRequest>(
  'OFPT_MULTIPART_REQUEST',
  18,
  (row) => row.request,
);

export const multipartReply = defineEnvelope<MultipartReply>(
  'OFPT_MULTIPART_REPLY',
  19,
  (row) => row.reply,
);

function defineEnvelope<M extends MultipartRequest | MultipartReply>(
  type: M['type'],
  code: number,
  codecOf: (row: Row) => Codec<Body>,
): MessageRow<M> {
  return defineMessage<M>({
    type,
    code,
    encode: (writer, message) => encodeEnvelope(writer, message, codecOf),
    decode: (reader) => {
      const kind = reader.u16();
      const more = (reader.u16() & MORE) !== 0;
      reader.skip(PADDING);
      return { type, more, body: decodeBody(reader, kind, codecOf) } as M;
    },
  });
}

function encodeEnvelope(
  writer: Writer,
  message: MultipartRequest | MultipartReply,
  codecOf: (row: Row) => Codec<Body>,
): void {
  const { body, more } = message;
  const row = BY_TYPE.get(body.type);
  writer.u16(body.type === 'unknown' ? body.code : (row?.code ?? 0));
  writer.u16(more ? MORE : 0);
  writer.zero(PADDING);
  if (body.type === 'unknown') writer.bytes(body.bytes);
  else if (row !== undefined) codecOf(row).encode(writer, body);
}

function decodeBody(reader: Reader, code: number, codecOf: (row: Row) => Codec<Body>): Body {
  const row = BY_CODE.get(code);
  if (row !== undefined) return codecOf(row).decode(reader);
  const unknown = { type: 'unknown', code, bytes: reader.bytes(reader.remaining) };
  return unknown;
}
