/**
 * Goal: the private Redis serves, survives what a controller does not, keeps what it was given, and
 * never serves two controllers.
 * Method: real redis-server processes in temporary folders, killed and left over on purpose.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive, until } from '../../../lab/exec.ts';
import { defined } from '../../../src/lib/assert.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemClock } from '../../../src/lib/system.ts';
import { EmbeddedRedis } from '../../../src/store/index.ts';
import { join, put } from './member.ts';

let dataDir: string;
const running: EmbeddedRedis[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'heddle-embedded-'));
});
afterEach(async () => {
  for (const redis of running.splice(0)) await redis.stop();
  await rm(dataDir, { recursive: true });
});

async function start(dir = dataDir): Promise<EmbeddedRedis> {
  const redis = await EmbeddedRedis.start({ dataDir: dir, clock: systemClock, log: nullLogger });
  running.push(redis);
  return redis;
}

/** A server as a controller that was killed with -9 leaves it. */
async function leaveServer(): Promise<ChildProcess> {
  const socket = path.join(dataDir, 'redis.sock');
  const settings = ['--port', '0', '--unixsocket', socket, '--dir', dataDir, '--appendonly', 'yes'];
  const pidFile = ['--pidfile', path.join(dataDir, 'redis.pid')];
  const child = spawn('redis-server', [...settings, ...pidFile], {
    stdio: 'ignore',
    detached: true,
  });
  await until(
    () => readFile(path.join(dataDir, 'redis.pid')).catch(() => undefined),
    'its pid file',
  );
  return child;
}

test('every commit is on disk before it is answered, none is ever evicted, and nobody else gets in', async () => {
  const { address } = await start();
  const client = new Redis({ ...address, protocol: 2 });
  const setting = async (name: string) => ((await client.config('GET', name)) as string[])[1];
  expect(await setting('appendonly')).toBe('yes');
  expect(await setting('appendfsync')).toBe('always');
  expect(await setting('maxmemory-policy')).toBe('noeviction');
  expect(await setting('port')).toBe('0');
  client.disconnect();
  expect((await stat(address.path)).mode & 0o777).toBe(0o700);
});

test('what was committed is there after a stop and a start', async () => {
  const first = await start();
  const before = await join(first.address);
  await before.store.commit(put('a'));
  await before.store.close();
  const { pid } = first;
  await first.stop();
  expect(isAlive(defined(pid, 'pid'))).toBe(false);
  const after = await join((await start()).address);
  expect(after.topology.get('network', 'a')).toBeDefined();
  await after.store.close();
});

test('its file is rewritten no sooner than allowed, and after a restart as before', async () => {
  const redis = await start();
  const percentage = async () => {
    const client = new Redis({ ...redis.address, protocol: 2 });
    client.on('error', () => {});
    const [, value] = (await client.config('GET', 'auto-aof-rewrite-percentage')) as string[];
    client.disconnect();
    return value;
  };
  expect(await percentage()).toBe('0');
  await redis.allowRewrites();
  expect(await percentage()).toBe('100');
  const { pid } = redis;
  process.kill(defined(pid, 'pid'), 'SIGKILL');
  await until(() => redis.pid !== undefined && redis.pid !== pid, 'another server');
  await until(async () => (await percentage()) === '100', 'rewrites to be allowed again');
});

test('a server that dies is started again, and the store goes on', async () => {
  const redis = await start();
  const member = await join(redis.address);
  await member.store.commit(put('a'));
  for (const name of ['b', 'c']) {
    const pid = defined(redis.pid, 'pid');
    process.kill(pid, 'SIGKILL');
    await until(() => redis.pid !== undefined && redis.pid !== pid, 'another server');
    await until(() => member.store.available, 'the store to be available');
    await member.store.commit(put(name));
  }
  expect([member.topology.count('network'), member.alarms]).toEqual([3, []]);
  await member.store.close();
});

test('the server is in no process group that a ctrl-C reaches', async () => {
  const redis = await start();
  const [, , , , group] = (await readFile(`/proc/${redis.pid}/stat`, 'utf8')).split(' ');
  expect(Number(group)).toBe(redis.pid);
});

test('every commit is written through before it is answered', async () => {
  const redis = await start();
  const member = await join(redis.address);
  await member.store.commit(put('a'));
  await member.store.close();
  const log = await readFile(path.join(dataDir, 'appendonlydir/appendonly.aof.1.incr.aof'), 'utf8');
  expect(log).toContain('network/a');
});

test('a server that a killed controller left is ended, and what it was given is kept', async () => {
  const left = await leaveServer();
  const member = await join({ path: path.join(dataDir, 'redis.sock') });
  await member.store.commit(put('a'));
  await member.store.close();
  const redis = await start();
  expect(redis.pid).not.toBe(left.pid);
  expect(isAlive(defined(left.pid, 'pid'))).toBe(false);
  const after = await join(redis.address);
  expect(after.topology.get('network', 'a')).toBeDefined();
  await after.store.close();
});

test('a left server that is stopped and hears no signal is killed', async () => {
  const left = await leaveServer();
  process.kill(defined(left.pid, 'pid'), 'SIGSTOP');
  await start();
  expect(isAlive(defined(left.pid, 'pid'))).toBe(false);
}, 30_000);

test('a pid file that names another program by now ends nothing', async () => {
  await writeFile(path.join(dataDir, 'redis.pid'), `${process.pid}\n`);
  const redis = await start();
  expect(redis.pid).toBeDefined();
});

test('a second controller is refused the same folder until the first is done', async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(`another controller uses the data folder ${dataDir}`);
  const member = await join(first.address);
  await member.store.commit(put('a'));
  await member.store.close();
  await first.stop();
  await start();
});

test('a missing redis-server is named, with the way to get it', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = dataDir;
  try {
    await expect(start()).rejects.toThrow('apt-get install redis-server');
  } finally {
    process.env['PATH'] = PATH;
  }
});

test('a server that cannot start is an error that names its log', async () => {
  await mkdir(path.join(dataDir, 'appendonlydir'));
  await writeFile(path.join(dataDir, 'appendonlydir/appendonly.aof.manifest'), 'nonsense');
  await expect(start()).rejects.toThrow('redis.log');
});

test('a folder whose path is too long for a socket is refused', async () => {
  const dir = path.join(dataDir, 'x'.repeat(100));
  await expect(start(dir)).rejects.toThrow('too long for a socket');
});
