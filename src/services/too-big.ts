/**
 * ICMP "fragmentation needed" (RFC 792, RFC 1191 section 4) and ICMPv6 "packet too big" (RFC 4443
 * section 3.2): what the sender of a packet is told that is larger than its network carries.
 *
 * The answer comes from whom the packet was for, in both layers, as Linux has it where a tunnel is
 * part of a bridge (iptunnel_pmtud_build_icmp): there is no router on the way whose address would
 * be one, and every guest knows the way to where it was sending to.
 *
 * A switch can not cut packets, so that IPv4 packets are answered whether or not they may be cut:
 * whoever sent one does so itself from then on.
 */
import { ETH_TYPE, IP_PROTO } from '../openflow/constants.ts';
import { DecodeError, Reader } from '../openflow/wire/index.ts';
import { checksum } from './checksum.ts';
import { turned } from './ends.ts';
import { readEthernet } from './ethernet.ts';
import { readHeader4, writeIp4 } from './ip4.ts';
import { readHeader6, writeIcmp6 } from './ip6.ts';

const ETHERNET_HEADER = 14;
const CHECKSUM_AT = 2;
const DESTINATION_UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const PACKET_TOO_BIG = 2;

/** Whole packets of 576 bytes (RFC 1812 4.3.2.3) and 1,280 bytes, without headers of our own. */
const QUOTED_MAX = { ipv4: 576 - 20 - 8, ipv6: 1280 - 40 - 8 } as const;

/** The frame to send back, or why there is none, in a few words. `frame` may be cut short. */
export function answerTooBig(frame: Buffer, mtu: number): Buffer | string {
  try {
    const { type } = readEthernet(new Reader(frame));
    if (type === ETH_TYPE.IPV4) return answer4(frame, mtu);
    return type === ETH_TYPE.IPV6 ? answer6(frame, mtu) : 'no IP packet';
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed';
    throw error;
  }
}

function answer4(frame: Buffer, mtu: number): Buffer | string {
  const reader = new Reader(frame);
  const packet = readHeader4(reader);
  if (packet.totalLength <= mtu) return 'not too big';
  if ((packet.fragment & OFFSET) !== 0) return 'a later fragment';
  if (!isHost4(packet.source) || !isHost4(packet.destination)) return 'not from one to one';
  if (packet.protocol === IP_PROTO.ICMP && ERRORS_4.has(reader.u8())) return 'an error itself';
  const quoted = frame.subarray(ETHERNET_HEADER, ETHERNET_HEADER + QUOTED_MAX.ipv4);
  const message = Buffer.alloc(8 + quoted.length);
  message.writeUInt8(DESTINATION_UNREACHABLE, 0);
  message.writeUInt8(FRAGMENTATION_NEEDED, 1);
  message.writeUInt16BE(Math.min(mtu, 0xffff), 6);
  quoted.copy(message, 8);
  message.writeUInt16BE(checksum(message), CHECKSUM_AT);
  return writeIp4(turned(packet), { protocol: IP_PROTO.ICMP, payload: message });
}

/** Of a fragment, in units of 8 bytes. */
const OFFSET = 0x1fff;

/** Nobody answers what these say (RFC 1122 3.2.2): unreachable, quench, redirect, time, problem. */
const ERRORS_4: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/** Not of this network (0/8), nor of the host itself (127/8), nor of many (224/3). */
function isHost4(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

function answer6(frame: Buffer, mtu: number): Buffer | string {
  const reader = new Reader(frame);
  const packet = readHeader6(reader);
  if (packet.payloadLength + IPV6_HEADER <= mtu) return 'not too big';
  if (!isHost6(packet.source) || !isHost6(packet.destination)) return 'not from one to one';
  const refusal = refusal6(reader, packet.nextHeader);
  if (refusal !== undefined) return refusal;
  const quoted = frame.subarray(ETHERNET_HEADER, ETHERNET_HEADER + QUOTED_MAX.ipv6);
  const message = Buffer.alloc(8 + quoted.length);
  message.writeUInt8(PACKET_TOO_BIG, 0);
  message.writeUInt32BE(mtu, 4);
  quoted.copy(message, 8);
  return writeIcmp6(turned(packet), message);
}

const IPV6_HEADER = 40;
const EXTENSION = { HOP_BY_HOP: 0, ROUTING: 43, FRAGMENT: 44, DESTINATION: 60 } as const;
/** ICMPv6 has its errors below this type; redirects are answered as little (RFC 4443 2.4 e). */
const INFORMATIONAL = 128;
const REDIRECT = 137;

/** Passes over extension headers (RFC 8200 section 4) to what the packet carries. */
function refusal6(reader: Reader, first: number): string | undefined {
  let header = first;
  for (;;) {
    switch (header) {
      case EXTENSION.HOP_BY_HOP:
      case EXTENSION.ROUTING:
      case EXTENSION.DESTINATION: {
        header = reader.u8();
        reader.skip(reader.u8() * 8 + 6);
        break;
      }
      case EXTENSION.FRAGMENT: {
        header = reader.u8();
        reader.skip(1);
        if (reader.u16() >>> 3 !== 0) return 'a later fragment';
        reader.skip(4);
        break;
      }
      case IP_PROTO.ICMPV6: {
        const type = reader.u8();
        return type < INFORMATIONAL || type === REDIRECT ? 'an error itself' : undefined;
      }
      default:
        return undefined;
    }
  }
}

/** Neither unspecified, nor the host itself (::1), nor of many (ff00::/8). */
function isHost6(address: bigint): boolean {
  return address > 1n && address >> 120n !== 0xffn;
}
