/** UDP over IPv4 over Ethernet (RFC 768). */
import { IP_PROTO } from '../openflow/constants.ts';
import { Reader } from '../openflow/wire/index.ts';
import type { Ends4 } from './ends.ts';
import { pseudoHeader4, readIp4, writeIp4 } from './ip4.ts';
import { readUdp, type Udp, udpBytes, udpLength } from './udp.ts';

export type Datagram4 = Ends4 & Udp;

/** Throws DecodeError for everything but one whole UDP datagram. */
export function readUdp4(frame: Buffer): Datagram4 {
  const { protocol, payload, ...ends } = readIp4(frame);
  const reader = new Reader(payload);
  if (protocol !== IP_PROTO.UDP) throw reader.error('UDP', protocol);
  return { ...ends, ...readUdp(reader) };
}

/** The frame, with its checksums. */
export function writeUdp4(datagram: Datagram4): Buffer {
  const pseudo = pseudoHeader4(datagram, IP_PROTO.UDP, udpLength(datagram.payload));
  return writeIp4(datagram, { protocol: IP_PROTO.UDP, payload: udpBytes(datagram, pseudo) });
}
