/**
 * UDP over IPv4 over Ethernet (RFC 768, RFC 791). Checksums of what guests send are not looked at:
 * a virtual network card may leave them to hardware that is not there.
 */
import { IP_PROTO } from '../openflow/constants.ts';
import { Reader } from '../openflow/wire/index.ts';
import { type Ends4, pseudoHeader4, readIp4, writeIp4 } from './ip4.ts';
import { readUdp, type Udp, udpBytes, udpLength } from './udp.ts';

export type Datagram4 = Ends4 & Udp;

/** Throws DecodeError for everything but one whole UDP datagram. */
export function readUdp4(frame: Buffer): Datagram4 {
  const reader = new Reader(frame);
  const { protocol, fragment, payloadLength, totalLength: _, ...ends } = readIp4(reader);
  if (protocol !== IP_PROTO.UDP) throw reader.error('UDP', protocol);
  if (fragment !== 0) throw reader.error('a whole datagram', 'a fragment');
  return { ...ends, ...readUdp(reader.window(payloadLength)) };
}

/** The frame, with its checksums. */
export function writeUdp4(datagram: Datagram4): Buffer {
  const pseudo = pseudoHeader4(datagram, IP_PROTO.UDP, udpLength(datagram.payload));
  return writeIp4(datagram, IP_PROTO.UDP, udpBytes(datagram, pseudo));
}
