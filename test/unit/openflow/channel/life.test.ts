/**
 * Goal: a channel notices a dead peer and only a dead peer, answers echoes, does not fill memory
 * for a peer that does not read, hands events on, and ends cleanly.
 * Method: a scripted switch over an in-memory stream; time only moves when the test says so.
 */
import { expect, test } from 'vitest';
import { nullLogger } from '../../../../src/lib/log.ts';
import { Channel } from '../../../../src/openflow/channel.ts';
import { encodeMessage, type Message } from '../../../../src/openflow/messages/index.ts';
import { duplexPair } from '../../../support/duplex-pair.ts';
import {
  type Conversation,
  converse,
  FEATURES,
  ScriptedSwitch,
} from '../../../support/scripted-switch.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const ECHO = { type: 'OFPT_ECHO_REQUEST', data: Buffer.from('are you there') } as const;
const LIMITS = { echoIntervalMs: 1_000 };

function ended(channel: Channel): Promise<string> {
  return new Promise((resolve) => channel.on('close', resolve));
}

test('an echo request is answered with its own data and xid', async () => {
  const { peer } = await converse();
  peer.say(ECHO, 42);
  const { message, xid } = await peer.expect('OFPT_ECHO_REPLY');
  expect([xid, message.data.toString()]).toEqual([42, 'are you there']);
});

test('a silent peer is asked after one interval and closed after two', async () => {
  const { channel, peer, clock } = await converse(LIMITS);
  clock.advance(999);
  expect(peer.log).toHaveLength(2);
  clock.advance(1);
  await peer.expect('OFPT_ECHO_REQUEST');
  clock.advance(1_000);
  expect(channel.closeReason).toBeUndefined();
  clock.advance(1);
  expect(await ended(channel)).toBe('the peer was silent for 2001 ms');
  expect(clock.pending).toBe(0);
});

test('a peer that answers echoes is kept for ever', async () => {
  const { channel, peer, clock } = await converse(LIMITS);
  for (let i = 0; i < 20; i++) {
    clock.advance(1_000);
    const { xid } = await peer.expect('OFPT_ECHO_REQUEST');
    peer.say({ type: 'OFPT_ECHO_REPLY', data: Buffer.alloc(0) }, xid);
    const barrier = channel.barrier();
    peer.say({ type: 'OFPT_BARRIER_REPLY' }, (await peer.next()).xid);
    await barrier;
  }
  expect(channel.counters.unknown).toBe(0);
});

test('a peer that talks is not asked', async () => {
  const { peer, clock } = await converse(LIMITS);
  for (let i = 0; i < 10; i++) {
    clock.advance(600);
    peer.say(ECHO, i);
    await peer.expect('OFPT_ECHO_REPLY');
  }
});

test('a stop of our own process is not held against the peer', async () => {
  const { channel, peer, clock } = await converse(LIMITS);
  clock.advance(1_000);
  const { xid } = await peer.expect('OFPT_ECHO_REQUEST');
  clock.stall(60_000);
  clock.advance(0);
  // The answer came during the stop; sockets are read after timers have fired.
  peer.say({ type: 'OFPT_ECHO_REPLY', data: Buffer.alloc(0) }, xid);
  const barrier = channel.barrier();
  peer.say({ type: 'OFPT_BARRIER_REPLY' }, (await peer.expect('OFPT_BARRIER_REQUEST')).xid);
  await barrier;
  clock.advance(999);
  expect(channel.closeReason).toBeUndefined();
});

test.each<['packetIn' | 'roleStatus', Message]>([
  ['packetIn', { type: 'NXT_PACKET_IN2', packet: Buffer.from('x'), userdata: Buffer.from('y') }],
  [
    'roleStatus',
    {
      type: 'OFPT_ROLE_STATUS',
      role: 'OFPCR_ROLE_SLAVE',
      reason: 'OFPCRR_MASTER_REQUEST',
      generationId: 3n,
    },
  ],
])('a message of the switch’s own is the event %s, until the handler goes', async (name, said) => {
  const { channel, peer } = await converse();
  const heard: Message[] = [];
  const off = channel.on(name, (message: Message) => heard.push(message));
  peer.say(said);
  peer.say(ECHO);
  await peer.expect('OFPT_ECHO_REPLY');
  off();
  peer.say(said);
  peer.say(ECHO);
  await peer.expect('OFPT_ECHO_REPLY');
  expect(heard).toEqual([said]);
});

