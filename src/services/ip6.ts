/**
 * IPv6 over Ethernet (RFC 8200, RFC 2464) with UDP or ICMPv6 right behind its header: what has
 * extension headers is no question that a service knows. Checksums of guests are not looked at.
 */
import { ETH_TYPE, IP_PROTO } from '../openflow/constants.ts';
import { defineStruct, Reader, u16, Writer } from '../openflow/wire/index.ts';
import { checksum } from './checksum.ts';
import { readEthernet, writeEthernet } from './ethernet.ts';

const UDP = defineStruct('UDP header', 8, {
  source: u16,
  destination: u16,
  length: u16,
  checksum: u16,
});

/** MAC addresses are 48-bit numbers, IPv6 addresses 128-bit ones. */
export interface Ends6 {
  readonly sourceMac: number;
  readonly destinationMac: number;
  readonly source: bigint;
  readonly destination: bigint;
}

export interface Packet6 extends Ends6 {
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly payload: Buffer;
}

export interface Datagram6 extends Ends6 {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Buffer;
}

const VERSION_6 = 0x6000_0000;
/** Neighbour discovery is believed with this alone: no router has forwarded it. */
export const HOP_LIMIT_MAX = 255;
const HOP_LIMIT = 64;
const UDP_CHECKSUM_AT = 6;
const ICMP_CHECKSUM_AT = 2;

/** Throws DecodeError for what is no IPv6 packet. */
export function readIp6(frame: Buffer): Packet6 {
  const reader = new Reader(frame);
  const ethernet = readEthernet(reader);
  if (ethernet.type !== ETH_TYPE.IPV6) throw reader.error('IPv6', ethernet.type);
  const first = reader.u32();
  if (first >>> 28 !== 6) throw reader.error('version 6', first >>> 28);
  const length = reader.u16();
  const [nextHeader, hopLimit] = [reader.u8(), reader.u8()];
  const [source, destination] = [reader.u128(), reader.u128()];
  return {
    sourceMac: ethernet.source,
    destinationMac: ethernet.destination,
    source,
    destination,
    nextHeader,
    hopLimit,
    payload: reader.bytes(length),
  };
}

/** Throws DecodeError for everything but one whole UDP datagram. */
export function readUdp6(frame: Buffer): Datagram6 {
  const { nextHeader, payload, hopLimit: _, ...ends } = readIp6(frame);
  const reader = new Reader(payload);
  if (nextHeader !== IP_PROTO.UDP) throw reader.error('UDP', nextHeader);
  const udp = UDP.read(reader);
  return {
    ...ends,
    sourcePort: udp.source,
    destinationPort: udp.destination,
    payload: reader.bytes(udp.length - UDP.size),
  };
}

export function writeUdp6({ sourcePort, destinationPort, payload, ...ends }: Datagram6): Buffer {
  const writer = new Writer(UDP.size + payload.length);
  const length = UDP.size + payload.length;
  UDP.write(writer, { source: sourcePort, destination: destinationPort, length, checksum: 0 });
  writer.bytes(payload);
  const body = writer.take();
  // Zero would mean that there is no checksum, which IPv6 does not allow.
  const sum = checksum(pseudoHeader(ends, IP_PROTO.UDP, length), body) || 0xffff;
  body.writeUInt16BE(sum, UDP_CHECKSUM_AT);
  return writeIp6(ends, { nextHeader: IP_PROTO.UDP, hopLimit: HOP_LIMIT, payload: body });
}

/** `message`: type and code, two bytes for the checksum, the rest. */
export function writeIcmp6(ends: Ends6, message: Buffer): Buffer {
  const payload = Buffer.from(message);
  const pseudo = pseudoHeader(ends, IP_PROTO.ICMPV6, payload.length);
  payload.writeUInt16BE(checksum(pseudo, payload), ICMP_CHECKSUM_AT);
  return writeIp6(ends, { nextHeader: IP_PROTO.ICMPV6, hopLimit: HOP_LIMIT_MAX, payload });
}

function writeIp6(ends: Ends6, body: Pick<Packet6, 'nextHeader' | 'hopLimit' | 'payload'>): Buffer {
  const writer = new Writer(54 + body.payload.length);
  const { sourceMac: source, destinationMac: destination } = ends;
  writeEthernet(writer, { destination, source, type: ETH_TYPE.IPV6 });
  writer.u32(VERSION_6);
  writer.u16(body.payload.length);
  writer.u8(body.nextHeader);
  writer.u8(body.hopLimit);
  writer.u128(ends.source);
  writer.u128(ends.destination);
  writer.bytes(body.payload);
  return writer.take();
}

function pseudoHeader({ source, destination }: Ends6, protocol: number, length: number): Buffer {
  const writer = new Writer(40);
  writer.u128(source);
  writer.u128(destination);
  writer.u32(length);
  writer.u32(protocol);
  return writer.take();
}
