/**
 * Goal: a connection matches replies with requests, notices a dead peer, and ends, with a logged
 * reason, when the peer does not keep to the protocol or to the limits.
 * Method: a socket without a network and a clock that the test moves.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectionError, UnknownMethodError } from '../../../src/ovsdb/errors.ts';
import { DEFAULT_LIMITS } from '../../../src/ovsdb/limits.ts';
import { Peer, type PeerRequest } from '../../../src/ovsdb/wire/peer.ts';
import { FakeSocket } from '../../support/ovsdb-fake-socket.ts';
import { recordingLogger } from '../../support/ovsdb-log.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const PROBE_MS = 1000;
const REQUEST: PeerRequest<unknown> = { method: 'm', params: [1], decode: (result) => result };

let socket: FakeSocket;
let clock: VirtualClock;
let log: ReturnType<typeof recordingLogger>;
let notified: unknown[];
let closed: string[];
let peer: Peer;

beforeEach(() => {
  socket = new FakeSocket();
  clock = new VirtualClock();
  log = recordingLogger();
  notified = [];
  closed = [];
  const limits = { ...DEFAULT_LIMITS, pendingMax: 3, sendBytesMax: 200 };
  peer = new Peer(socket, { clock, log, limits, probeIntervalMs: PROBE_MS }, (call) => {
    notified.push(call);
  });
  peer.onClose((reason) => closed.push(reason));
});

describe('requests', () => {
  test('get the reply with their id, in whatever order replies come', async () => {
    const first = peer.request(REQUEST);
    const second = peer.request(REQUEST);
    expect(socket.takeSent()).toEqual([
      { id: 1, method: 'm', params: [1] },
      { id: 2, method: 'm', params: [1] },
    ]);
    socket.receiveMessage({ id: 2, result: 'b', error: null });
    socket.receiveMessage({ id: 1, result: 'a', error: null });
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  test('are refused with the class of the error', async () => {
    const request = peer.request(REQUEST);
    socket.receiveMessage({ id: 1, result: null, error: 'unknown method' });
    await expect(request).rejects.toThrow(UnknownMethodError);
    expect(closed).toEqual([]);
  });

  test('read their result before what the peer sent right behind it', () => {
    const order: string[] = [];
    void peer.request({ ...REQUEST, decode: () => order.push('result') });
    const reply = { id: 1, result: {}, error: null };
    const update = { id: null, method: 'update', params: [] };
    notified.push = (call: unknown) => order.push((call as { method: string }).method);
    socket.receive(JSON.stringify(reply) + JSON.stringify(update));
    expect(order).toEqual(['result', 'update']);
  });

  test('past the limit are turned away, and have room again after a reply', async () => {
    const waiting = [1, 2, 3].map(() => peer.request(REQUEST));
    await expect(peer.request(REQUEST)).rejects.toThrow('3 requests already wait');
    socket.receiveMessage({ id: 1, result: 1, error: null });
    await waiting[0];
    const next = peer.request(REQUEST);
    socket.receiveMessage({ id: 4, result: 4, error: null });
    expect(await next).toBe(4);
    peer.close('done');
    await expect(Promise.all(waiting)).rejects.toThrow(ConnectionError);
  });

  test('are rejected when the connection ends, and at once after that', async () => {
    const waiting = peer.request(REQUEST);
    socket.emit('end');
    await expect(waiting).rejects.toThrow('no reply to m: the peer closed the connection');
    await expect(peer.request(REQUEST)).rejects.toThrow(ConnectionError);
    expect(closed).toEqual(['the peer closed the connection']);
  });
});

describe('a peer', () => {
  test('that asks for an echo gets its params back', () => {
    socket.receiveMessage({ id: 'echo', method: 'echo', params: [{ a: [1] }] });
    expect(socket.takeSent()).toEqual([{ id: 'echo', result: [{ a: [1] }], error: null }]);
  });

  test('that asks for anything else is told that the method is unknown', () => {
    socket.receiveMessage({ id: 9, method: 'transact', params: [] });
    expect(socket.takeSent()).toEqual([{ id: 9, result: null, error: 'unknown method' }]);
    expect(closed).toEqual([]);
  });

  test.each([
    ['an id that we never used', '{"id":77,"result":{},"error":null}'],
    ['an id of another type', '{"id":"1","result":{},"error":null}'],
    ['an echo that we did not ask for', '{"id":"echo","result":[],"error":null}'],
    ['an error for nobody', '{"id":77,"result":null,"error":"x"}'],
    ['no JSON', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['no JSON-RPC', '{"hello":1}'],
    ['deep nesting', `{"id":1,"result":${'['.repeat(100)}`],
  ])('is cut off, with the reason in the log, for %s', async (_what, bytes) => {
    const waiting = peer.request(REQUEST);
    socket.receive(bytes);
    await expect(waiting).rejects.toThrow(ConnectionError);
    expect(closed).toHaveLength(1);
    expect(socket.destroyed).toBe(true);
    expect(log.lines[0]).toMatch(/^warn OVSDB peer misbehaved .*expected/);
  });

  test('that answers a request twice is cut off', async () => {
    const request = peer.request(REQUEST);
    socket.receiveMessage({ id: 1, result: 1, error: null });
    socket.receiveMessage({ id: 1, result: 1, error: null });
    expect(await request).toBe(1);
    expect(closed[0]).toContain('the id of a request of ours');
  });

  test('is not heard after the connection ended, in the same chunk either', () => {
    const update = JSON.stringify({ id: null, method: 'update', params: [] });
    socket.receive(`{"id":77,"result":{},"error":null}${update}`);
    socket.receive(update);
    expect(notified).toEqual([]);
  });

  test('that does not read is cut off when too much waits for it', () => {
    socket.stalled = true;
    for (let sent = 0; sent < 10; sent++) {
      socket.receiveMessage({ id: 1, method: 'echo', params: ['x'.repeat(20)] });
    }
    expect(closed[0]).toMatch(/does not read: \d+ bytes/);
    expect(socket.writableLength).toBeLessThanOrEqual(200);
  });
});

describe('silence', () => {
  test('is probed after one interval and ends the connection after two', () => {
    clock.advance(PROBE_MS - 1);
    expect(socket.takeSent()).toEqual([]);
    clock.advance(1);
    expect(socket.takeSent()).toEqual([{ id: 'echo', method: 'echo', params: [] }]);
    clock.advance(PROBE_MS - 1);
    expect(closed).toEqual([]);
    clock.advance(1);
    expect(closed).toEqual(['silent for 2000 ms']);
    expect(clock.pending).toBe(0);
  });

  test('is broken by an answer to the probe, time and again', () => {
    for (let round = 0; round < 5; round++) {
      clock.advance(PROBE_MS);
      expect(socket.takeSent()).toHaveLength(1);
      socket.receiveMessage({ id: 'echo', result: [], error: null });
    }
    expect(closed).toEqual([]);
  });

  test('does not begin while the peer says anything at all', () => {
    for (let round = 0; round < 10; round++) {
      clock.advance(PROBE_MS / 2);
      socket.receiveMessage({ id: null, method: 'update', params: [] });
    }
    expect(socket.takeSent()).toEqual([]);
  });

  test('is probed even when no request has room', () => {
    const waiting = [1, 2, 3].map(() => peer.request(REQUEST).catch(() => 'rejected'));
    socket.takeSent();
    clock.advance(PROBE_MS);
    expect(socket.takeSent()).toHaveLength(1);
    peer.close('done');
    return expect(Promise.all(waiting)).resolves.toEqual(['rejected', 'rejected', 'rejected']);
  });
});
