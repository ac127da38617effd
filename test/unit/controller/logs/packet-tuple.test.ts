/**
 * Goal: a frame is read as what it is, and whatever a guest sends costs no more than a look.
 * Method: frames made byte by byte, cut at every length, and random ones.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Ends, echoRequest, udp } from '../../../../lab/frames.ts';
import { tcp } from '../../../../lab/transport-frames.ts';
import { readTuple } from '../../../../src/controller/logs/packet-tuple.ts';

const MACS = { source: '02:00:00:00:00:01', destination: '02:00:00:00:00:02' };
const V4: Ends = { ...MACS, sourceIp: '10.0.0.1', destinationIp: '10.0.0.2' };
const V6: Ends = { ...MACS, sourceIp: 'fd00::1', destinationIp: 'fd00::2' };
const PORTS = { from: 1234, to: 80 };
const NOTHING = Buffer.alloc(0);

const IPV6_AT = 14;
const NEXT_HEADER_AT = IPV6_AT + 6;
const EXTENSIONS_AT = IPV6_AT + 40;

/** The frame with extension headers between IPv6 and what followed it. */
function extended(frame: Buffer, ...headers: readonly { type: number; rest: string }[]): Buffer {
  const last = frame[NEXT_HEADER_AT] ?? 0;
  const chain = headers.map(({ rest }, at) =>
    Buffer.concat([Buffer.from([headers[at + 1]?.type ?? last]), Buffer.from(rest, 'hex')]),
  );
  const made = Buffer.concat([
    frame.subarray(0, EXTENSIONS_AT),
    ...chain,
    frame.subarray(EXTENSIONS_AT),
  ]);
  made[NEXT_HEADER_AT] = headers[0]?.type ?? last;
  return made;
}

test('TCP and UDP have ports, ICMP has type and code', () => {
  const v4 = { src: '10.0.0.1', dst: '10.0.0.2' };
  const v6 = { src: 'fd00::1', dst: 'fd00::2' };
  const ports = { src_port: 1234, dst_port: 80 };
  expect(readTuple(tcp(V4, PORTS))).toEqual({ ...v4, protocol: 'tcp', ...ports });
  expect(readTuple(udp(V6, PORTS, NOTHING))).toEqual({ ...v6, protocol: 'udp', ...ports });
  expect(readTuple(echoRequest(V4))).toEqual({
    ...v4,
    protocol: 'icmp',
    icmp_type: 8,
    icmp_code: 0,
  });
  expect(readTuple(echoRequest(V6))).toEqual({
    ...v6,
    protocol: 'ipv6-icmp',
    icmp_type: 128,
    icmp_code: 0,
  });
});

test('extension headers are passed over; a later fragment has no ports', () => {
  const frame = udp(V6, PORTS, NOTHING);
  const options = { type: 0, rest: '00010400000000' };
  // 12 bytes: the length counts words beyond the first two.
  const authentication = { type: 51, rest: '01'.padEnd(22, '0') };
  const first = { type: 44, rest: '00000100000001' };
  const later = { type: 44, rest: '00000800000001' };
  const ports = { src_port: 1234, dst_port: 80 };
  expect(readTuple(extended(frame, options, first))).toMatchObject({ protocol: 'udp', ...ports });
  expect(readTuple(extended(frame, authentication))).toMatchObject({ protocol: 'udp', ...ports });
  const rest = readTuple(extended(frame, options, later));
  expect(rest).toEqual({ src: 'fd00::1', dst: 'fd00::2', protocol: 'udp' });
});

test('a protocol without a name is a number, and what is no IP packet is nothing', () => {
  const frame = udp(V4, PORTS, NOTHING);
  frame[IPV6_AT + 9] = 47;
  expect(readTuple(frame)).toEqual({ src: '10.0.0.1', dst: '10.0.0.2', protocol: '47' });
  frame.writeUInt16BE(0x0806, 12);
  expect(readTuple(frame)).toBeUndefined();
});

test('a frame that is cut short, or nonsense, is read as far as it goes', () => {
  const whole = extended(tcp(V6, PORTS), { type: 0, rest: '00010400000000' });
  for (let length = 0; length <= whole.length; length++) {
    const tuple = readTuple(whole.subarray(0, length));
    if (length >= EXTENSIONS_AT) expect(tuple).toMatchObject({ src: 'fd00::1' });
    else expect(tuple).toBeUndefined();
  }
  fc.assert(
    fc.property(
      fc.constantFrom(0x0800, 0x86dd, 0),
      fc.uint8Array({ maxLength: 200 }),
      (type, bytes) => {
        const head = Buffer.alloc(14);
        head.writeUInt16BE(type, 12);
        readTuple(Buffer.concat([head, bytes]));
      },
    ),
    { numRuns: 2_000 },
  );
});
