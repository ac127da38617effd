/**
 * Goal: every request ends exactly once: with its own reply, with the switch's refusal, or with
 * the reason for which the channel closed. Wrong, late and endless replies hurt nobody else.
 * Method: a scripted switch over an in-memory stream, a virtual clock.
 */
import { expect, test } from 'vitest';
import { ChannelClosedError, OpenFlowError } from '../../../../src/openflow/channel.ts';
import {
  ALL_FLOWS,
  encodeMessage,
  FlowDesc,
  type Message,
} from '../../../../src/openflow/messages/index.ts';
import { converse } from '../../../support/scripted-switch.ts';

const CONFIG_REQUEST = { type: 'OFPT_GET_CONFIG_REQUEST' } as const;
const CONFIG = { type: 'OFPT_GET_CONFIG_REPLY', flags: 0, missSendLength: 128 } as const;
const BARRIER_REPLY = { type: 'OFPT_BARRIER_REPLY' } as const;
const TABLES = { type: 'OFPMP_TABLE_STATS' } as const;

function part(more: boolean, tableId: number): Message {
  const table = { tableId, activeCount: 1, lookupCount: 0n, matchedCount: 0n };
  return { type: 'OFPT_MULTIPART_REPLY', more, body: { ...TABLES, tables: [table] } };
}

test('replies find their requests in any order', async () => {
  const { channel, peer } = await converse();
  const config = channel.request(CONFIG_REQUEST);
  const barrier = channel.barrier();
  const first = await peer.expect('OFPT_GET_CONFIG_REQUEST');
  const second = await peer.expect('OFPT_BARRIER_REQUEST');
  expect(first.xid).not.toBe(second.xid);
  peer.say(BARRIER_REPLY, second.xid);
  peer.say(CONFIG, first.xid);
  await barrier;
  expect(await config).toEqual(CONFIG);
});

test('an error with the xid of a request rejects that request alone, by name', async () => {
  const { channel, peer } = await converse();
  const refused = channel.request(CONFIG_REQUEST).catch((error: unknown) => error);
  const barrier = channel.barrier();
  peer.refuse((await peer.next()).xid, 11, 0);
  peer.say(BARRIER_REPLY, (await peer.next()).xid);
  await barrier;
  const error = (await refused) as OpenFlowError;
  expect(error).toBeInstanceOf(OpenFlowError);
  expect([error.errorName, error.retriable]).toEqual(['OFPRRFC_STALE', false]);
});

test('an error that is not in the table keeps its numbers', async () => {
  const { channel, peer } = await converse();
  const refused = expect(channel.barrier()).rejects.toThrow('error 77/5: unknown error');
  peer.refuse((await peer.next()).xid, 77, 5);
  await refused;
});

test('a reply of another type rejects the request', async () => {
  const { channel, peer } = await converse();
  const refused = expect(channel.request(CONFIG_REQUEST)).rejects.toThrow(/BARRIER_REPLY/);
  peer.say(BARRIER_REPLY, (await peer.next()).xid);
  await refused;
});

test('a reply that cannot be decoded rejects its request; the channel goes on', async () => {
  const { channel, peer } = await converse();
  const refused = expect(channel.request(CONFIG_REQUEST)).rejects.toThrow(/expected/);
  const { xid } = await peer.next();
  const truncated = encodeMessage(CONFIG, xid).subarray(0, 10);
  truncated.writeUInt16BE(10, 2);
  peer.stream.write(truncated);
  await refused;
  expect(channel.counters.undecodable).toBe(1);
  const barrier = channel.barrier();
  peer.say(BARRIER_REPLY, (await peer.next()).xid);
  await barrier;
});

test('replies that nothing waits for are counted and dropped', async () => {
  const { channel, peer } = await converse();
  const barrier = channel.barrier();
  const { xid } = await peer.next();
  peer.say(CONFIG, 999_999);
  peer.say(BARRIER_REPLY, xid);
  peer.say(BARRIER_REPLY, xid);
  await barrier;
  peer.say({ type: 'OFPT_ECHO_REQUEST', data: Buffer.alloc(0) }, 5);
  await peer.expect('OFPT_ECHO_REPLY');
  expect(channel.counters.unknown).toBe(2);
});

test('the parts of a multipart reply are joined in order', async () => {
  const { channel, peer } = await converse();
  const tables = channel.multipart(TABLES);
  const barrier = channel.barrier();
  const { xid } = await peer.expect('OFPT_MULTIPART_REQUEST');
  peer.say(part(true, 0), xid);
  peer.say(BARRIER_REPLY, (await peer.next()).xid);
  await barrier;
  peer.say(part(true, 1), xid);
  peer.say(part(false, 2), xid);
  const ids = (await tables).flatMap((reply) => reply.tables.map((table) => table.tableId));
  expect(ids).toEqual([0, 1, 2]);
});

