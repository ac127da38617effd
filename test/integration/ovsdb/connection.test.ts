/**
 * Goal: connections come about both ways, over TCP and unix sockets, come back when they are lost,
 * and cost us little when the other side means ill.
 * Method: a sandbox whose manager we are; a server that goes and comes; sockets that send garbage.
 */
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { defined } from '../../../src/lib/assert.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemClock } from '../../../src/lib/system.ts';
import {
  ConnectionError,
  dialOvsdb,
  keepDialing,
  listenOvsdb,
  OPEN_VSWITCH,
  type OvsdbClient,
  type OvsdbListener,
  vswitch,
} from '../../../src/ovsdb/index.ts';
import { recordingLogger } from '../../support/ovsdb-log.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const OPTIONS = { clock: systemClock, log: nullLogger };
const LOOPBACK = { host: '127.0.0.1', port: 0 };

let ovs: Ovs;

beforeAll(async () => {
  ovs = await startSandbox();
});

afterAll(async () => {
  await ovs.stop();
});

/** Hands out what is given to `put`, one `take` each, in their order. */
class Mailbox<T> {
  readonly #waiting: ((value: T) => void)[] = [];
  readonly #values: T[] = [];

  put = (value: T): void => {
    const taker = this.#waiting.shift();
    if (taker === undefined) this.#values.push(value);
    else taker(value);
  };

  take(): Promise<T> {
    const value = this.#values.shift();
    return value === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(value);
  }
}

describe('a listener', () => {
  test('is dialled by a host that was told its manager, and survives the host’s restart', async () => {
    const clients = new Mailbox<OvsdbClient>();
    const listener = await listenOvsdb({ ...OPTIONS, ...LOOPBACK }, clients.put);
    await ovs.vsctl('set-manager', `tcp:127.0.0.1:${listener.port}`);
    const client = await clients.take();
    expect(await client.listDbs()).toContain('Open_vSwitch');
    expect([client.remoteAddress, client.localAddress]).toEqual(['127.0.0.1', '127.0.0.1']);
    await client.setDbChangeAware(true);

    const closed = new Promise((resolve) => client.onClose(resolve));
    await ovs.stopDaemon('ovsdb-server');
    expect(await closed).toMatch(/closed|ECONNRESET/);
    await expect(client.listDbs()).rejects.toThrow(ConnectionError);
    await ovs.startDaemon('ovsdb-server');
    const again = await clients.take();
    expect(await again.listDbs()).toContain('Open_vSwitch');

    await listener.close();
    await expect(again.listDbs()).rejects.toThrow('the listener was closed');
    await ovs.vsctl('del-manager');
  });

  test('on a unix socket is reached by a server that dials it', async () => {
    const clients = new Mailbox<OvsdbClient>();
    const path = join(ovs.dir, 'manager.sock');
    const listener = await listenOvsdb({ ...OPTIONS, path }, clients.put);
    await ovs.vsctl('set-manager', `unix:${path}`);
    const client = await clients.take();
    expect((await client.getSchema('Open_vSwitch')).version).toBe(OPEN_VSWITCH.schema.version);
    await ovs.vsctl('del-manager');
    await listener.close();
  });

  test('that cannot listen says so', async () => {
    const listener = await listenOvsdb({ ...OPTIONS, ...LOOPBACK }, () => {});
    const taken = listenOvsdb({ ...OPTIONS, host: '127.0.0.1', port: listener.port }, () => {});
    await expect(taken).rejects.toThrow('EADDRINUSE');
    await listener.close();
  });
});

