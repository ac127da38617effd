/**
 * Frames of transport protocols, and what can be put around them: fragments, IPv6 extension
 * headers, VLAN tags. Checksums are right, as in frames.ts.
 */
import {
  type Ends,
  ETHERTYPE,
  ipFrame,
  PROTOCOL,
  pseudoHeader,
  u16,
  withChecksum,
} from './frames.ts';

export interface Ports {
  readonly from: number;
  readonly to: number;
}

/** Bits of the TCP header (RFC 9293, 3.1). */
export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

export interface TcpFields {
  /** A sum of `TCP_FLAG`; by default SYN alone. */
  readonly flags?: number;
  readonly sequence?: number;
  readonly acknowledged?: number;
  readonly data?: Buffer;
}

/** A TCP segment without options. */
export function tcp(ends: Ends, ports: Ports, fields: TcpFields = {}): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(ports.from, 0);
  header.writeUInt16BE(ports.to, 2);
  header.writeUInt32BE(fields.sequence ?? 1, 4);
  header.writeUInt32BE(fields.acknowledged ?? 0, 8);
  header.set([0x50, fields.flags ?? TCP_FLAG.syn, 0x20, 0], 12);
  const segment = Buffer.concat([header, fields.data ?? Buffer.alloc(0)]);
  const pseudo = pseudoHeader(ends, PROTOCOL.tcp, segment.length);
  return ipFrame(ends, PROTOCOL.tcp, withChecksum(segment, 16, pseudo));
}

/** An SCTP packet that opens an association: one INIT chunk (RFC 9260, 3.3.2). */
export function sctp(ends: Ends, ports: Ports): Buffer {
  const init = Buffer.from('01000014000000010000ffff0001000100000001', 'hex');
  const packet = Buffer.concat([u16(ports.from), u16(ports.to), Buffer.alloc(8), init]);
  packet.writeUInt32LE(crc32c(packet), 8);
  return ipFrame(ends, PROTOCOL.sctp, packet);
}

/** The CRC of SCTP (RFC 9260, appendix A). */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

const ETHERNET = 14;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const NEXT_HEADER = { hopByHop: 0, fragment: 44, destinationOptions: 60 } as const;
/** Where the header of IPv6 says what comes next. */
const IPV6_NEXT_HEADER = 6;

/**
 * An IP frame in fragments whose payloads have `size` bytes, a multiple of 8, but for the last. By
 * `id` the receiver knows which belong together.
 */
export function fragments(frame: Buffer, size: number, id: number): Buffer[] {
  const fragment = frame.readUInt16BE(12) === ETHERTYPE.ipv6 ? ipv6Fragment : ipv4Fragment;
  const header = fragment === ipv6Fragment ? IPV6_HEADER : IPV4_HEADER;
  const length = frame.length - ETHERNET - header;
  const starts = Array.from({ length: Math.ceil(length / size) }, (_, index) => index * size);
  return starts.map((start) => fragment(frame, id, start, Math.min(start + size, length)));
}

/** Flags and offset are not where IPv6 has them (RFC 791, 3.1; RFC 8200, 4.5). */
function ipv4Fragment(frame: Buffer, id: number, start: number, end: number): Buffer {
  const header = Buffer.from(frame.subarray(ETHERNET, ETHERNET + IPV4_HEADER));
  const more = ETHERNET + IPV4_HEADER + end < frame.length ? 0x2000 : 0;
  header.writeUInt16BE(IPV4_HEADER + end - start, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(more | (start / 8), 6);
  header.writeUInt16BE(0, 10);
  return assemble(
    frame,
    withChecksum(header, 10),
    frame.subarray(...part(IPV4_HEADER, start, end)),
  );
}

function ipv6Fragment(frame: Buffer, id: number, start: number, end: number): Buffer {
  const more = ETHERNET + IPV6_HEADER + end < frame.length ? 1 : 0;
  const header = Buffer.alloc(8);
  header.writeUInt16BE(start | more, 2);
  header.writeUInt32BE(id, 4);
  const payload = frame.subarray(...part(IPV6_HEADER, start, end));
  return extended(frame, NEXT_HEADER.fragment, header, payload);
}

function part(header: number, start: number, end: number): [number, number] {
  return [ETHERNET + header + start, ETHERNET + header + end];
}

/**
 * An IPv6 frame with empty hop-by-hop and destination options before its payload (RFC 8200, 4.3).
 */
export function withOptions(frame: Buffer): Buffer {
  return [NEXT_HEADER.destinationOptions, NEXT_HEADER.hopByHop].reduce((inner, kind) => {
    // Eight bytes, all of them but the first two one PadN option.
    const options = Buffer.from([0, 0, 1, 4, 0, 0, 0, 0]);
    return extended(inner, kind, options, inner.subarray(ETHERNET + IPV6_HEADER));
  }, frame);
}

/** `extension` goes in front of `payload`, and names what the frame had there. */
function extended(frame: Buffer, kind: number, extension: Buffer, payload: Buffer): Buffer {
  const header = Buffer.from(frame.subarray(ETHERNET, ETHERNET + IPV6_HEADER));
  extension[0] = header[IPV6_NEXT_HEADER] ?? 0;
  header[IPV6_NEXT_HEADER] = kind;
  header.writeUInt16BE(extension.length + payload.length, 4);
  return assemble(frame, header, extension, payload);
}

function assemble(frame: Buffer, ...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([frame.subarray(0, ETHERNET), ...parts]);
}

/** The frame with IEEE 802.1Q tags, the outermost first. */
export function tagged(frame: Buffer, ...vlans: readonly number[]): Buffer {
  const tags = vlans.flatMap((vlan) => [u16(0x8100), u16(vlan)]);
  return Buffer.concat([frame.subarray(0, 12), ...tags, frame.subarray(12)]);
}