test('the refusal of a message that waits for nothing is an event with its xid', async () => {
  const { channel, peer } = await converse();
  const refused = new Promise<number>((resolve) => {
    channel.on('refused', (error) => resolve(error.xid));
  });
  const xid = channel.send({ type: 'NXT_SET_PACKET_IN_FORMAT', format: 2 });
  peer.refuse((await peer.expect('NXT_SET_PACKET_IN_FORMAT')).xid, 1, 4);
  expect(await refused).toBe(xid);
  expect(channel.counters.refused).toBe(1);
});

test('nonsense in the framing closes the channel with a reason', async () => {
  const { channel, peer } = await converse();
  peer.stream.write(Buffer.from([6, 2, 0, 7, 0, 0, 0, 0]));
  expect(await ended(channel)).toMatch(/nonsense.*length of at least 8/);
});

test('a message of another version closes the channel with a reason', async () => {
  const { channel, peer } = await converse();
  const bytes = encodeMessage(ECHO, 1);
  bytes[0] = 4;
  peer.stream.write(bytes);
  expect(await ended(channel)).toMatch(/nonsense.*version 6, got 4/);
});

test('a peer that hangs up, or is cut off, ends the channel', async () => {
  const first = await converse();
  first.peer.stream.end();
  expect(await ended(first.channel)).toBe('the peer ended the connection');
  const second = await converse();
  second.peer.stream.destroy();
  expect(await ended(second.channel)).toMatch(/ended|lost/);
});

/** A channel whose peer reads nothing from now on. */
async function deaf(outgoingBytesMax: number): Promise<Conversation> {
  const [ours, theirs] = duplexPair(1_024);
  const peer = new ScriptedSwitch(theirs);
  const limits = { ...LIMITS, outgoingBytesMax };
  const clock = new VirtualClock();
  const accepted = Channel.accept(ours, { clock, log: nullLogger, limits });
  await peer.expect('OFPT_HELLO');
  peer.say({ type: 'OFPT_HELLO', versions: [6] });
  peer.say(FEATURES, (await peer.expect('OFPT_FEATURES_REQUEST')).xid);
  const channel = await accepted;
  theirs.pause();
  return { channel, peer, clock };
}

test('a sender waits while the peer does not read, and goes on when it does', async () => {
  const { channel, peer } = await deaf(1_000_000);
  const message = encodeMessage({ type: 'OFPT_ECHO_REPLY', data: Buffer.alloc(1_000) }, 0);
  let sent = false;
  const sending = channel
    .sendRaw(Array.from({ length: 50 }, () => message))
    .then(() => (sent = true));
  for (let i = 0; i < 100; i++) await Promise.resolve();
  expect(sent).toBe(false);
  peer.stream.resume();
  await sending;
  for (let i = 0; i < 50; i++) await peer.expect('OFPT_ECHO_REPLY');
});

test('a peer that reads what it is sent is alive, though it says nothing', async () => {
  const { channel, peer, clock } = await deaf(1_000_000);
  const bulk = encodeMessage({ type: 'OFPT_ECHO_REPLY', data: Buffer.alloc(5_000) }, 0);
  for (let i = 0; i < 5; i++) {
    const sending = channel.sendRaw([bulk]);
    clock.advance(900);
    peer.stream.resume();
    await sending;
    await peer.expect('OFPT_ECHO_REPLY');
    peer.stream.pause();
  }
  expect(channel.closeReason).toBeUndefined();
  void channel.sendRaw([bulk]).catch(() => {});
  clock.advance(2_001);
  expect(channel.closeReason).toMatch(/silent/);
});

test('a peer that asks and never reads is closed at the bound', async () => {
  const { channel, peer } = await deaf(20_000);
  const reason = ended(channel);
  for (let i = 0; i < 100; i++) {
    peer.say({ type: 'OFPT_ECHO_REQUEST', data: Buffer.alloc(1_000) }, i);
  }
  expect(await reason).toMatch(/does not read: more than 20000 bytes/);
});
