/**
 * OFPMP_FLOW_DESC: the flows with their counters (§7.3.5.2). Match and instructions are kept as
 * the bytes that came and read only when someone looks, because a dump that is compared with what
 * was sent needs no more than the bytes.
 */
import { type Instruction, instructionBytes, instructionsFromBytes } from '../../instructions.ts';
import { type Match, matchBytes, matchFromBytes } from '../../oxm/index.ts';
import { defineStruct, pad, type Reader, u8, u16, u64, type Writer } from '../../wire/index.ts';
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

interface VariablePart {
  readonly stats: FlowStats;
  /** As the switch wrote them: equal to the canonical bytes of an Open vSwitch that we know. */
  readonly rawMatch: Buffer;
  readonly rawInstructions: Buffer;
}

/** One flow of a dump. */
export class FlowDesc implements FixedPart, VariablePart {
  readonly tableId: number;
  readonly priority: number;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly flags: number;
  readonly importance: number;
  readonly cookie: bigint;
  readonly stats: FlowStats;
  readonly rawMatch: Buffer;
  readonly rawInstructions: Buffer;

  constructor(fixed: FixedPart, variable: VariablePart) {
    this.tableId = fixed.tableId;
    this.priority = fixed.priority;
    this.idleTimeout = fixed.idleTimeout;
    this.hardTimeout = fixed.hardTimeout;
    this.flags = fixed.flags;
    this.importance = fixed.importance;
    this.cookie = fixed.cookie;
    this.stats = variable.stats;
    this.rawMatch = variable.rawMatch;
    this.rawInstructions = variable.rawInstructions;
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

function encodeEntry(writer: Writer, flow: FlowDesc): void {
  const start = writer.length;
  const { tableId, priority, idleTimeout, hardTimeout, flags, importance, cookie } = flow;
  const timeouts = { idleTimeout, hardTimeout };
  ENTRY.write(writer, { length: 0, tableId, priority, ...timeouts, flags, importance, cookie });
  writer.bytes(flow.rawMatch);
  encodeStats(writer, flow.stats);
  writer.bytes(flow.rawInstructions);
  writer.patchU16(start, writer.length - start);
}

/** Runs for every flow of a dump: no copies of objects or bytes that are not needed. */
function decodeEntry(reader: Reader): FlowDesc {
  const fixed = ENTRY.read(reader);
  const { length } = fixed;
  if (length < ENTRY.size) throw reader.error('a flow of at least 24 bytes', length);
  const body = reader.window(length - ENTRY.size);
  const rawMatch = readRawMatch(body);
  const stats = decodeStats(body);
  const rawInstructions = readSlice(body, body.remaining);
  return new FlowDesc(fixed, { stats, rawMatch, rawInstructions });
}

/** The bytes of an `ofp_match` with its padding: its length lies two bytes in. */
function readRawMatch(body: Reader): Buffer {
  const start = body.offset;
  const length = body.u32() & 0xffff;
  body.offset = start;
  return readSlice(body, (length + 7) & ~7);
}

/** A view, not a copy: a dump is compared and then dropped as a whole. */
function readSlice(body: Reader, length: number): Buffer {
  const start = body.offset;
  body.skip(length);
  return body.buffer.subarray(start, start + length);
}
