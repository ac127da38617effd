/**
 * `ofp_stats` (§7.2.4): the counters of flows as OXS fields, each a type-length-value like OXM.
 *
 *      0       2       4                     8
 *     +-------+-------+---------------------+--------
 *     | pad 0 | length| class 0x8002 | f r l | value …      padded to 8 bytes; length without it
 *     +-------+-------+---------------------+--------
 */
import type { Reader, Writer } from '../wire/index.ts';

const OXS_BASIC = 0x8002;
const STATS_HEADER = 4;

/** A time as seconds and nanoseconds beyond them. */
export interface Duration {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Counters; a switch leaves out what it does not count. */
export interface FlowStats {
  /** How long the flow has existed. */
  readonly duration?: Duration;
  /** How long no packet has matched it. */
  readonly idle?: Duration;
  readonly flowCount?: number;
  readonly packetCount?: bigint;
  readonly byteCount?: bigint;
}

interface StatField<V> {
  readonly number: number;
  readonly size: number;
  readonly read: (reader: Reader) => V;
  readonly write: (writer: Writer, value: V) => void;
}

const u64: Omit<StatField<bigint>, 'number'> = {
  size: 8,
  read: (r) => r.u64(),
  write: (w, v) => w.u64(v),
};
const time: Omit<StatField<Duration>, 'number'> = {
  size: 8,
  read: (r) => ({ seconds: r.u32(), nanoseconds: r.u32() }),
  write: (w, v) => {
    w.u32(v.seconds);
    w.u32(v.nanoseconds);
  },
};

/** One row a field, in the order in which Open vSwitch writes them. */
const FIELDS: { readonly [N in keyof FlowStats]-?: StatField<NonNullable<FlowStats[N]>> } = {
  duration: { number: 0, ...time },
  idle: { number: 1, ...time },
  flowCount: { number: 3, size: 4, read: (r) => r.u32(), write: (w, v) => w.u32(v) },
  packetCount: { number: 4, ...u64 },
  byteCount: { number: 5, ...u64 },
};

type AnyField = StatField<unknown>;
const ENTRIES = Object.entries(FIELDS) as [keyof FlowStats, AnyField][];
const BY_NUMBER: readonly ({ readonly name: string; readonly field: AnyField } | undefined)[] =
  Array.from({ length: 8 }, (_, number) => {
    const entry = ENTRIES.find(([, field]) => field.number === number);
    return entry && { name: entry[0], field: entry[1] };
  });

export function encodeStats(writer: Writer, stats: FlowStats): void {
  const start = writer.length;
  writer.u16(0);
  writer.u16(0);
  for (const [name, field] of ENTRIES) {
    const value = stats[name];
    if (value !== undefined) encodeField(writer, field, value);
  }
  writer.patchU16(start + 2, writer.length - start);
  writer.align8(start);
}

/** Reads `ofp_stats`; fields of other classes and numbers are passed over. */
export function decodeStats(reader: Reader): FlowStats {
  const length = reader.u32() & 0xffff;
  if (length < STATS_HEADER) throw reader.error('ofp_stats of at least 4 bytes', length);
  const fields = reader.window(length - STATS_HEADER);
  const stats: Record<string, unknown> = {};
  while (fields.remaining > 0) decodeField(fields, stats);
  reader.skip(-length & 7);
  return stats as FlowStats;
}

function decodeField(reader: Reader, stats: Record<string, unknown>): void {
  const header = reader.u32();
  const size = header & 0xff;
  const row = header >>> 16 === OXS_BASIC ? BY_NUMBER[(header >>> 9) & 0x7f] : undefined;
  if (row === undefined) {
    reader.skip(size);
    return;
  }
  if (size !== row.field.size) throw reader.error(`${row.field.size} bytes of ${row.name}`, size);
  stats[row.name] = row.field.read(reader);
}

function encodeField(writer: Writer, field: AnyField, value: unknown): void {
  writer.u16(OXS_BASIC);
  writer.u16((field.number << 9) | field.size);
  field.write(writer, value);
}
