/**
 * What an Ethernet frame says of its connection: addresses, protocol, ports or ICMP type (RFC 791,
 * RFC 8200). Frames are a guest's: whatever the bytes are, what cannot be read is left out.
 */
import { formatAddress, IP_PROTOCOLS } from '../../topology/index.ts';

export interface PacketTuple {
  readonly src: string;
  readonly dst: string;
  /** A name of Neutron's, or a number. */
  readonly protocol: string;
  readonly src_port?: number;
  readonly dst_port?: number;
  readonly icmp_type?: number;
  readonly icmp_code?: number;
}

interface Transport {
  readonly protocol: number;
  /** Where its header begins; undefined in a later fragment. */
  readonly at: number | undefined;
}

const ETHERNET_BYTES = 14;
const ETHERTYPE_AT = 12;
const IPV4 = { type: 0x0800, minBytes: 20, fragmentMask: 0x1fff };
const IPV6 = { type: 0x86dd, minBytes: 40, fragmentMask: 0xfff8 };

const NAMES = new Map<number, string>([
  [IP_PROTOCOLS.icmp, 'icmp'],
  [IP_PROTOCOLS['ipv6-icmp'], 'ipv6-icmp'],
  [IP_PROTOCOLS.sctp, 'sctp'],
  [IP_PROTOCOLS.tcp, 'tcp'],
  [IP_PROTOCOLS.udp, 'udp'],
]);
const WITH_PORTS = new Set<number>([IP_PROTOCOLS.tcp, IP_PROTOCOLS.udp, IP_PROTOCOLS.sctp]);
const WITH_TYPES = new Set<number>([IP_PROTOCOLS.icmp, IP_PROTOCOLS['ipv6-icmp']]);

/** Undefined when it is no IP packet, or not all of its header is there. */
export function readTuple(frame: Buffer): PacketTuple | undefined {
  if (frame.length < ETHERNET_BYTES) return undefined;
  const packet = frame.subarray(ETHERNET_BYTES);
  switch (frame.readUInt16BE(ETHERTYPE_AT)) {
    case IPV4.type:
      return packet.length < IPV4.minBytes ? undefined : readIpv4(packet);
    case IPV6.type:
      return packet.length < IPV6.minBytes ? undefined : readIpv6(packet);
    default:
      return undefined;
  }
}

function readIpv4(packet: Buffer): PacketTuple {
  const isLater = (packet.readUInt16BE(6) & IPV4.fragmentMask) !== 0;
  const at = isLater ? undefined : (packet.readUInt8(0) & 0xf) * 4;
  return {
    src: formatAddress(packet.readUInt32BE(12)),
    dst: formatAddress(packet.readUInt32BE(16)),
    ...readTransport(packet, { protocol: packet.readUInt8(9), at }),
  };
}

function readIpv6(packet: Buffer): PacketTuple {
  const address = (at: number): string =>
    formatAddress((packet.readBigUInt64BE(at) << 64n) | packet.readBigUInt64BE(at + 8));
  return { src: address(8), dst: address(24), ...readTransport(packet, transportOf(packet)) };
}

/** Extension headers that are passed over, and how long each is, by its second byte. */
const EXTENSIONS = new Map<number, (length: number) => number>([
  [IP_PROTOCOLS.hopopt, (length) => (length + 1) * 8],
  [IP_PROTOCOLS['ipv6-route'], (length) => (length + 1) * 8],
  [IP_PROTOCOLS['ipv6-opts'], (length) => (length + 1) * 8],
  [IP_PROTOCOLS['ipv6-frag'], () => 8],
  [IP_PROTOCOLS.ah, (length) => (length + 2) * 4],
]);

function transportOf(packet: Buffer): Transport {
  let protocol = packet.readUInt8(6);
  let at = IPV6.minBytes;
  // Each is at least 8 bytes, so that this ends.
  for (;;) {
    const lengthOf = EXTENSIONS.get(protocol);
    if (lengthOf === undefined) return { protocol, at };
    if (at + 8 > packet.length) return { protocol, at: undefined };
    const isFragment = protocol === IP_PROTOCOLS['ipv6-frag'];
    protocol = packet.readUInt8(at);
    if (isFragment && (packet.readUInt16BE(at + 2) & IPV6.fragmentMask) !== 0) {
      return { protocol, at: undefined };
    }
    at += lengthOf(packet.readUInt8(at + 1));
  }
}

function readTransport(packet: Buffer, { protocol, at }: Transport) {
  const name = NAMES.get(protocol) ?? String(protocol);
  const header = at === undefined ? NO_BYTES : packet.subarray(at);
  if (WITH_PORTS.has(protocol) && header.length >= 4) {
    return {
      protocol: name,
      src_port: header.readUInt16BE(0),
      dst_port: header.readUInt16BE(2),
    };
  }
  if (WITH_TYPES.has(protocol) && header.length >= 2) {
    return { protocol: name, icmp_type: header.readUInt8(0), icmp_code: header.readUInt8(1) };
  }
  return { protocol: name };
}

const NO_BYTES = Buffer.alloc(0);
