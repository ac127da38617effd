/**
 * IPv4 over Ethernet (RFC 791, RFC 894), with options passed over. Checksums of what guests send
 * are not looked at: a virtual network card may leave them to hardware that is not there.
 */
import { ETH_TYPE } from '../openflow/constants.ts';
import { defineStruct, Reader, u8, u16, u32, Writer } from '../openflow/wire/index.ts';
import { checksum } from './checksum.ts';
import type { Ends4 } from './ends.ts';
import { readEthernet, writeEthernet } from './ethernet.ts';

const IP = defineStruct('IPv4 header', 20, {
  versionAndLength: u8,
  serviceType: u8,
  totalLength: u16,
  identification: u16,
  fragment: u16,
  ttl: u8,
  protocol: u8,
  checksum: u16,
  source: u32,
  destination: u32,
});

interface Header4 extends Ends4 {
  readonly protocol: number;
  /** Bytes of the packet, its header among them. */
  readonly totalLength: number;
  /** Bytes behind the header. */
  readonly payloadLength: number;
  /** "More fragments" (bit 13) and the offset of a later one. */
  readonly fragment: number;
}

export interface Packet4 extends Ends4 {
  readonly protocol: number;
  readonly payload: Buffer;
}

const IP_CHECKSUM_AT = 10;
const FRAGMENT_BITS = 0x3fff;
const TTL = 64;
const ETHERNET_SIZE = 14;

/** Throws DecodeError for everything but one whole IPv4 packet. */
export function readIp4(frame: Buffer): Packet4 {
  const reader = new Reader(frame);
  const { fragment, payloadLength, totalLength: _, ...header } = readHeader4(reader);
  if (fragment !== 0) throw reader.error('a whole packet', 'a fragment');
  return { ...header, payload: reader.bytes(payloadLength) };
}

/** The reader then stands behind the header and its options. Throws DecodeError. */
export function readHeader4(reader: Reader): Header4 {
  const ethernet = readEthernet(reader);
  if (ethernet.type !== ETH_TYPE.IPV4) throw reader.error('IPv4', ethernet.type);
  const ip = IP.read(reader);
  const headerLength = (ip.versionAndLength & 0xf) * 4;
  if (ip.versionAndLength >>> 4 !== 4 || headerLength < IP.size) {
    throw reader.error('an IPv4 header', ip.versionAndLength);
  }
  reader.skip(headerLength - IP.size);
  return {
    sourceMac: ethernet.source,
    destinationMac: ethernet.destination,
    source: ip.source,
    destination: ip.destination,
    protocol: ip.protocol,
    totalLength: ip.totalLength,
    payloadLength: ip.totalLength - headerLength,
    fragment: ip.fragment & FRAGMENT_BITS,
  };
}

/** "Router alert" (RFC 2113). */
export const ROUTER_ALERT_4 = Buffer.from([0x94, 4, 0, 0]);

interface Body4 extends Pick<Packet4, 'protocol' | 'payload'> {
  readonly ttl?: number;
  /** Whole words. */
  readonly options?: Buffer;
}

/** The frame, with the checksum of the header. */
export function writeIp4(ends: Ends4, { protocol, payload, ttl = TTL, options }: Body4): Buffer {
  const headerLength = IP.size + (options?.length ?? 0);
  const writer = new Writer(ETHERNET_SIZE + headerLength + payload.length);
  const { sourceMac: source, destinationMac: destination } = ends;
  writeEthernet(writer, { destination, source, type: ETH_TYPE.IPV4 });
  IP.write(writer, {
    versionAndLength: (4 << 4) | (headerLength / 4),
    serviceType: 0,
    totalLength: headerLength + payload.length,
    identification: 0,
    fragment: 0,
    ttl,
    protocol,
    checksum: 0,
    source: ends.source,
    destination: ends.destination,
  });
  if (options !== undefined) writer.bytes(options);
  writer.bytes(payload);
  const frame = writer.take();
  const header = frame.subarray(ETHERNET_SIZE, ETHERNET_SIZE + headerLength);
  header.writeUInt16BE(checksum(header), IP_CHECKSUM_AT);
  return frame;
}

/** What the checksums of UDP and TCP cover besides their own bytes. */
export function pseudoHeader4(
  { source, destination }: Ends4,
  protocol: number,
  length: number,
): Buffer {
  const writer = new Writer(12);
  writer.u32(source);
  writer.u32(destination);
  writer.u16(protocol);
  writer.u16(length);
  return writer.take();
}
