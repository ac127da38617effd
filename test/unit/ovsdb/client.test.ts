/**
 * Goal: a client starts monitors the best way that its server knows, routes updates to the replica
 * that they are for, and hears about its locks.
 * Method: a socket without a network; the test plays the server.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { OvsdbClient } from '../../../src/ovsdb/client.ts';
import { OPEN_VSWITCH, UnknownDatabaseError } from '../../../src/ovsdb/index.ts';
import { FakeSocket } from '../../support/ovsdb-fake-socket.ts';
import { recordingLogger } from '../../support/ovsdb-log.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const UUID = '00000000-0000-4000-8000-00000000000a';
const TXN = '00000000-0000-4000-8000-000000000001';
const ZERO = '00000000-0000-0000-0000-000000000000';
const SPEC = { Bridge: { columns: ['name'] } } as const;
const REQUESTS = { Bridge: [{ columns: ['name'] }] };
const UNKNOWN = { result: null, error: 'unknown method' };

let socket: FakeSocket;
let client: OvsdbClient;
let closed: string[];

function connect(): void {
  socket = new FakeSocket();
  client = new OvsdbClient(socket, { clock: new VirtualClock(), log: recordingLogger() });
  closed = [];
  client.onClose((reason) => closed.push(reason));
}

beforeEach(connect);

/** Answers the one request that is on its way, and lets its promise be heard. */
async function answer(reply: object): Promise<unknown> {
  const [request] = socket.takeSent() as { id: number }[];
  socket.receiveMessage({ error: null, ...reply, id: request?.id });
  await new Promise(setImmediate);
  return request;
}

async function monitorSince(): Promise<Awaited<ReturnType<typeof start>>> {
  const monitor = start();
  await answer({ result: [false, TXN, { Bridge: { [UUID]: { initial: { name: 'a' } } } }] });
  return monitor;
}

function start() {
  return client.monitor(OPEN_VSWITCH, SPEC);
}

describe('a monitor', () => {
  test('asks for what happened since a transaction, and has none at first', async () => {
    const monitor = start();
    const request = await answer({ result: [false, TXN, {}] });
    expect(request).toMatchObject({
      method: 'monitor_cond_since',
      params: ['Open_vSwitch', 1, REQUESTS, ZERO],
    });
    expect((await monitor).lastTransactionId).toBe(TXN);
  });

  test('falls back to monitor_cond, with update2', async () => {
    const monitor = start();
    await answer(UNKNOWN);
    const request = await answer({ result: { Bridge: { [UUID]: { initial: { name: 'a' } } } } });
    expect(request).toMatchObject({
      method: 'monitor_cond',
      params: ['Open_vSwitch', expect.any(Number), REQUESTS],
    });
    const [, id] = (request as { params: unknown[] }).params;
    const updates = { Bridge: { [UUID]: { modify: { name: 'b' } } } };
    socket.receiveMessage({ id: null, method: 'update2', params: [id, updates] });
    expect((await monitor).rows('Bridge').get(UUID)).toEqual({ _uuid: UUID, name: 'b' });
  });

  test('falls back to monitor, with update', async () => {
    const monitor = start();
    await answer(UNKNOWN);
    await answer(UNKNOWN);
    const request = await answer({ result: { Bridge: { [UUID]: { new: { name: 'a' } } } } });
    expect(request).toMatchObject({ method: 'monitor' });
    const [, id] = (request as { params: unknown[] }).params;
    const updates = { Bridge: { [UUID]: { old: { name: 'a' }, new: { name: 'b' } } } };
    socket.receiveMessage({ id: null, method: 'update', params: [id, updates] });
    expect((await monitor).rows('Bridge').get(UUID)).toEqual({ _uuid: UUID, name: 'b' });
  });

  test('fails where the server knows none of the three, or has another objection', async () => {
    const monitor = start().catch((error: Error) => error.message);
    await answer(UNKNOWN);
    await answer(UNKNOWN);
    await answer(UNKNOWN);
    expect(await monitor).toBe('unknown method');
    const refused = expect(start()).rejects.toThrow(UnknownDatabaseError);
    await answer({ result: null, error: { error: 'unknown database' } });
    await refused;
    expect(closed).toEqual([]);
  });

  test('takes an update that stands right behind the reply', async () => {
    const monitor = start();
    const reply = { id: 1, error: null, result: [false, TXN, {}] };
    const updates = { Bridge: { [UUID]: { insert: { name: 'a' } } } };
    const update = { id: null, method: 'update3', params: [1, UUID, updates] };
    socket.receive(JSON.stringify(reply) + JSON.stringify(update));
    const replica = await monitor;
    expect([...replica.rows('Bridge').keys()]).toEqual([UUID]);
    expect(replica.lastTransactionId).toBe(UUID);
  });

  test('goes on after the last transaction on the next connection', async () => {
    const replica = await monitorSince();
    client.close('lost');
    connect();
    const told: unknown[] = [];
    replica.onUpdate((changes) => told.push(...changes));
    const resumed = client.resume(replica);
    const updates = { Bridge: { [UUID]: { modify: { name: 'b' } } } };
    const request = await answer({ result: [true, UUID, updates] });
    await resumed;
    expect(request).toMatchObject({ params: ['Open_vSwitch', 1, REQUESTS, TXN] });
    expect(told).toMatchObject([{ uuid: UUID, before: { name: 'a' }, after: { name: 'b' } }]);
  });

  test('ends when it is canceled, with updates still coming until the reply', async () => {
    const replica = await monitorSince();
    const canceled = client.cancel(replica);
    const updates = { Bridge: { [UUID]: { modify: { name: 'b' } } } };
    const update = { id: null, method: 'update3', params: [1, TXN, updates] };
    socket.receiveMessage(update);
    expect(await answer({ result: {} })).toMatchObject({ method: 'monitor_cancel', params: [1] });
    await canceled;
    expect(replica.rows('Bridge').get(UUID)).toMatchObject({ name: 'b' });
    socket.receiveMessage(update);
    expect(closed[0]).toContain('the id of a monitor');
  });

  test('that the server cancels ends the connection, so that no replica goes stale', async () => {
    await monitorSince();
    socket.receiveMessage({ id: null, method: 'monitor_canceled', params: [1] });
    expect(closed).toEqual(['the server canceled a monitor']);
  });
});

