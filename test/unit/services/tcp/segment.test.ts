/**
 * Goal: segments are read and written as RFC 9293 has them, over either version of IP, and no damaged
 * frame is more than malformed.
 * Method: frames that the lab's own encoder makes, checksums included; random damage.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Ends, ipFrame, pseudoHeader, withChecksum } from '../../../../lab/frames.ts';
import { TCP_FLAG, tcp } from '../../../../lab/transport-frames.ts';
import { DecodeError } from '../../../../src/openflow/index.ts';
import { turnedWithPorts } from '../../../../src/services/ends.ts';
import { mssOf, readTcpFrame, writeTcpFrame } from '../../../../src/services/tcp/frame.ts';
import { FLAG } from '../../../../src/services/tcp/segment.ts';

const MACS = { source: '02:00:00:00:00:0a', destination: '02:48:44:00:00:01' };
const V4: Ends = { ...MACS, sourceIp: '10.0.0.10', destinationIp: '169.254.169.254' };
const V6: Ends = { ...MACS, sourceIp: 'fe80::ff:fe00:a', destinationIp: 'fe80::a9fe:a9fe' };
const VERSIONS = [
  ['IPv4', V4],
  ['IPv6', V6],
] as const;
const PORTS = { from: 40_000, to: 80 };

test.each(VERSIONS)('what is read of a segment over %s is written as it was', (_, ends) => {
  const fields = { flags: TCP_FLAG.ack | TCP_FLAG.psh, sequence: 0xffff_fffe, acknowledged: 5 };
  const frame = tcp(ends, PORTS, { ...fields, data: Buffer.from('odd') });
  const read = readTcpFrame(frame);
  expect(read.segment).toMatchObject({
    flags: FLAG.ACK | FLAG.PSH,
    sequence: 0xffff_fffe,
    acknowledgment: 5,
    window: 0x2000,
    payload: Buffer.from('odd'),
  });
  expect(read.ends).toMatchObject({ sourcePort: 40_000, destinationPort: 80 });
  expect(readTcpFrame(writeTcpFrame(read))).toEqual(read);
  const bytes = writeTcpFrame(read);
  const at = bytes.length - 23;
  // The checksum is that of the same segment by the lab's encoder.
  expect(bytes.subarray(at)).toEqual(frame.subarray(at));
});

test.each(VERSIONS)('the largest segment is told and taken with SYN alone (%s)', (_, ends) => {
  const { ends: read } = readTcpFrame(tcp(ends, PORTS));
  const segment = {
    sequence: 1,
    acknowledgment: 0,
    flags: FLAG.SYN,
    window: 1,
    mss: 1402,
    payload: Buffer.alloc(0),
  };
  expect(readTcpFrame(writeTcpFrame({ ends: read, segment })).segment.mss).toBe(1402);
  const later = { ...segment, flags: FLAG.ACK };
  expect(readTcpFrame(writeTcpFrame({ ends: read, segment: later })).segment.mss).toBeUndefined();
});

test('an answer goes the other way', () => {
  const { ends } = readTcpFrame(tcp(V4, PORTS));
  expect(turnedWithPorts(ends)).toEqual({
    sourceMac: ends.destinationMac,
    destinationMac: ends.sourceMac,
    source: 0xa9fe_a9fe,
    destination: 0x0a00_000a,
    sourcePort: 80,
    destinationPort: 40_000,
  });
  expect(turnedWithPorts(turnedWithPorts(ends))).toEqual(ends);
});

test('a packet of the network holds the largest segment', () => {
  expect(mssOf(readTcpFrame(tcp(V4, PORTS)).ends, 1442)).toBe(1402);
  expect(mssOf(readTcpFrame(tcp(V6, PORTS)).ends, 1442)).toBe(1382);
});

test.each([
  ['a header that is too short', [0x40]],
  ['a header longer than the segment', [0xf0]],
  ['an option of no length', [0x60, 0x02, 0x10, 0, 0, 0, 0, 0, 2, 0, 0, 0]],
  ['an option longer than the header', [0x60, 0x02, 0x10, 0, 0, 0, 0, 0, 2, 9, 0, 0]],
])('%s is malformed', (_, rest) => {
  const segment = Buffer.alloc(24);
  segment.set(rest, 12);
  const sum = pseudoHeader(V4, 6, segment.length);
  const frame = ipFrame(V4, 6, withChecksum(segment, 16, sum));
  expect(() => readTcpFrame(frame)).toThrow(DecodeError);
});

test.each(VERSIONS)('no damaged frame is more than malformed (%s)', (_, ends) => {
  const good = tcp(ends, PORTS, { data: Buffer.from('GET / HTTP/1.1\r\n\r\n') });
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
      const frame = Buffer.from(good);
      frame[at] = value;
      try {
        readTcpFrame(frame.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }),
    { numRuns: 1000 },
  );
});
