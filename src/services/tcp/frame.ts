/** TCP over either version of IP over Ethernet: frames to segments and back. */
import { ETH_TYPE, IP_PROTO } from '../../openflow/constants.ts';
import { Reader } from '../../openflow/wire/index.ts';
import { type Ends4, type Ends6, isIp4, type Ports } from '../ends.ts';
import { readEthernet } from '../ethernet.ts';
import { pseudoHeader4, readIp4, writeIp4 } from '../ip4.ts';
import { pseudoHeader6, readIp6, writeIp6 } from '../ip6.ts';
import { readSegment, type Segment, segmentBytes, TCP_HEADER_SIZE } from './segment.ts';

/** Who sends to whom. */
export type TcpEnds = (Ends4 | Ends6) & Ports;

export interface TcpFrame {
  readonly ends: TcpEnds;
  readonly segment: Segment;
}

const PROTOCOL = IP_PROTO.TCP;

/** Throws DecodeError for everything but one whole segment. */
export function readTcpFrame(frame: Buffer): TcpFrame {
  if (readEthernet(new Reader(frame)).type === ETH_TYPE.IPV6) {
    const { nextHeader, payload, hopLimit: _, ...ends } = readIp6(frame);
    return together(ends, nextHeader, payload);
  }
  const { protocol, payload, ...ends } = readIp4(frame);
  return together(ends, protocol, payload);
}

/** The frame, with its checksums. */
export function writeTcpFrame({ ends, segment }: TcpFrame): Buffer {
  const { sourcePort, destinationPort } = ends;
  const whole = { sourcePort, destinationPort, ...segment };
  if (isIp4(ends)) {
    const payload = segmentBytes(whole, (length) => pseudoHeader4(ends, PROTOCOL, length));
    return writeIp4(ends, { protocol: PROTOCOL, payload });
  }
  const payload = segmentBytes(whole, (length) => pseudoHeader6(ends, PROTOCOL, length));
  return writeIp6(ends, { nextHeader: PROTOCOL, payload });
}

/** Bytes of the largest segment in packets of so many bytes, without options. */
export function mssOf(ends: TcpEnds, mtu: number): number {
  return mtu - (isIp4(ends) ? IP4_HEADER_SIZE : IP6_HEADER_SIZE) - TCP_HEADER_SIZE;
}

const IP4_HEADER_SIZE = 20;
const IP6_HEADER_SIZE = 40;

function together(ip: Ends4 | Ends6, protocol: number, payload: Buffer): TcpFrame {
  const reader = new Reader(payload);
  if (protocol !== PROTOCOL) throw reader.error('TCP', protocol);
  const { sourcePort, destinationPort, ...segment } = readSegment(reader);
  return { ends: { ...ip, sourcePort, destinationPort }, segment };
}
