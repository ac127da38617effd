/**
 * A DHCP client for tests, written from RFC 2131 alone: it makes the frames that a client sends and
 * reads what it gets, without a line of the server's.
 */
export interface DhcpQuestion {
  readonly type: number;
  readonly mac?: string;
  readonly chaddr?: string;
  readonly ciaddr?: string;
  readonly giaddr?: string;
  readonly source?: string;
  readonly flags?: number;
  readonly options?: readonly (readonly [code: number, value: Buffer])[];
}

export const CLIENT_MAC = '02:00:00:00:00:0a';
const XID = 0x3903_f326;

export function ip(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

export function dhcpFrame(question: DhcpQuestion): Buffer {
  const { mac = CLIENT_MAC, chaddr = mac, ciaddr = '0.0.0.0', giaddr = '0.0.0.0' } = question;
  const head = Buffer.alloc(236);
  head.set([1, 1, 6, 0]);
  head.writeUInt32BE(XID, 4);
  head.writeUInt16BE(question.flags ?? 0, 10);
  head.set(ip(ciaddr), 12);
  head.set(ip(giaddr), 24);
  head.set(macBytes(chaddr), 28);
  const options = [[53, Buffer.from([question.type])] as const, ...(question.options ?? [])];
  const encoded = options.map(([code, value]) =>
    Buffer.concat([Buffer.from([code, value.length]), value]),
  );
  const magic = Buffer.from('63825363', 'hex');
  const payload = Buffer.concat([head, magic, ...encoded, Buffer.from([255])]);
  return udpFrame(mac, question.source ?? '0.0.0.0', payload);
}

function udpFrame(mac: string, source: string, payload: Buffer): Buffer {
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(68, 0);
  udp.writeUInt16BE(67, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  const header = Buffer.from('4500000000000000401100000000000000000000', 'hex');
  header.writeUInt16BE(28 + payload.length, 2);
  header.set(ip(source), 12);
  header.set(ip('255.255.255.255'), 16);
  const ethernet = Buffer.concat([Buffer.alloc(6, 0xff), macBytes(mac), Buffer.from([8, 0])]);
  return Buffer.concat([ethernet, header, udp, payload]);
}

export interface DhcpAnswer {
  readonly type: number | undefined;
  readonly destinationMac: string;
  readonly destination: string;
  readonly source: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly file: string;
  readonly flags: number;
  /** In the order of the message. */
  readonly options: ReadonlyMap<number, Buffer>;
}

/** Throws where the checksums of the headers do not add up: a kernel would drop such a frame. */
export function readAnswer(frame: Buffer | string): DhcpAnswer {
  if (typeof frame === 'string') throw new Error(`no answer: ${frame}`);
  const ipHeader = frame.subarray(14, 34);
  const segment = frame.subarray(34, 14 + frame.readUInt16BE(16));
  const pseudo = Buffer.concat([
    ipHeader.subarray(12, 20),
    Buffer.from([0, 17]),
    u16(segment.length),
  ]);
  if (sum(ipHeader) !== 0xffff || sum(Buffer.concat([pseudo, segment])) !== 0xffff) {
    throw new Error('a checksum is wrong');
  }
  const bootp = segment.subarray(8);
  const options = new Map<number, Buffer>();
  for (let at = 240; bootp[at] !== 255; at += 2 + (bootp[at + 1] ?? 0)) {
    const code = bootp[at] ?? 0;
    const value = bootp.subarray(at + 2, at + 2 + (bootp[at + 1] ?? 0));
    options.set(code, Buffer.concat([options.get(code) ?? Buffer.alloc(0), value]));
  }
  return {
    type: options.get(53)?.[0],
    destinationMac: frame.toString('hex', 0, 6),
    destination: dotted(ipHeader, 16),
    source: dotted(ipHeader, 12),
    yiaddr: dotted(bootp, 16),
    siaddr: dotted(bootp, 20),
    file: bootp.toString('latin1', 108, bootp.indexOf(0, 108)),
    flags: bootp.readUInt16BE(10),
    options,
  };
}

export function dotted(bytes: Buffer | undefined, at = 0): string {
  return bytes === undefined ? '' : [...bytes.subarray(at, at + 4)].join('.');
}

function macBytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function sum(bytes: Buffer): number {
  const even = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
  let total = 0;
  for (let at = 0; at < even.length; at += 2) total += even.readUInt16BE(at);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}
