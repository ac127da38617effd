/** IPv4 (RFC 791) over Ethernet, without options of our own. */
import { ETH_TYPE } from '../openflow/constants.ts';
import { defineStruct, type Reader, u8, u16, u32, Writer } from '../openflow/wire/index.ts';
import { checksum } from './checksum.ts';
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

/** Who sends to whom: 48-bit and 32-bit numbers. */
export interface Ends4 {
  readonly sourceMac: number;
  readonly destinationMac: number;
  readonly source: number;
  readonly destination: number;
}

export interface Header4 extends Ends4 {
  readonly protocol: number;
  /** Bytes of the packet, its header among them. */
  readonly totalLength: number;
  /** Bytes behind the header. */
  readonly payloadLength: number;
  /** "More fragments" (bit 13) and the offset of a later one. */
  readonly fragment: number;
}

const VERSION_4 = 0x45;
const CHECKSUM_AT = 10;
const FRAGMENT_BITS = 0x3fff;
const TTL = 64;

/** The reader then stands behind the header and its options. Throws DecodeError. */
export function readIp4(reader: Reader): Header4 {
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

/** The frame of a whole packet. */
export function writeIp4(ends: Ends4, protocol: number, payload: Buffer): Buffer {
  const { source, destination } = ends;
  const ip = bytesOf(IP.size, (writer) =>
    IP.write(writer, {
      versionAndLength: VERSION_4,
      serviceType: 0,
      totalLength: IP.size + payload.length,
      identification: 0,
      fragment: 0,
      ttl: TTL,
      protocol,
      checksum: 0,
      source,
      destination,
    }),
  );
  ip.writeUInt16BE(checksum(ip), CHECKSUM_AT);
  const ethernet = bytesOf(14, (writer) =>
    writeEthernet(writer, {
      destination: ends.destinationMac,
      source: ends.sourceMac,
      type: ETH_TYPE.IPV4,
    }),
  );
  return Buffer.concat([ethernet, ip, payload]);
}

/** What the checksum of UDP covers beside the datagram. */
export function pseudoHeader4({ source, destination }: Ends4, protocol: number, length: number) {
  return bytesOf(12, (writer) => {
    writer.u32(source);
    writer.u32(destination);
    writer.u16(protocol);
    writer.u16(length);
  });
}

function bytesOf(size: number, write: (writer: Writer) => void): Buffer {
  const writer = new Writer(size);
  write(writer);
  return writer.take();
}
