/** A real redis-server for one test file: unix socket, every write synced, killed and restarted at will. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { defined } from '../../src/lib/assert.ts';

export class RedisServer {
  readonly address: { readonly path: string };
  readonly dir: string;
  #child: ChildProcess | undefined;

  constructor(dir: string) {
    this.dir = dir;
    this.address = { path: path.join(dir, 'redis.sock') };
  }

  get pid(): number {
    return defined(this.#child?.pid, 'pid of redis-server');
  }

  async start(): Promise<void> {
    const settings = ['--port', '0', '--unixsocket', this.address.path, '--dir', this.dir];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    const child = spawn('redis-server', [...settings, ...durable], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stdout.on('data', (chunk) => {
        said += String(chunk);
        if (/ready to accept connections/i.test(said)) resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`redis-server ended: ${said}`)));
    });
  }

  /** kill -9, and waits until the process is gone. */
  async kill(): Promise<void> {
    const child = defined(this.#child, 'redis-server');
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** What it holds now is kept beside it. */
  async keepCopy(): Promise<void> {
    await cp(this.#data, `${this.#data}.copy`, { recursive: true });
  }

  /** Dies, and comes back with what was kept, as after a fail-over to a replica that lagged. */
  async restartWithCopy(): Promise<void> {
    await this.kill();
    await rm(this.#data, { recursive: true });
    await cp(`${this.#data}.copy`, this.#data, { recursive: true });
    await this.start();
  }

  /** Dies, and comes back empty. */
  async restartEmpty(): Promise<void> {
    await this.kill();
    await rm(this.#data, { recursive: true });
    await this.start();
  }

  get #data(): string {
    return path.join(this.dir, 'appendonlydir');
  }

  /** A client for looking at, and tampering with, what the store wrote. */
  client(): Redis {
    return new Redis({ ...this.address, protocol: 2 });
  }

  async stop(): Promise<void> {
    const child = defined(this.#child, 'redis-server');
    if (child.exitCode === null && child.signalCode === null) await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }
}

export async function startRedis(): Promise<RedisServer> {
  const server = new RedisServer(await mkdtemp(path.join(tmpdir(), 'heddle-redis-')));
  await server.start();
  return server;
}
