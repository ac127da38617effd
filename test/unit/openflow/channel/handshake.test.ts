/**
 * Goal: a channel comes about with a peer that speaks OpenFlow 1.5, and only with such a peer;
 * every other ends with a reason, in bounded time.
 * Method: a scripted switch over an in-memory stream, a virtual clock.
 */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { nullLogger } from '../../../../src/lib/log.ts';
import { Channel } from '../../../../src/openflow/channel.ts';
import { encodeMessage } from '../../../../src/openflow/messages/index.ts';
import { duplexPair } from '../../../support/duplex-pair.ts';
import { converse, DATAPATH_ID, FEATURES, meet } from '../../../support/scripted-switch.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const HELLO = encodeMessage({ type: 'OFPT_HELLO', versions: [] }, 7);

function helloOfVersion(version: number): Buffer {
  const bytes = Buffer.from(HELLO);
  bytes[0] = version;
  return bytes;
}

test('hello and features make a channel that knows its datapath', async () => {
  const { channel, peer } = await converse();
  expect(channel.features.datapathId).toBe(DATAPATH_ID);
  expect(peer.log[0]).toEqual({ type: 'OFPT_HELLO', versions: [6] });
});

test('the hello may come in pieces, whatever the cut, and with the features', async () => {
  const hello = encodeMessage({ type: 'OFPT_HELLO', versions: [6] }, 1);
  for (let cut = 1; cut < hello.length; cut++) {
    const { accepted, peer } = meet();
    await peer.expect('OFPT_HELLO');
    peer.stream.write(hello.subarray(0, cut));
    peer.stream.write(hello.subarray(cut));
    const { xid } = await peer.expect('OFPT_FEATURES_REQUEST');
    peer.say(FEATURES, xid);
    expect((await accepted).features.datapathId).toBe(DATAPATH_ID);
  }
});

test('a hello without a bitmap means every version up to its own', async () => {
  const { accepted, peer } = meet();
  await peer.expect('OFPT_HELLO');
  peer.stream.write(helloOfVersion(7));
  const { xid } = await peer.expect('OFPT_FEATURES_REQUEST');
  peer.say(FEATURES, xid);
  await expect(accepted).resolves.toBeInstanceOf(Channel);
});

test.each([
  ['a bitmap without 1.5', encodeMessage({ type: 'OFPT_HELLO', versions: [1, 4] }, 7), 6],
  ['an older version and no bitmap', helloOfVersion(4), 4],
])('a peer with %s is told OFPHFC_INCOMPATIBLE, with a text, and closed', async (...row) => {
  const [, hello, version] = row;
  const { accepted, peer } = meet();
  await peer.expect('OFPT_HELLO');
  const answer = once(peer.stream, 'data') as Promise<[Buffer]>;
  const refused = expect(accepted).rejects.toThrow(/only OpenFlow 1.5/);
  peer.stream.write(hello);
  const [bytes] = await answer;
  expect(bytes[0]).toBe(version);
  const { message, xid } = await peer.expect('OFPT_ERROR');
  expect(xid).toBe(7);
  expect([message.errorType, message.code]).toEqual([0, 0]);
  expect(message.data.toString('ascii')).toContain('0x06');
  await refused;
});

test.each([
  ['something else than a hello', FEATURES, /expected a hello, got type 6/],
  [
    'a refusal',
    { type: 'OFPT_ERROR', errorType: 0, code: 0, data: Buffer.from('no\u0007') } as const,
    /OFPHFC_INCOMPATIBLE no\./,
  ],
])('a peer that begins with %s is closed', async (_name, message, reason) => {
  const { accepted, peer } = meet();
  const refused = expect(accepted).rejects.toThrow(reason);
  peer.say(message);
  await refused;
});

test.each([
  ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /nonsense.*expected a hello/],
  ['a length below 8', Buffer.from([6, 0, 0, 3]), /nonsense/],
  ['a hello whose element lies', Buffer.from([6, 0, 0, 12, 0, 0, 0, 0, 0, 1, 0, 2]), /no sense/],
])('a peer that sends %s is closed', async (_name, bytes, reason) => {
  const { accepted, peer } = meet();
  const refused = expect(accepted).rejects.toThrow(reason);
  peer.stream.write(bytes);
  await refused;
});

test('a peer that says nothing is closed after the time for the handshake', async () => {
  const { accepted, clock } = meet({ handshakeMs: 300 });
  const refused = expect(accepted).rejects.toThrow(/within 300 ms/);
  clock.advance(300);
  await refused;
  expect(clock.pending).toBe(0);
});

test('a peer that never names its features is closed too', async () => {
  const { accepted, peer, clock } = meet({ handshakeMs: 300 });
  await peer.expect('OFPT_HELLO');
  peer.say({ type: 'OFPT_HELLO', versions: [6] });
  await peer.expect('OFPT_FEATURES_REQUEST');
  const refused = expect(accepted).rejects.toThrow(/within 300 ms/);
  clock.advance(300);
  await refused;
});

test('an error is only an answer to our hello: what follows it is not read', async () => {
  const { accepted, peer } = meet();
  const refused = expect(accepted).rejects.toThrow(/OFPHFC_EPERM/);
  peer.say({ type: 'OFPT_ERROR', errorType: 0, code: 1, data: Buffer.alloc(0) });
  peer.say({ type: 'OFPT_HELLO', versions: [6] });
  await refused;
});

test('a peer that hangs up during the handshake ends it', async () => {
  const clock = new VirtualClock();
  const [ours, theirs] = duplexPair();
  const accepted = Channel.accept(ours, { clock, log: nullLogger });
  const refused = expect(accepted).rejects.toThrow(/ended the connection/);
  theirs.resume();
  theirs.end();
  await refused;
  expect(clock.pending).toBe(0);
});
