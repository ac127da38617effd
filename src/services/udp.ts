/** UDP (RFC 768), over either version of IP. */
import { defineStruct, type Reader, u16, Writer } from '../openflow/wire/index.ts';
import { checksum } from './checksum.ts';
import type { Ports } from './ends.ts';

const HEADER = defineStruct('UDP header', 8, {
  source: u16,
  destination: u16,
  length: u16,
  checksum: u16,
});
const CHECKSUM_AT = 6;

export interface Udp extends Ports {
  readonly payload: Buffer;
}

/** Bytes of a datagram, with its header. */
export function udpLength(payload: Buffer): number {
  return HEADER.size + payload.length;
}

/** Throws DecodeError. Checksums of guests are not looked at. */
export function readUdp(reader: Reader): Udp {
  const { source, destination, length } = HEADER.read(reader);
  const payload = reader.bytes(length - HEADER.size);
  return { sourcePort: source, destinationPort: destination, payload };
}

/** `pseudoHeader`: what IP says of the datagram, which its checksum covers. */
export function udpBytes(udp: Udp, pseudoHeader: Buffer): Buffer {
  const { sourcePort: source, destinationPort: destination, payload } = udp;
  const length = udpLength(payload);
  const writer = new Writer(length);
  HEADER.write(writer, { source, destination, length, checksum: 0 });
  writer.bytes(payload);
  const bytes = writer.take();
  // Zero would mean that there is no checksum.
  bytes.writeUInt16BE(checksum(pseudoHeader, bytes) || 0xffff, CHECKSUM_AT);
  return bytes;
}
