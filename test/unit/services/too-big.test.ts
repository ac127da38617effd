/**
 * Goal: who sends a packet that is too big is told how large it may be, in an ICMP error that its
 * kernel believes; and nobody is told who must not be, whatever a guest makes up.
 * Method: frames made by hand; answers read as bytes, apart from the codec.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Ends,
  icmp,
  icmpError,
  ipFrame,
  pseudoHeader,
  udp,
  withChecksum,
} from '../../../lab/frames.ts';
import { answerTooBig } from '../../../src/services/too-big.ts';

const MTU = 1442;
const V4: Ends = {
  source: '02:00:00:00:00:0a',
  destination: '02:00:00:00:00:0b',
  sourceIp: '10.0.0.10',
  destinationIp: '10.0.0.11',
};
const V6: Ends = { ...V4, sourceIp: 'fd00::a', destinationIp: 'fd00::b' };
const PORTS = { from: 1000, to: 53 };
/** Of a packet that is larger, or just not, by one byte: without headers of IP and UDP. */
const [LARGE_4, LARGE_6] = [MTU + 1 - 28, MTU + 1 - 48];
const TURNED = '02000000000a' + '02000000000b';

const large4 = (ends = V4) => udp(ends, PORTS, Buffer.alloc(LARGE_4, 'x'));
const large6 = (ends = V6) => udp(ends, PORTS, Buffer.alloc(LARGE_6, 'x'));

function answerTo(frame: Buffer, mtu = MTU): Buffer {
  const answer = answerTooBig(frame, mtu);
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
}

function zeroed(message: Buffer): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(0, 2);
  return copy;
}

test('IPv4: fragmentation needed, from whom the packet was for, about its first 548 bytes', () => {
  const frame = large4();
  const answer = answerTo(frame);
  const header = answer.subarray(14, 34);
  const message = answer.subarray(34);
  expect(answer.toString('hex', 0, 14)).toBe(`${TURNED}0800`);
  expect(header.readUInt16BE(2)).toBe(576);
  expect(header.toString('hex', 12)).toBe('0a00000b' + '0a00000a');
  expect(withChecksum(zeroedAt(header, 10), 10)).toEqual(header);
  expect(message.toString('hex', 0, 2)).toBe('0304');
  expect(message.readUInt32BE(4)).toBe(MTU);
  expect(withChecksum(zeroed(message), 2)).toEqual(message);
  expect(message.subarray(8)).toEqual(frame.subarray(14, 14 + 548));
});

test('IPv6: packet too big, from whom the packet was for, about its first 1232 bytes', () => {
  const frame = large6();
  const answer = answerTo(frame);
  const message = answer.subarray(54);
  expect(answer.toString('hex', 0, 14)).toBe(`${TURNED}86dd`);
  expect(answer.length).toBe(14 + 1280);
  expect(message.toString('hex', 0, 2)).toBe('0200');
  expect(message.readUInt32BE(4)).toBe(MTU);
  const turned = { ...V6, sourceIp: V6.destinationIp, destinationIp: V6.sourceIp };
  const pseudo = pseudoHeader(turned, 58, message.length);
  expect(withChecksum(zeroed(message), 2, pseudo)).toEqual(message);
  expect(message.subarray(8)).toEqual(frame.subarray(14, 14 + 1232));
});

function zeroedAt(bytes: Buffer, offset: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(0, offset);
  return copy;
}

test.each([
  ['IPv4', large4()],
  ['IPv6', large6()],
])('%s: what was cut after 1280 bytes is answered just so', (_, frame) => {
  expect(answerTo(frame.subarray(0, 1280))).toEqual(answerTo(frame));
});

test.each([
  ['IPv4', large4()],
  ['IPv6', large6()],
])('%s: what is as large as the network carries is not answered', (_, frame) => {
  expect(answerTooBig(frame, MTU + 1)).toBe('not too big');
});

const BODY = Buffer.alloc(1500);

test.each([
  ...[3, 4, 5, 11, 12].map((type) => ['V4', V4, type] as const),
  ...[1, 2, 3, 4, 100, 137].map((type) => ['V6', V6, type] as const),
])('no error is answered: %s, %o, type %i', (_, ends, type) => {
  expect(answerTooBig(icmpError(ends, { type, code: 0 }, BODY), MTU)).toBe('an error itself');
});

test.each([V4, V6])('a question for an echo is answered', (ends) => {
  const echo = icmpError(ends, { type: ends === V4 ? 8 : 128, code: 0 }, BODY);
  expect(answerTo(echo).length).toBeGreaterThan(500);
  expect(answerTooBig(icmp(ends, 8, 0), MTU)).toBe('not too big');
});

test.each<[string, Partial<Ends>]>([
  ['nobody', { sourceIp: '0.0.0.0' }],
  ['the host itself', { sourceIp: '127.0.0.1' }],
  ['a group', { sourceIp: '224.0.0.1' }],
  ['everybody', { sourceIp: '255.255.255.255' }],
  ['one to a group', { destinationIp: '239.1.1.1' }],
])('IPv4: what comes from %s is not answered', (_, ends) => {
  expect(answerTooBig(large4({ ...V4, ...ends }), MTU)).toBe('not from one to one');
});

test.each<[string, Partial<Ends>]>([
  ['nobody', { sourceIp: '::' }],
  ['the host itself', { sourceIp: '::1' }],
  ['a group', { sourceIp: 'ff02::1' }],
  ['one to a group', { destinationIp: 'ff02::1' }],
])('IPv6: what comes from %s is not answered', (_, ends) => {
  expect(answerTooBig(large6({ ...V6, ...ends }), MTU)).toBe('not from one to one');
});

/** A fragment header (RFC 8200 section 4.5) in front of an ICMPv6 message of a type. */
const fragment6 = (offset: number, type: number) =>
  ipFrame(V6, 44, Buffer.concat([Buffer.from([58, 0, 0, offset << 3, 0, 0, 0, 1, type]), BODY]));

test('of a datagram in parts the first one is answered', () => {
  const later = large4();
  later.writeUInt16BE(0x20b9, 14 + 6);
  expect(answerTooBig(later, MTU)).toBe('a later fragment');
  later.writeUInt16BE(0x2000, 14 + 6);
  expect(answerTo(later).length).toBe(14 + 576);
  expect(answerTooBig(fragment6(1, 128), MTU)).toBe('a later fragment');
  expect(answerTo(fragment6(0, 128)).length).toBe(14 + 1280);
});

test('extension headers hide no error', () => {
  const options = Buffer.from([58, 1, ...Buffer.alloc(14), 2]);
  for (const header of [0, 43, 60]) {
    const frame = ipFrame(V6, header, Buffer.concat([options, BODY]));
    expect(answerTooBig(frame, MTU)).toBe('an error itself');
  }
  expect(answerTooBig(fragment6(0, 1), MTU)).toBe('an error itself');
});

test('no frame is more than malformed', () => {
  const fields = fc.tuple(fc.nat(100), fc.nat(255), fc.nat(1600));
  fc.assert(
    fc.property(fc.constantFrom(large4(), large6(), fragment6(0, 1)), fields, (good, field) => {
      const [at, value, length] = field;
      const frame = Buffer.from(good.subarray(0, length));
      if (at < frame.length) frame[at] = value;
      const answer = answerTooBig(frame, MTU);
      if (typeof answer === 'string') expect(answer).toMatch(/^[a-zA-Z ]+$/);
      else expect(answer.length).toBeLessThanOrEqual(14 + 1280);
    }),
    { numRuns: 500 },
  );
  expect(answerTooBig(Buffer.alloc(20), MTU)).toBe('no IP packet');
});
