/**
 * Goal: a connection begins only for whoever got the answer to its SYN, nothing is remembered before,
 * and everything else is told that there is none.
 * Method: segments made by hand, a real keyed hash, a clock that is an argument.
 */
import { expect, test } from 'vitest';
import { keyedHash } from '../../../../src/lib/keyed-hash.ts';
import { TcpConnection } from '../../../../src/services/tcp/connection.ts';
import { answerCaller, type Caller } from '../../../../src/services/tcp/handshake.ts';
import { advance, FLAG, type Segment } from '../../../../src/services/tcp/segment.ts';

const hash = keyedHash('secret');
const CALLER: Caller = { ends: 'port 10.0.0.10 40000', mss: 1402, now: 5_000 };
const FIRST = 0xffff_ffff;

function segment(more: Partial<Segment>): Segment {
  const empty = { window: 1_000, payload: Buffer.alloc(0) };
  return { sequence: 0, acknowledgment: 0, flags: 0, ...empty, ...more };
}

const syn = (mss?: number): Segment => segment({ flags: FLAG.SYN, sequence: FIRST, mss });

function answerTo(each: Segment, more: Partial<Caller> = {}) {
  return answerCaller(each, { ...CALLER, ...more }, hash);
}

/** The third segment, in answer to ours. */
function third(mss?: number): Segment {
  const ours = answerTo(syn(mss)) as Segment;
  const acknowledgment = advance(ours.sequence, 1);
  return segment({ flags: FLAG.ACK, sequence: ours.acknowledgment, acknowledgment });
}

test('a SYN is answered with what the network takes, the same way each time', () => {
  const answer = answerTo(syn(1402));
  expect(answer).toMatchObject({ flags: FLAG.SYN | FLAG.ACK, acknowledgment: 0, mss: 1402 });
  expect(answerTo(syn(1402))).toEqual(answer);
  expect(answerTo(syn(1402), { ends: 'port 10.0.0.10 40001' })).not.toEqual(answer);
  expect(answerCaller(syn(1402), CALLER, keyedHash('another'))).not.toEqual(answer);
});

test.each([
  [1402, 1402],
  [9000, 1402],
  [1399, 1382],
  [undefined, 536],
  [20, 536],
])('of a peer that takes %s bytes segments have %i', (mss, length) => {
  const connection = answerTo(third(mss));
  if (!(connection instanceof TcpConnection)) throw new Error('there is a connection');
  connection.receive({ ...third(mss), window: 20_000 }, 5_000);
  connection.write(Buffer.alloc(2_000));
  expect(connection.poll(5_000)[0]?.payload).toHaveLength(length);
});

test('the acknowledgment of our number begins a connection, for as long as it may take', () => {
  for (const now of [5_000, 64_000, 127_999]) {
    expect(answerTo(third(), { now })).toBeInstanceOf(TcpConnection);
  }
  expect(answerTo(third(), { now: 128_000 })).toMatchObject({ flags: FLAG.RST });
});

test.each<[string, Partial<Segment>, Partial<Caller>]>([
  ['of other ends', {}, { ends: 'port 10.0.0.11 40000' }],
  ['of another number', { acknowledgment: 77 }, {}],
  ['to another SYN', { sequence: 5 }, {}],
])('an acknowledgment %s begins none', (_, said, caller) => {
  const forged = { ...third(), ...said };
  expect(answerTo(forged, caller)).toMatchObject({
    flags: FLAG.RST,
    sequence: forged.acknowledgment,
  });
});

test('what belongs to no connection is told so, but a reset is not', () => {
  const payload = Buffer.from('GET');
  const fin = segment({ flags: FLAG.FIN, sequence: 7, payload });
  expect(answerTo(fin)).toMatchObject({
    flags: FLAG.RST | FLAG.ACK,
    sequence: 0,
    acknowledgment: 11,
  });
  const both = segment({ flags: FLAG.SYN | FLAG.ACK, acknowledgment: 9 });
  expect(answerTo(both)).toMatchObject({ flags: FLAG.RST, sequence: 9 });
  expect(answerTo(segment({ flags: FLAG.RST }))).toBeUndefined();
  expect(answerTo(segment({ flags: FLAG.RST | FLAG.SYN }))).toBeUndefined();
});