describe('a dialler', () => {
  test('reaches a host that listens on TCP', async () => {
    const probe = await listenOvsdb({ ...OPTIONS, ...LOOPBACK }, () => {});
    const { port } = probe;
    await probe.close();
    await ovs.vsctl('set-manager', `ptcp:${port}:127.0.0.1`);
    const target = `tcp:127.0.0.1:${port}`;
    const dial = () => dialOvsdb({ ...OPTIONS, target }).catch(() => undefined);
    const client = defined(await until(dial, `${target} to listen`), 'the client');
    const [rows] = await client.transact(OPEN_VSWITCH, [vswitch.select('Manager', [], ['target'])]);
    expect(rows).toEqual([{ target: `ptcp:${port}:127.0.0.1` }]);
    client.close('done');
    await ovs.vsctl('del-manager');
  });

  test.each(['unix:/nonexistent/db.sock', 'tcp:127.0.0.1:1', 'tcp:127.0.0.1', 'ssl:127.0.0.1:1'])(
    'says why it does not reach %s',
    async (target) => {
      await expect(dialOvsdb({ ...OPTIONS, target })).rejects.toThrow(ConnectionError);
    },
  );

  test('gives up a server that does not let it in, after one probe interval', async () => {
    const clock = new VirtualClock();
    const target = `unix:${ovs.ovsdbSocket}`;
    const dialing = dialOvsdb({ clock, log: nullLogger, target, probeIntervalMs: 300 });
    // The connection is not there before the event loop turns, and the time is over by then.
    clock.advance(300);
    await expect(dialing).rejects.toThrow(`${target}: silent for 300 ms`);
    expect(clock.pending).toBe(0);
  });

  test('comes back to a server that was away, and stops when it is told', async () => {
    const clients = new Mailbox<OvsdbClient>();
    const target = `unix:${ovs.ovsdbSocket}`;
    const dialer = keepDialing({ ...OPTIONS, target }, clients.put);
    const client = await clients.take();
    const replica = await client.monitor(OPEN_VSWITCH, { Open_vSwitch: { columns: ['next_cfg'] } });
    await ovs.restartDaemon('ovsdb-server');
    const again = await clients.take();
    await again.resume(replica);
    expect(replica.rows('Open_vSwitch').size).toBe(1);
    dialer.close();
    await expect(again.echo()).rejects.toThrow('the dialer was closed');
  });
});

describe('a peer that', () => {
  const log = recordingLogger();
  let listener: OvsdbListener;
  let clients: Mailbox<OvsdbClient>;

  beforeAll(async () => {
    clients = new Mailbox();
    const limits = { messageBytesMax: 1024 * 1024, connectionsMax: 3, unfinishedBytesMax: 1.5e6 };
    const options = { ...OPTIONS, log, limits, probeIntervalMs: 200, ...LOOPBACK };
    listener = await listenOvsdb(options, clients.put);
  });

  afterAll(() => listener.close());

  async function attack() {
    const socket = connect(listener.port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    const ended = new Promise((resolve) => socket.on('close', resolve));
    const client = await clients.take();
    const reason = new Promise<string>((resolve) => client.onClose(resolve));
    return { socket, ended, reason };
  }

  test.each([
    ['speaks HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'a JSON object'],
    ['nests deeply', `{"method":"update","params":${'['.repeat(100_000)}`, '64 levels'],
    ['answers what nobody asked', '{"id":1,"result":[],"error":null}', 'the id of a request'],
    ['closes a bracket too many', '{"id":"echo","method":"echo","params":[]}}', 'a JSON object'],
    ['mixes brackets up', '{"id":1,"result":[}}', 'a JSON text'],
  ])('%s is closed, and the reason is logged', async (_what, bytes, reason) => {
    const attacker = await attack();
    attacker.socket.write(bytes);
    expect(await attacker.reason).toContain(reason);
    await attacker.ended;
    expect(log.lines.some((line) => line.startsWith('warn') && line.includes(reason))).toBe(true);
  });

  test('sends 100 MB in one string is closed at the limit', async () => {
    const attacker = await attack();
    const before = process.memoryUsage.rss();
    attacker.socket.write('{"id":1,"method":"');
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let mib = 0; mib < 100 && !attacker.socket.destroyed; mib++) {
      const drained = new Promise((resolve) => attacker.socket.once('drain', resolve));
      if (!attacker.socket.write(chunk)) await Promise.race([drained, attacker.ended]);
    }
    await attacker.ended;
    expect(await attacker.reason).toContain('at most 1048576 bytes');
    expect(attacker.socket.bytesWritten).toBeLessThan(20e6);
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 1024 * 1024);
  });

  test('begins a long message beside others that do is closed when all have too much', async () => {
    const half = `{"id":1,"method":"${'x'.repeat(900_000)}`;
    const [first, second] = [await attack(), await attack()];
    first.socket.write(half);
    second.socket.write(half);
    expect(await Promise.race([first.reason, second.reason])).toContain('room among');
    for (const { socket } of [first, second]) socket.destroy();
    await Promise.all([first.reason, second.reason]);
    // What they had is there again.
    const third = await attack();
    third.socket.write(`${half}","params":[]}`);
    third.socket.write('GET');
    expect(await third.reason).toContain('a JSON object');
  });

  test('says nothing at all is closed after two probe intervals', async () => {
    const attacker = await attack();
    expect(await attacker.reason).toBe('silent for 400 ms');
  });

  test('opens more connections than allowed gets no more', async () => {
    const attackers = [await attack(), await attack(), await attack()];
    const fourth = connect(listener.port, '127.0.0.1');
    await new Promise((resolve) => fourth.on('error', resolve).on('close', resolve));
    for (const { socket } of attackers) socket.destroy();
    await Promise.all(attackers.map(({ reason }) => reason));
    (await attack()).socket.destroy();
  });
});
