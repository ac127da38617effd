/**
 * OFPMP_FLOW_DESC: the flows with their counters (§7.3.5.2). Match and instructions are kept as
 * the bytes that came and read only when someone looks, because a dump that is compared with what
 * was sent needs no more than the bytes.
 */
import { type Instruction, instructionBytes, instructionsFromBytes } from '../../instructions.ts';
import { type Match, matchBytes, matchFromBytes } from '../../oxm/index.ts';
import { defineStruct, pad, Reader, u8, u16, u64, type Writer } from '../../wire/index.ts';
import type { Fixed } from '../define.ts';
import { decodeStats, encodeStats, type FlowStats } from '../oxs.ts';
import { defineMultipart, readEntries } from './define.ts';
import { type FlowRequest, flowRequest } from './flow-request.ts';

const TYPE = 'OFPMP_FLOW_DESC';

const ENTRY = defineStruct('ofp_flow_desc', 24, {
  length: u16,
  padding: pad(2),
  tableId: u8,
  padding2: pad(1),
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  flags: u16,
  importance: u16,
  cookie: u64,
});

type FixedPart = Omit<Fixed<typeof ENTRY>, 'length'>;

/** What a switch says of a flow; `rawMatch` and `rawInstructions` are wire bytes. */
export interface FlowDescParts extends FixedPart {
  readonly stats: FlowStats;
  readonly rawMatch: Buffer;
  readonly rawInstructions: Buffer;
}

/** One flow of a dump. */
export class FlowDesc implements FlowDescParts {
  readonly tableId: number;
  readonly priority: number;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly flags: number;
  readonly importance: number;
  readonly cookie: bigint;
  readonly stats: FlowStats;
  /** As the switch wrote them: equal to the canonical bytes of an Open vSwitch that we know. */
  readonly rawMatch: Buffer;
  readonly rawInstructions: Buffer;

  constructor(parts: FlowDescParts) {
    this.tableId = parts.tableId;
    this.priority = parts.priority;
    this.idleTimeout = parts.idleTimeout;
    this.hardTimeout = parts.hardTimeout;
    this.flags = parts.flags;
    this.importance = parts.importance;
    this.cookie = parts.cookie;
    this.stats = parts.stats;
    this.rawMatch = parts.rawMatch;
    this.rawInstructions = parts.rawInstructions;
  }

  get packetCount(): bigint {
    return this.stats.packetCount ?? 0n;
  }

  get byteCount(): bigint {
    return this.stats.byteCount ?? 0n;
  }

  /** Throws DecodeError. */
  get match(): Match {
    return matchFromBytes(this.rawMatch);
  }

  /** Throws DecodeError. */
  get instructions(): Instruction[] {
    return instructionsFromBytes(this.rawInstructions);
  }

  /** Canonical bytes, whatever the switch's own order was. Throws DecodeError. */
  get matchBytes(): Buffer {
    return matchBytes(this.match);
  }

  /** Canonical bytes. Throws DecodeError. */
  get instructionBytes(): Buffer {
    return instructionBytes(this.instructions);
  }
}

export type FlowDescRequest = FlowRequest<typeof TYPE>;

export interface FlowDescReply {
  readonly type: typeof TYPE;
  readonly flows: readonly FlowDesc[];
}

export const flowDesc = defineMultipart<FlowDescRequest, FlowDescReply>({
  type: TYPE,
  code: 1,
  request: flowRequest(TYPE),
  reply: {
    encode: (writer, reply) => {
      for (const flow of reply.flows) encodeEntry(writer, flow);
    },
    decode: (reader) => ({ type: TYPE, flows: readEntries(reader, decodeEntry) }),
  },
});

function encodeEntry(writer: Writer, flow: FlowDescParts): void {
  const start = writer.length;
  ENTRY.write(writer, { ...flow, length: 0 });
  writer.bytes(flow.rawMatch);
  encodeStats(writer, flow.stats);
  writer.bytes(flow.rawInstructions);
  writer.patchU16(start, writer.length - start);
}

function decodeEntry(reader: Reader): FlowDesc {
  const { length, ...fixed } = ENTRY.read(reader);
  if (length < ENTRY.size) throw reader.error('a flow of at least 24 bytes', length);
  const body = reader.window(length - ENTRY.size);
  const rawMatch = readRawMatch(body);
  const stats = decodeStats(body);
  const rawInstructions = body.bytes(body.remaining);
  return new FlowDesc({ ...fixed, stats, rawMatch, rawInstructions });
}

/** The bytes of an `ofp_match` with its padding: its length lies two bytes in. */
function readRawMatch(body: Reader): Buffer {
  const length = new Reader(body.buffer, body.offset, body.end).u32() & 0xffff;
  return body.bytes((length + 7) & ~7);
}
