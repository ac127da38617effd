/**
 * A DNS client for tests, written from RFC 1035 alone: it makes the frames that a guest sends and
 * reads what it gets, without a line of the server's.
 */
import { isIPv6 } from 'node:net';

export interface DnsQuestion {
  readonly name: string;
  /** Default A. */
  readonly type?: number;
  readonly class?: number;
  readonly id?: number;
  readonly flags?: number;
  /** Bytes of records of the last section, and how many they are. */
  readonly additional?: readonly Buffer[];
}

export interface DnsEnds {
  readonly mac?: string;
  readonly serverMac?: string;
  readonly source?: string;
  readonly server?: string;
}

const CLIENT_PORT = 40_000;

export function nameBytes(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.');
  const encoded = labels.map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
  );
  return Buffer.concat([...encoded, Buffer.from([0])]);
}

/** An OPT record (RFC 6891). */
export function optRecord({ size = 1232, version = 0, dnssecOk = false } = {}): Buffer {
  const flags = dnssecOk ? 0x8000 : 0;
  return Buffer.concat([Buffer.from([0]), u16(41), u16(size), u16(version), u16(flags), u16(0)]);
}

export function dnsMessage(question: DnsQuestion): Buffer {
  const { name, type = 1, id = 0x1234, flags = 0x0100, additional = [] } = question;
  const counts = [1, 0, 0, additional.length];
  const asked = [nameBytes(name), u16(type), u16(question.class ?? 1)];
  return Buffer.concat([...[id, flags, ...counts].map(u16), ...asked, ...additional]);
}

/** A frame of a guest with a message, or with bytes that are none. */
export function dnsFrame(payload: Buffer, ends: DnsEnds = {}): Buffer {
  const { mac = '02:00:00:00:00:0a', serverMac = '02:00:00:00:00:01' } = ends;
  const { source = '10.0.0.10', server = '10.0.0.2' } = ends;
  const length = 8 + payload.length;
  const udp = Buffer.concat([u16(CLIENT_PORT), u16(53), u16(length), u16(0), payload]);
  const encode = isIPv6(server) ? ip6 : ip4;
  const addresses = Buffer.concat([encode(source), encode(server)]);
  udp.writeUInt16BE(checksum(Buffer.concat([addresses, u16(17), u16(length), udp])), 6);
  const macs = Buffer.concat([macBytes(serverMac), macBytes(mac)]);
  if (isIPv6(server)) {
    const header = [u32(0x6000_0000), u16(length), Buffer.from([17, 64])];
    return Buffer.concat([macs, u16(0x86dd), ...header, addresses, udp]);
  }
  const header = Buffer.from('4500000000000000401100000000000000000000', 'hex');
  header.writeUInt16BE(20 + length, 2);
  header.set(addresses, 12);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([macs, u16(0x0800), header, udp]);
}

export interface DnsReply {
  readonly id: number;
  readonly flags: number;
  readonly rcode: number;
  /** As it came, with its letters. */
  readonly asked: string;
  readonly answers: readonly {
    readonly type: number;
    readonly ttl: number;
    readonly value: string;
  }[];
  readonly opt: { readonly size: number; readonly flags: number } | undefined;
}

/** The message in a frame that a guest got, with who seems to have sent it. */
export function readDnsFrame(frame: Buffer): DnsReply & {
  readonly macs: readonly [to: string, from: string];
  readonly from: string;
  readonly to: string;
  readonly ports: readonly [from: number, to: number];
} {
  const macs = [frame.toString('hex', 0, 6), frame.toString('hex', 6, 12)] as const;
  const isV6 = frame.readUInt16BE(12) === 0x86dd;
  const udp = isV6 ? 54 : 34;
  const from = isV6 ? frame.toString('hex', 22, 38) : [...frame.subarray(26, 30)].join('.');
  const to = isV6 ? frame.toString('hex', 38, 54) : [...frame.subarray(30, 34)].join('.');
  const ports = [frame.readUInt16BE(udp), frame.readUInt16BE(udp + 2)] as const;
  return { ...readDnsMessage(frame.subarray(udp + 8)), macs, from, to, ports };
}

export function readDnsMessage(bytes: Buffer): DnsReply {
  const [id, flags] = [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
  const count = bytes.readUInt16BE(6);
  const asked = readName(bytes, 12);
  let at = asked.end + 4;
  const answers: { type: number; ttl: number; value: string }[] = [];
  for (let left = count; left > 0; left--) {
    at = readName(bytes, at).end;
    const [type, ttl] = [bytes.readUInt16BE(at), bytes.readUInt32BE(at + 4)];
    const length = bytes.readUInt16BE(at + 8);
    answers.push({ type, ttl, value: valueOf(bytes, { type, at: at + 10, length }) });
    at += 10 + length;
  }
  const hasOpt = bytes.readUInt16BE(10) === 1;
  const opt = hasOpt
    ? { size: bytes.readUInt16BE(at + 3), flags: bytes.readUInt32BE(at + 5) }
    : undefined;
  if (at + (hasOpt ? 11 : 0) !== bytes.length) throw new Error(`${bytes.length - at} bytes more`);
  return { id, flags, rcode: flags & 15, asked: asked.name, answers, opt };
}

function valueOf(
  bytes: Buffer,
  { type, at, length }: { type: number; at: number; length: number },
): string {
  if (type === 1) return [...bytes.subarray(at, at + length)].join('.');
  return type === 12 ? readName(bytes, at).name : bytes.toString('hex', at, at + length);
}

function readName(bytes: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) {
    if (length >= 0xc0) {
      const rest = readName(bytes, bytes.readUInt16BE(at) & 0x3fff);
      return { name: [...labels, rest.name].join('.'), end: at + 2 };
    }
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** Where it is wrong a connection tracker does not know the packet. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff || 0xffff;
}

function macBytes(text: string): Buffer {
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}

function ip4(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

/** Of an address with one `::`. */
function ip6(text: string): Buffer {
  const [head = [], tail = []] = text.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return Buffer.concat([...head, ...zeros, ...tail].map((word) => u16(Number.parseInt(word, 16))));
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