describe('a connection ends for', () => {
  test.each<[string, object]>([
    ['an update of no monitor', { method: 'update2', params: [9, {}] }],
    ['an update of a monitor with an id like __proto__', { method: 'update2', params: ['__proto__', {}] }], // biome-ignore format: row
    ['an update without params', { method: 'update2', params: [] }],
    ['an update that is no object', { method: 'update3', params: [1, TXN, []] }],
    ['an update of a transaction without id', { method: 'update3', params: [1, 'x', {}] }],
    ['an update of a row that we do not have', { method: 'update3', params: [1, TXN, { Bridge: { [TXN]: { delete: null } } }] }], // biome-ignore format: row
    ['a notification that nobody knows', { method: 'shutdown', params: [] }],
    ['a lock without a name', { method: 'locked', params: [] }],
  ])('%s', async (_what, message) => {
    await monitorSince();
    socket.receiveMessage({ id: null, ...message });
    expect(closed[0]).toContain('expected');
  });

  test.each([[{}], [[1, TXN, {}]], [[true, TXN]], [[true, 5, {}]], ['x']])(
    'the reply %j to a monitor',
    async (result) => {
      const monitor = start().catch((error: Error) => error.name);
      await answer({ result });
      expect(await monitor).toBe('ConnectionError');
      expect(closed[0]).toContain('expected');
    },
  );
});

test('locks are asked for, stolen, given back, and heard about', async () => {
  const heard: unknown[] = [];
  client.onLock((lock, held) => heard.push([lock, held]));
  const locked = client.lock('l');
  expect(await answer({ result: { locked: false } })).toMatchObject({
    method: 'lock',
    params: ['l'],
  });
  expect(await locked).toBe(false);
  socket.receiveMessage({ id: null, method: 'locked', params: ['l'] });
  socket.receiveMessage({ id: null, method: 'stolen', params: ['l'] });
  const stolen = client.steal('l');
  expect(await answer({ result: { locked: true } })).toMatchObject({ method: 'steal' });
  expect(await stolen).toBe(true);
  const unlocked = client.unlock('l');
  expect(await answer({ result: {} })).toMatchObject({ method: 'unlock' });
  await unlocked;
  expect(heard).toEqual([
    ['l', true],
    ['l', false],
  ]);
});
