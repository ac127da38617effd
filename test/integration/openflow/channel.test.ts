/**
 * Goal: a channel to a real Open vSwitch comes about, is fenced by roles, and ends with a reason.
 * Method: sandbox switches that dial our listener, TCP and unix; daemons killed by their pid files.
 */

import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import { type Logger, nullLogger } from '../../../src/lib/log.ts';
import { systemClock } from '../../../src/lib/system.ts';
import type { Channel } from '../../../src/openflow/channel.ts';
import { type ListenAt, listenOpenFlow } from '../../../src/openflow/listen.ts';
import { encodeFlowMod } from '../../../src/openflow/messages/index.ts';
import { matchBytes } from '../../../src/openflow/oxm/index.ts';
import { type SwitchUnderTest, startSwitch } from '../../support/openflow-switch.ts';

let sut: SwitchUnderTest;

beforeAll(async () => {
  sut = await startSwitch();
});

afterAll(() => sut.stop());

function ended(channel: Channel): Promise<string> {
  return new Promise((resolve) => channel.on('close', resolve));
}

/** A second controller of the same bridge, at a unix socket. */
async function secondController(path: string): Promise<{
  channel: Promise<Channel>;
  close: () => Promise<void>;
}> {
  const { promise, resolve } = deferred<Channel>();
  const listener = await listenOpenFlow(
    { at: { path }, clock: systemClock, log: nullLogger },
    resolve,
  );
  return { channel: promise, close: () => listener.close() };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const FLOW = encodeFlowMod(
  {
    command: 'OFPFC_ADD',
    tableId: 0,
    cookie: 1n,
    priority: 1,
    match: matchBytes({}),
    instructions: Buffer.alloc(0),
  },
  0,
);

test('the newest generation owns the switch; the one before may only read, and is told', async () => {
  const first = await sut.connect();
  const master = { type: 'OFPT_ROLE_REQUEST', role: 'OFPCR_ROLE_MASTER' } as const;
  const masks = [{ property: 'OFPACPT_ROLE_STATUS_SLAVE', mask: 0x3 }] as const;
  first.send({ type: 'OFPT_SET_ASYNC', masks });
  await first.request({ ...master, generationId: 1n });
  const demoted = deferred<unknown>();
  first.on('roleStatus', demoted.resolve);

  const path = join(sut.ovs.dir, 'second.sock');
  const second = await secondController(path);
  const [target] = (await sut.ovs.vsctl('get-controller', 'br-int')).trim().split('\n');
  await sut.ovs.vsctl('set-controller', 'br-int', target ?? '', `unix:${path}`);
  const other = await second.channel;
  await other.request({ ...master, generationId: 2n });
  expect(await demoted.promise).toMatchObject({ role: 'OFPCR_ROLE_SLAVE', generationId: 2n });
  await expect(first.bundle([FLOW])).rejects.toMatchObject({ errorName: 'OFPBRC_IS_SLAVE' });
  await other.bundle([FLOW]);
  await expect(first.request({ ...master, generationId: 1n })).rejects.toThrow(/OFPRRFC_STALE/);
  other.close('done');
  first.close('done');
  await second.close();
});

test('a killed ovs-vswitchd ends the channel; the next one begins anew', async () => {
  const channel = await sut.connect();
  const reason = ended(channel);
  const pending = channel.multipart({ type: 'OFPMP_DESC' }).then(() => channel.barrier());
  await pending;
  await sut.ovs.restartDaemon('ovs-vswitchd', 'SIGKILL');
  expect(await reason).toMatch(/ended the connection|connection failed|was lost/);
  await expect(channel.barrier()).rejects.toThrow(/channel closed/);
  const next = await sut.connect();
  expect(next.features.datapathId).toBe(channel.features.datapathId);
});

test('a bridge without OpenFlow 1.5 is refused, with the reason on both sides', async () => {
  await sut.ovs.vsctl('add-br', 'br-old', '--', 'set', 'Bridge', 'br-old', 'protocols=OpenFlow13');
  const path = join(sut.ovs.dir, 'old.sock');
  const refused = deferred<unknown>();
  const log: Logger = {
    ...nullLogger,
    warn: (_text, fields) => refused.resolve(fields),
    child: () => log,
  };
  const listener = await listenOpenFlow({ at: { path }, clock: systemClock, log }, () => {});
  await sut.ovs.vsctl('set-controller', 'br-old', `unix:${path}`);
  expect(await refused.promise).toMatchObject({
    error: expect.stringContaining('only OpenFlow 1.5 (0x06) is spoken here, not 0x04'),
  });
  const theirLog = join(sut.ovs.dir, 'ovs-vswitchd.log');
  await until(
    async () => /version negotiation failed/.test(await readFile(theirLog, 'utf8')),
    'ovs-vswitchd to log the refusal',
  );
  await sut.ovs.vsctl('del-br', 'br-old');
  await listener.close();
});

test('connections beyond the bound of handshakes are closed at once', async () => {
  const at: ListenAt = { host: '127.0.0.1', port: 0 };
  const options = { at, clock: systemClock, log: nullLogger, handshakesMax: 2 };
  const listener = await listenOpenFlow(options, () => {});
  const port = listener.port ?? 0;
  const idle = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  for (const socket of idle) await new Promise((resolve) => socket.once('data', resolve));
  const third = connect(port, '127.0.0.1');
  third.on('error', () => {});
  await new Promise((resolve) => third.once('close', resolve));
  expect(third.bytesRead).toBe(0);
  const closed = idle.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of idle) socket.on('error', () => {});
  await listener.close();
  await Promise.all(closed);
});
