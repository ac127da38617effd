/** The bytes of a test packet: what `ofproto/trace` and `netdev-dummy/receive` want. */
import type { PacketFields } from '../../src/simulator/index.ts';

/** An Ethernet frame with lengths and checksums that are right. */
export function frameOf(packet: PacketFields): Buffer {
  const vlan =
    packet.vlan_vid === undefined || packet.vlan_vid === 0
      ? []
      : [u16(0x8100), u16(Number(packet.vlan_vid) & 0xfff)];
  const header = [u48(packet.eth_dst), u48(packet.eth_src), ...vlan, u16(packet.eth_type)];
  return Buffer.concat([...header, payloadOf(packet)]);
}

function payloadOf(packet: PacketFields): Buffer {
  switch (packet.eth_type) {
    case 0x0806:
      return arp(packet);
    case 0x0800:
      return ipv4(packet);
    case 0x86dd:
      return ipv6(packet);
    default:
      return Buffer.alloc(46);
  }
}

function arp(packet: PacketFields): Buffer {
  return Buffer.concat([
    Buffer.from('000108000604', 'hex'),
    u16(packet.arp_op),
    u48(packet.arp_sha),
    u32(packet.arp_spa),
    u48(packet.arp_tha),
    u32(packet.arp_tpa),
  ]);
}

function ipv4(packet: PacketFields): Buffer {
  const addresses = Buffer.concat([u32(packet.ip_src), u32(packet.ip_dst)]);
  const body = transport(packet, addresses);
  const header = Buffer.concat([
    Buffer.from([0x45, trafficClass(packet)]),
    u16(20 + body.length),
    u16(0),
    u16(packet.ip_frag === undefined ? 0 : MORE_FRAGMENTS),
    Buffer.from([packet.nw_ttl ?? 64, packet.ip_proto ?? 0, 0, 0]),
    addresses,
  ]);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, body]);
}

/** Of the fragments that a packet may be, only the first can be written. */
const MORE_FRAGMENTS = 0x2000;

function ipv6(packet: PacketFields): Buffer {
  const addresses = Buffer.concat([u128(packet.ipv6_src), u128(packet.ipv6_dst)]);
  const body = transport(packet, addresses);
  const fixed = Buffer.from([packet.ip_proto ?? 0, packet.nw_ttl ?? 64]);
  const label = u32(0x6000_0000 + trafficClass(packet) * 2 ** 20);
  return Buffer.concat([label, u16(body.length), fixed, addresses, body]);
}

/** The code point, with a field for congestion (ECN) of 0. */
function trafficClass({ ip_dscp = 0 }: PacketFields): number {
  return Number(ip_dscp) << 2;
}

function transport(packet: PacketFields, addresses: Buffer): Buffer {
  switch (packet.ip_proto) {
    case 1:
      return icmp(packet);
    case 6:
      return tcp(packet, addresses);
    case 17:
      return udp(packet, addresses);
    case 58:
      return icmp6(packet, addresses);
    case 132:
      return Buffer.concat([u16(packet.sctp_src), u16(packet.sctp_dst), Buffer.alloc(12)]);
    default:
      return Buffer.alloc(16);
  }
}

/** With as much data as makes a frame of the length that the packet says. */
function udp(packet: PacketFields, addresses: Buffer): Buffer {
  const headers = 14 + (packet.eth_type === 0x0800 ? 20 : 40) + 8;
  const data = Buffer.alloc(Math.max(8, (packet.length ?? 0) - headers));
  const [from, to] = [u16(packet.udp_src), u16(packet.udp_dst)];
  const body = Buffer.concat([from, to, u16(8 + data.length), u16(0), data]);
  body.writeUInt16BE(checksum(pseudo(addresses, 17, body)) || 0xffff, 6);
  return body;
}

/** Without data; its numbers are 0, and its window is as large as can be: so all of them fit. */
function tcp(packet: PacketFields, addresses: Buffer): Buffer {
  const ports = [u16(packet.tcp_src), u16(packet.tcp_dst)];
  const flags = 0x5000 | (packet.tcp_flags ?? 0);
  const body = Buffer.concat([...ports, Buffer.alloc(8), u16(flags), u16(0xffff), Buffer.alloc(4)]);
  body.writeUInt16BE(checksum(pseudo(addresses, 6, body)), 16);
  return body;
}

/** A query with its identifier, or an error with the packet that it is about. */
function icmp(packet: PacketFields): Buffer {
  const { quoted } = packet;
  const start = Buffer.from([packet.icmp_type ?? 0, packet.icmp_code ?? 0, 0, 0]);
  const rest = quoted === undefined ? Buffer.alloc(8) : ipv4(quoted);
  const body = Buffer.concat([start, u16(packet.icmp_id), u16(0), rest]);
  body.writeUInt16BE(checksum(body), 2);
  return body;
}

function icmp6(packet: PacketFields, addresses: Buffer): Buffer {
  const start = Buffer.from([packet.icmpv6_type ?? 0, packet.icmpv6_code ?? 0, 0, 0]);
  const { icmp_id: id, quoted } = packet;
  const parts: Buffer[] = [start];
  parts.push(id === undefined ? u32(packet.nd_reserved) : Buffer.concat([u16(id), u16(0)]));
  if (packet.icmpv6_type === 135 || packet.icmpv6_type === 136) parts.push(u128(packet.nd_target));
  if (Number(packet.nd_sll ?? 0) !== 0) parts.push(Buffer.from([1, 1]), u48(packet.nd_sll));
  if (Number(packet.nd_tll ?? 0) !== 0) parts.push(Buffer.from([2, 1]), u48(packet.nd_tll));
  if (quoted !== undefined) parts.push(ipv6(quoted));
  const body = Buffer.concat(parts);
  body.writeUInt16BE(checksum(pseudo(addresses, 58, body)), 2);
  return body;
}

function pseudo(addresses: Buffer, proto: number, body: Buffer): Buffer {
  return Buffer.concat([addresses, u32(body.length), u32(proto), body]);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}

function u16(value: number | undefined): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value ?? 0);
  return bytes;
}

function u32(value: number | undefined): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value ?? 0);
  return bytes;
}

function u48(value: number | undefined): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(value ?? 0, 0, 6);
  return bytes;
}

function u128(value: bigint | undefined): Buffer {
  return Buffer.from((value ?? 0n).toString(16).padStart(32, '0'), 'hex');
}
