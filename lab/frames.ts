/**
 * Frames that a test sends on purpose, well-formed down to the checksums: a switch or a kernel that
 * drops them has then dropped them for what they claim.
 */
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, experimental: 0x88b5 } as const;
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const GENEVE_PORT = 6081;
const GENEVE_O_BIT = 0x80;

export interface Ethernet {
  readonly source: string;
  readonly destination: string;
  readonly type: number;
  readonly payload: Buffer;
}

export function ethernet(frame: Ethernet): Buffer {
  const header = Buffer.concat([
    macBytes(frame.destination),
    macBytes(frame.source),
    u16(frame.type),
  ]);
  return Buffer.concat([header, frame.payload]);
}

export interface ArpFields {
  readonly operation: 'request' | 'reply';
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetIp: string;
  readonly targetMac?: string;
  /** The Ethernet source, when it is not the sender's MAC. */
  readonly source?: string;
  readonly destination?: string;
}

/** An ARP request (broadcast) or reply, RFC 826. */
export function arp(fields: ArpFields): Buffer {
  const payload = Buffer.concat([
    Buffer.from([0, 1, 8, 0, 6, 4, 0, fields.operation === 'request' ? 1 : 2]),
    macBytes(fields.senderMac),
    ipv4Bytes(fields.senderIp),
    macBytes(fields.targetMac ?? '00:00:00:00:00:00'),
    ipv4Bytes(fields.targetIp),
    Buffer.alloc(18),
  ]);
  return ethernet({
    source: fields.source ?? fields.senderMac,
    destination: fields.destination ?? BROADCAST,
    type: ETHERTYPE.arp,
    payload,
  });
}

/** Who sends to whom, in both layers. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
  readonly sourceIp: string;
  readonly destinationIp: string;
}

/** An ICMP or ICMPv6 echo request, by the family of the addresses. */
export function echoRequest(ends: Ends): Buffer {
  return icmp(ends, ends.sourceIp.includes(':') ? 128 : 8, 0);
}

/** An ICMP or ICMPv6 message, by the family of the addresses, with the body of an echo. */
export function icmp(ends: Ends, type: number, code: number): Buffer {
  return icmpMessage(ends, type, code, Buffer.from('48440001', 'hex'));
}

/** An ICMP or ICMPv6 error about a frame, which it quotes (RFC 792; RFC 4443, 3). */
export function icmpError(
  ends: Ends,
  error: { readonly type: number; readonly code: number },
  about: Buffer,
): Buffer {
  const quoted = Buffer.concat([Buffer.alloc(4), about.subarray(14)]);
  return icmpMessage(ends, error.type, error.code, quoted);
}

function icmpMessage(ends: Ends, type: number, code: number, body: Buffer): Buffer {
  if (ends.sourceIp.includes(':')) return icmpv6(ends, type, body, code);
  const message = Buffer.concat([Buffer.from([type, code, 0, 0]), body]);
  return ipFrame(ends, PROTOCOL.icmp, withChecksum(message, 2));
}

/** A UDP datagram in IPv4 or IPv6. */
export function udp(ends: Ends, ports: { from: number; to: number }, data: Buffer): Buffer {
  const length = 8 + data.length;
  const segment = Buffer.concat([u16(ports.from), u16(ports.to), u16(length), u16(0), data]);
  return ipFrame(
    ends,
    PROTOCOL.udp,
    withChecksum(segment, 6, pseudoHeader(ends, PROTOCOL.udp, length)),
  );
}

/** A neighbour advertisement that binds `target` to `targetMac` (RFC 4861, 4.4). */
export function neighbourAdvertisement(ends: Ends, target: string, targetMac: string): Buffer {
  const override = Buffer.from([0x20, 0, 0, 0]);
  const option = Buffer.concat([Buffer.from([2, 1]), macBytes(targetMac)]);
  return icmpv6(ends, 136, Buffer.concat([override, ipv6Bytes(target), option]));
}

/** A neighbour solicitation for `target` that binds its source to `sourceMac` (RFC 4861, 4.3). */
export function neighbourSolicitation(ends: Ends, target: string, sourceMac: string): Buffer {
  const option = Buffer.concat([Buffer.from([1, 1]), macBytes(sourceMac)]);
  return icmpv6(ends, 135, Buffer.concat([Buffer.alloc(4), ipv6Bytes(target), option]));
}

