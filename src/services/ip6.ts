/**
 * IPv6 over Ethernet (RFC 8200, RFC 2464) with UDP, TCP or ICMPv6 right behind its header: what has
 * extension headers is no question that a service knows. Checksums of guests are not looked at.
 */
import { ETH_TYPE, IP_PROTO } from '../openflow/constants.ts';
import { Reader, Writer } from '../openflow/wire/index.ts';
import { checksum } from './checksum.ts';
import type { Ends6 } from './ends.ts';
import { readEthernet, writeEthernet } from './ethernet.ts';
import { readUdp, type Udp, udpBytes, udpLength } from './udp.ts';

export interface Packet6 extends Ends6 {
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly payload: Buffer;
}

export type Datagram6 = Ends6 & Udp;

const VERSION_6 = 0x6000_0000;
/** Neighbour discovery is believed with this alone: no router has forwarded it. */
export const HOP_LIMIT_MAX = 255;
const HOP_LIMIT = 64;
/** An extension header for all on the way (RFC 8200 section 4.3). */
export const HOP_BY_HOP = 0;
const ICMP_CHECKSUM_AT = 2;

interface Header6 extends Omit<Packet6, 'payload'> {
  /** Bytes behind the header. */
  readonly payloadLength: number;
}

/** Throws DecodeError for what is no IPv6 packet. */
export function readIp6(frame: Buffer): Packet6 {
  const reader = new Reader(frame);
  const { payloadLength, ...header } = readHeader6(reader);
  return { ...header, payload: reader.bytes(payloadLength) };
}

/** The reader then stands behind the header. Throws DecodeError. */
export function readHeader6(reader: Reader): Header6 {
  const ethernet = readEthernet(reader);
  if (ethernet.type !== ETH_TYPE.IPV6) throw reader.error('IPv6', ethernet.type);
  const first = reader.u32();
  if (first >>> 28 !== 6) throw reader.error('version 6', first >>> 28);
  const payloadLength = reader.u16();
  const [nextHeader, hopLimit] = [reader.u8(), reader.u8()];
  const [source, destination] = [reader.u128(), reader.u128()];
  return {
    sourceMac: ethernet.source,
    destinationMac: ethernet.destination,
    source,
    destination,
    nextHeader,
    hopLimit,
    payloadLength,
  };
}

/** Throws DecodeError for everything but one whole UDP datagram. */
export function readUdp6(frame: Buffer): Datagram6 {
  const { nextHeader, payload, hopLimit: _, ...ends } = readIp6(frame);
  const reader = new Reader(payload);
  if (nextHeader !== IP_PROTO.UDP) throw reader.error('UDP', nextHeader);
  return { ...ends, ...readUdp(reader) };
}

export function writeUdp6(datagram: Datagram6): Buffer {
  const pseudo = pseudoHeader6(datagram, IP_PROTO.UDP, udpLength(datagram.payload));
  const payload = udpBytes(datagram, pseudo);
  return writeIp6(datagram, { nextHeader: IP_PROTO.UDP, payload });
}

/** `message`: type and code, two bytes for the checksum, the rest. */
export function writeIcmp6(ends: Ends6, message: Buffer): Buffer {
  const payload = Buffer.from(message);
  const pseudo = pseudoHeader6(ends, IP_PROTO.ICMPV6, payload.length);
  payload.writeUInt16BE(checksum(pseudo, payload), ICMP_CHECKSUM_AT);
  return writeIp6(ends, { nextHeader: IP_PROTO.ICMPV6, hopLimit: HOP_LIMIT_MAX, payload });
}

interface Body6 extends Pick<Packet6, 'nextHeader' | 'payload'> {
  readonly hopLimit?: number;
}

export function writeIp6(ends: Ends6, body: Body6): Buffer {
  const writer = new Writer(54 + body.payload.length);
  const { sourceMac: source, destinationMac: destination } = ends;
  writeEthernet(writer, { destination, source, type: ETH_TYPE.IPV6 });
  writer.u32(VERSION_6);
  writer.u16(body.payload.length);
  writer.u8(body.nextHeader);
  writer.u8(body.hopLimit ?? HOP_LIMIT);
  writer.u128(ends.source);
  writer.u128(ends.destination);
  writer.bytes(body.payload);
  return writer.take();
}

/** What checksums of UDP, TCP and ICMPv6 cover besides their own bytes (RFC 8200 section 8.1). */
export function pseudoHeader6(
  { source, destination }: Ends6,
  protocol: number,
  length: number,
): Buffer {
  const writer = new Writer(40);
  writer.u128(source);
  writer.u128(destination);
  writer.u32(length);
  writer.u32(protocol);
  return writer.take();
}
