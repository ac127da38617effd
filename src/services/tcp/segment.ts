/** TCP segments as bytes (RFC 9293 section 3.1). Of options only the largest segment counts. */
import { defineStruct, type Reader, u16, u32, Writer } from '../../openflow/wire/index.ts';
import { checksum } from '../checksum.ts';
import type { Ports } from '../ends.ts';

const HEADER = defineStruct('TCP header', 20, {
  source: u16,
  destination: u16,
  sequence: u32,
  acknowledgment: u32,
  offsetAndFlags: u16,
  window: u16,
  checksum: u16,
  urgent: u16,
});
const CHECKSUM_AT = 16;
const WORD = 4;

export const FLAG = { FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10 } as const;
const FLAGS_MASK = 0x1ff;

const OPTION = { END: 0, PADDING: 1, MSS: 2 } as const;
const MSS_OPTION_SIZE = 4;

export const TCP_HEADER_SIZE = HEADER.size;

/** What a segment says, whoever sends it to whom. */
export interface Segment {
  /** 32-bit numbers. */
  readonly sequence: number;
  readonly acknowledgment: number;
  /** `FLAG` bits. */
  readonly flags: number;
  /** Bytes; never scaled, for we offer no scaling. */
  readonly window: number;
  /** With SYN alone: bytes of the largest segment that its sender takes. */
  readonly mss?: number | undefined;
  readonly payload: Buffer;
}

export const NO_BYTES: Buffer = Buffer.alloc(0);

/** Throws DecodeError. Checksums of guests are not looked at. */
export function readSegment(reader: Reader): Ports & Segment {
  const header = HEADER.read(reader);
  const flags = header.offsetAndFlags & FLAGS_MASK;
  const size = (header.offsetAndFlags >>> 12) * WORD;
  if (size < HEADER.size) throw reader.error('a TCP header', `one of ${size} bytes`);
  const options = reader.window(size - HEADER.size);
  return {
    sourcePort: header.source,
    destinationPort: header.destination,
    sequence: header.sequence,
    acknowledgment: header.acknowledgment,
    flags,
    window: header.window,
    mss: isSet(flags, FLAG.SYN) ? readMss(options) : undefined,
    payload: reader.bytes(reader.remaining),
  };
}

/** `pseudoHeader`: what IP says of a segment of such a length, which its checksum covers. */
export function segmentBytes(
  { sourcePort, destinationPort, ...segment }: Ports & Segment,
  pseudoHeader: (length: number) => Buffer,
): Buffer {
  const { sequence, acknowledgment, flags, window, mss, payload } = segment;
  const size = HEADER.size + (mss === undefined ? 0 : MSS_OPTION_SIZE);
  const writer = new Writer(size + payload.length);
  HEADER.write(writer, {
    source: sourcePort,
    destination: destinationPort,
    sequence,
    acknowledgment,
    offsetAndFlags: ((size / WORD) << 12) | flags,
    window,
    checksum: 0,
    urgent: 0,
  });
  if (mss !== undefined) {
    writer.u8(OPTION.MSS);
    writer.u8(MSS_OPTION_SIZE);
    writer.u16(mss);
  }
  writer.bytes(payload);
  const bytes = writer.take();
  bytes.writeUInt16BE(checksum(pseudoHeader(bytes.length), bytes), CHECKSUM_AT);
  return bytes;
}

export function isSet(flags: number, flag: number): boolean {
  return (flags & flag) !== 0;
}

/** How far `to` is behind `from` in a space of sequence numbers, which is a circle. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

/** The sequence number so many bytes on. */
export function advance(sequence: number, by: number): number {
  return (sequence + by) >>> 0;
}

function readMss(options: Reader): number | undefined {
  while (options.remaining > 0) {
    const kind = options.u8();
    if (kind === OPTION.END) break;
    if (kind === OPTION.PADDING) continue;
    const length = options.u8();
    if (length < 2) throw options.error('an option', `one of ${length} bytes`);
    const value = options.window(length - 2);
    if (kind === OPTION.MSS) return value.u16();
  }
  return undefined;
}