/** A redirect that sends what is for `destination` to `target` (RFC 4861, 4.5). */
export function redirect(ends: Ends, target: string, destination: string): Buffer {
  const body = [Buffer.alloc(4), ipv6Bytes(target), ipv6Bytes(destination)];
  return icmpv6(ends, 137, Buffer.concat(body));
}

/** A router advertisement (RFC 4861, 4.2) with a lifetime of half an hour. */
export function routerAdvertisement(ends: Ends): Buffer {
  return icmpv6(ends, 134, Buffer.from('400007080000000000000000', 'hex'));
}

/** What a DHCP server would say to a client: a BOOTREPLY from port 67 to 68 (RFC 2131). */
export function dhcpOffer(ends: Ends): Buffer {
  const message = Buffer.alloc(240);
  message.set([2, 1, 6, 0], 0);
  message.writeUInt32BE(0x63825363, 236);
  return udp(ends, { from: 67, to: 68 }, Buffer.concat([message, Buffer.from([53, 1, 2, 255])]));
}

/** A frame in a Geneve tunnel (RFC 8926): UDP to port 6081 with the network identifier `vni`. */
export function geneve(
  outer: Ends,
  vni: number,
  inner: Buffer,
  { isControl = false } = {},
): Buffer {
  const flags = isControl ? GENEVE_O_BIT : 0;
  const header = Buffer.concat([Buffer.from([0, flags, 0x65, 0x58]), u24(vni), Buffer.from([0])]);
  return udp(outer, { from: 49_152, to: GENEVE_PORT }, Buffer.concat([header, inner]));
}

function icmpv6(ends: Ends, type: number, body: Buffer, code = 0): Buffer {
  const message = Buffer.concat([Buffer.from([type, code, 0, 0]), body]);
  const pseudo = pseudoHeader(ends, PROTOCOL.icmpv6, message.length);
  return ipFrame(ends, PROTOCOL.icmpv6, withChecksum(message, 2, pseudo));
}

/**
 * A packet of any IP protocol. Hop limit 255 throughout: neighbour discovery demands it and nothing
 * else minds.
 */
export function ipFrame(ends: Ends, protocol: number, payload: Buffer): Buffer {
  const ipv6 = ends.sourceIp.includes(':');
  const header = ipv6
    ? Buffer.concat([
        Buffer.from([0x60, 0, 0, 0]),
        u16(payload.length),
        Buffer.from([protocol, 255]),
      ])
    : Buffer.concat([
        Buffer.from([0x45, 0]),
        u16(20 + payload.length),
        Buffer.from([0, 0, 0, 0, 255, protocol, 0, 0]),
      ]);
  const addresses = Buffer.concat([ipBytes(ends.sourceIp), ipBytes(ends.destinationIp)]);
  const whole = Buffer.concat([header, addresses]);
  return ethernet({
    source: ends.source,
    destination: ends.destination,
    type: ipv6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4,
    payload: Buffer.concat([ipv6 ? whole : withChecksum(whole, 10), payload]),
  });
}

/** What checksums of TCP and UDP count along (RFC 793, 3.1; RFC 8200, 8.1). */
export function pseudoHeader(ends: Ends, protocol: number, length: number): Buffer {
  const addresses = [ipBytes(ends.sourceIp), ipBytes(ends.destinationIp)];
  return Buffer.concat([...addresses, Buffer.from([0, protocol]), u16(length)]);
}

/** Fills in the Internet checksum (RFC 1071) of `message`, counting `pseudo` along. */
export function withChecksum(
  message: Buffer,
  offset: number,
  pseudo: Buffer = Buffer.alloc(0),
): Buffer {
  const all = Buffer.concat([pseudo, message, Buffer.alloc((pseudo.length + message.length) % 2)]);
  let sum = 0;
  for (let at = 0; at < all.length; at += 2) sum += all.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  const filled = Buffer.from(message);
  filled.writeUInt16BE(~sum & 0xffff || 0xffff, offset);
  return filled;
}

function macBytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

function ipBytes(address: string): Buffer {
  return address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.concat(
    [...left, ...zeros, ...right].map((group) => u16(Number.parseInt(group, 16))),
  );
}

export function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function u24(value: number): Buffer {
  return Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
}