test('a multipart reply that does not end is given up at its bound', async () => {
  const { channel, peer } = await converse({ replyBytesMax: 150 });
  const tables = expect(channel.multipart(TABLES)).rejects.toThrow(/longer than 150 bytes/);
  const { xid } = await peer.next();
  for (let i = 0; i < 5; i++) peer.say(part(true, i), xid);
  await tables;
});

test('a switch that never ends its dump of flows costs tens of megabytes, not all there are', async () => {
  const { channel, peer } = await converse();
  let ended: unknown;
  channel.multipart({ type: 'OFPMP_FLOW_DESC', ...ALL_FLOWS }).catch((error: unknown) => {
    ended = error;
  });
  const { xid } = await peer.next();
  const flow = new FlowDesc(
    {
      tableId: 0,
      priority: 1,
      idleTimeout: 0,
      hardTimeout: 0,
      flags: 0,
      importance: 0,
      cookie: 1n,
    },
    {
      stats: {},
      rawMatch: Buffer.from('0001000400000000', 'hex'),
      rawInstructions: Buffer.alloc(60_000),
    },
  );
  const body = { type: 'OFPMP_FLOW_DESC', flows: [flow] } as const;
  let sent = 0;
  for (; ended === undefined && sent < 100e6; sent += 60_000) {
    peer.say({ type: 'OFPT_MULTIPART_REPLY', more: true, body }, xid);
    await new Promise(setImmediate);
  }
  expect(String(ended)).toMatch(/is longer than \d+ bytes/);
  expect(sent).toBeLessThan(40e6);
});

test('a part of another kind rejects the multipart request', async () => {
  const { channel, peer } = await converse();
  const flows = channel.multipart({ type: 'OFPMP_FLOW_DESC', ...ALL_FLOWS });
  const refused = expect(flows).rejects.toThrow(/OFPMP_TABLE_STATS/);
  peer.say(part(false, 0), (await peer.next()).xid);
  await refused;
});

test('a multipart reply that breaks off by an error is rejected', async () => {
  const { channel, peer } = await converse();
  const refused = expect(channel.multipart(TABLES)).rejects.toThrow(/OFPBRC_MULTIPART_REPLY/);
  const { xid } = await peer.next();
  peer.say(part(true, 0), xid);
  peer.refuse(xid, 1, 15);
  await refused;
});

test('closing rejects everything pending, once, with the reason', async () => {
  const { channel, clock } = await converse();
  const reasons: string[] = [];
  channel.on('close', (reason) => reasons.push(reason));
  const pending = [channel.barrier(), channel.multipart(TABLES), channel.bundle([HELLO])];
  const outcomes = Promise.allSettled(pending);
  channel.close('enough');
  channel.close('twice');
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'enough' } });
  }
  expect(reasons).toEqual(['enough']);
  expect(clock.pending).toBe(0);
});

test('after the end requests are rejected at once and close is still told', async () => {
  const { channel } = await converse();
  channel.close('enough');
  await expect(channel.barrier()).rejects.toThrow(ChannelClosedError);
  await expect(channel.bundle([HELLO])).rejects.toThrow(ChannelClosedError);
  await expect(channel.sendRaw([HELLO])).rejects.toThrow(ChannelClosedError);
  const told = new Promise((resolve) => channel.on('close', resolve));
  expect(await told).toBe('enough');
  expect(channel.closeReason).toBe('enough');
});

test('a request that is never answered closes the channel', async () => {
  const { channel, peer, clock } = await converse({ replyMs: 1_000, echoIntervalMs: 400 });
  const outcome = expect(channel.barrier()).rejects.toThrow(
    /no answer to OFPT_BARRIER_REQUEST within 1000 ms/,
  );
  await peer.expect('OFPT_BARRIER_REQUEST');
  const closed = new Promise((resolve) => channel.on('close', resolve));
  for (let i = 0; i < 4 && channel.closeReason === undefined; i++) {
    clock.advance(300);
    peer.say({ type: 'OFPT_ECHO_REQUEST', data: Buffer.alloc(0) }, 1);
    await peer.next();
    clock.advance(100);
  }
  await Promise.all([outcome, closed]);
});

test('more requests than may wait are refused, and the others are not', async () => {
  const { channel, peer } = await converse({ pendingMax: 2 });
  const [first, second, third] = [channel.barrier(), channel.barrier(), channel.barrier()];
  await expect(third).rejects.toThrow(/2 requests wait/);
  peer.say(BARRIER_REPLY, (await peer.next()).xid);
  peer.say(BARRIER_REPLY, (await peer.next()).xid);
  await Promise.all([first, second]);
  const fourth = channel.barrier();
  peer.say(BARRIER_REPLY, (await peer.next()).xid);
  await fourth;
});

const HELLO = encodeMessage({ type: 'OFPT_HELLO', versions: [] }, 0);
