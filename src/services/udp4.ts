/**
 * UDP over IPv4 over Ethernet (RFC 768, RFC 791). Checksums of what guests send are not looked at:
 * a virtual network card may leave them to hardware that is not there.
 */
import { ETH_TYPE, IP_PROTO } from '../openflow/constants.ts';
import { defineStruct, Reader, u8, u16, u32, Writer } from '../openflow/wire/index.ts';
import { checksum } from './checksum.ts';
import { readEthernet, writeEthernet } from './ethernet.ts';
import { readUdp, type Udp, udpBytes, udpLength } from './udp.ts';

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
export interface Datagram4 extends Udp {
  readonly sourceMac: number;
  readonly destinationMac: number;
  readonly source: number;
  readonly destination: number;
}

const VERSION_4 = 0x45;
const IP_CHECKSUM_AT = 10;
/** "More fragments", and the offset of a later one. */
const IS_FRAGMENT = 0x3fff;
const TTL = 64;

/** Throws DecodeError for everything but one whole UDP datagram. */
export function readUdp4(frame: Buffer): Datagram4 {
  const reader = new Reader(frame);
  const ethernet = readEthernet(reader);
  if (ethernet.type !== ETH_TYPE.IPV4) throw reader.error('IPv4', ethernet.type);
  const start = reader.offset;
  const ip = IP.read(reader);
  const headerLength = (ip.versionAndLength & 0xf) * 4;
  if (ip.versionAndLength >>> 4 !== 4 || headerLength < IP.size) {
    throw reader.error('an IPv4 header', ip.versionAndLength);
  }
  if (ip.protocol !== IP_PROTO.UDP) throw reader.error('UDP', ip.protocol);
  if ((ip.fragment & IS_FRAGMENT) !== 0) throw reader.error('a whole datagram', 'a fragment');
  reader.skip(headerLength - IP.size);
  const body = reader.window(ip.totalLength - (reader.offset - start));
  return {
    sourceMac: ethernet.source,
    destinationMac: ethernet.destination,
    source: ip.source,
    destination: ip.destination,
    ...readUdp(body),
  };
}

/** The frame, with its checksums. */
export function writeUdp4(datagram: Datagram4): Buffer {
  const { payload, source, destination } = datagram;
  const length = udpLength(payload);
  const ip = bytesOf(IP.size, (writer) =>
    IP.write(writer, {
      versionAndLength: VERSION_4,
      serviceType: 0,
      totalLength: IP.size + length,
      identification: 0,
      fragment: 0,
      ttl: TTL,
      protocol: IP_PROTO.UDP,
      checksum: 0,
      source,
      destination,
    }),
  );
  ip.writeUInt16BE(checksum(ip), IP_CHECKSUM_AT);
  const pseudo = bytesOf(12, (writer) => {
    writer.u32(source);
    writer.u32(destination);
    writer.u16(IP_PROTO.UDP);
    writer.u16(length);
  });
  const ethernet = bytesOf(14, (writer) =>
    writeEthernet(writer, {
      destination: datagram.destinationMac,
      source: datagram.sourceMac,
      type: ETH_TYPE.IPV4,
    }),
  );
  return Buffer.concat([ethernet, ip, udpBytes(datagram, pseudo)]);
}

function bytesOf(size: number, write: (writer: Writer) => void): Buffer {
  const writer = new Writer(size);
  write(writer);
  return writer.take();
}
