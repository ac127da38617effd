/**
 * A Redis of our own: a private `redis-server` that listens on a unix socket in the data folder
 * alone and writes every commit to its append-only file, synchronously, before it answers.
 *
 * It is in a session of its own, so that a ctrl-C that ends the controller does not end it first.
 * It outlives a controller that is killed; the next one with the same folder stops it, by its pid
 * file, and starts another, because only the parent of a process learns at once that it died.
 * An abstract socket, which the kernel frees with its process, keeps a second controller away.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import path from 'node:path';
import { Backoff } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';

export interface EmbeddedOptions {
  /** Made if it does not exist. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `sun_path` of a unix socket address, less the final zero. */
const SOCKET_PATH_MAX = 107;
const POLL_MS = 10;
/** Time to read the append-only file back: about 1 s for every 100 MB. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5000;
/** By how much its file has grown when Redis rewrites it, in percent; Redis's own default. */
const REWRITE_PERCENTAGE = 100;
const NOT_INSTALLED = 'redis-server is not installed: apt-get install redis-server';

export class EmbeddedRedis {
  readonly address: { readonly path: string };
  readonly #options: EmbeddedOptions;
  readonly #dataDir: string;
  readonly #lock: Server;
  readonly #backoff = new Backoff({ minMs: 50, maxMs: 5000 });
  #serves: Promise<void> = Promise.resolve();
  #child: ChildProcess | undefined;
  #restart: Timer | undefined;
  #isStopping = false;

  private constructor(options: EmbeddedOptions, dataDir: string, lock: Server) {
    this.#options = options;
    this.#dataDir = dataDir;
    this.#lock = lock;
    this.address = { path: path.join(dataDir, 'redis.sock') };
  }

  /** Resolves when the server serves. */
  static async start(options: EmbeddedOptions): Promise<EmbeddedRedis> {
    const redis = await EmbeddedRedis.launch(options);
    try {
      await redis.serves;
      return redis;
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  /** Resolves when the server runs; it may take a while until it has read its file and serves. */
  static async launch(options: EmbeddedOptions): Promise<EmbeddedRedis> {
    await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
    const dataDir = await realpath(options.dataDir);
    const lock = await lockFolder(dataDir);
    const redis = new EmbeddedRedis(options, dataDir, lock);
    try {
      if (Buffer.byteLength(redis.address.path) > SOCKET_PATH_MAX) {
        throw new Error(`the path of the data folder is too long for a socket: ${dataDir}`);
      }
      await redis.#stopLeftover();
      const child = await redis.#spawn();
      redis.#serves = redis.#untilServing(child);
      // Whoever wants to know asks later.
      redis.#serves.catch(() => {});
      return redis;
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  /** Resolves when the server that was launched serves. */
  get serves(): Promise<void> {
    return this.#serves;
  }

  /**
   * From now on the server rewrites its file when that has grown, which takes a core for a while:
   * so late because it would begin with it as soon as it has read a file that is due, when others
   * wait to read everything.
   */
  async allowRewrites(): Promise<void> {
    await this.#serves;
    await ask(this.address.path, `CONFIG SET auto-aof-rewrite-percentage ${REWRITE_PERCENTAGE}`);
  }

  /** The process id of the server, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the server, after its file is written; end the store before it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#restart?.cancel();
    const pid = this.#child?.pid;
    if (pid !== undefined) await this.#end(pid);
    await new Promise((resolve) => {
      this.#lock.close(resolve);
    });
  }

  async #spawn(): Promise<ChildProcess> {
    const child = spawn('redis-server', this.#arguments(), { detached: true, stdio: 'ignore' });
    try {
      await once(child, 'spawn');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === 'ENOENT' ? new Error(NOT_INSTALLED) : error;
    }
    this.#child = child;
    child.once('exit', (code, signal) => this.#exited(code, signal));
    return child;
  }

  #arguments(): string[] {
    const settings: Readonly<Record<string, string>> = {
      port: '0',
      unixsocket: this.address.path,
      unixsocketperm: '700',
      dir: this.#dataDir,
      pidfile: this.#path('redis.pid'),
      logfile: this.#path('redis.log'),
      daemonize: 'no',
      databases: '1',
      appendonly: 'yes',
      appendfsync: 'always',
      'auto-aof-rewrite-percentage': '0',
      save: '',
      'maxmemory-policy': 'noeviction',
    };
    return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = undefined;
    if (this.#isStopping) return;
    this.#options.log.error('Redis ended and is started again.', { code, signal });
    this.#scheduleRestart();
  }

  #scheduleRestart(): void {
    const { clock } = this.#options;
    if (this.#restart !== undefined || this.#isStopping) return;
    this.#restart = clock.setTimer(this.#backoff.failed(clock.now()), () => {
      this.#restart = undefined;
      this.#relaunch().catch((error: unknown) => {
        this.#options.log.error('Redis could not be started.', { reason: String(error) });
        // One that runs but does not serve is ended, and started again when it has ended.
        if (this.#child?.kill('SIGKILL') !== true) this.#scheduleRestart();
      });
    });
  }

  async #relaunch(): Promise<void> {
    this.#serves = this.#untilServing(await this.#spawn());
    await this.allowRewrites();
  }

  async #untilServing(child: ChildProcess): Promise<void> {
    const { clock, log } = this.#options;
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    const isServing = async () => hasEnded() || (await ask(this.address.path, 'PING')) === '+PONG';
    const serves = await this.#poll(isServing, START_TIMEOUT_MS);
    const seeLog = `see ${this.#path('redis.log')}`;
    if (hasEnded()) {
      throw new Error(`redis-server ended (${child.signalCode ?? child.exitCode}), ${seeLog}`);
    }
    if (!serves) throw new Error(`redis-server does not serve, ${seeLog}`);
    this.#backoff.succeeded(clock.now());
    log.info('Redis serves.', { pid: child.pid, dataDir: this.#dataDir });
  }

  /** Ends the server of a controller that was killed; never a program that has its pid by now. */
  async #stopLeftover(): Promise<void> {
    const text = await readFile(this.#path('redis.pid'), 'utf8').catch(() => '');
    const pid = Number.parseInt(text, 10);
    if (!(pid > 0) || !(await this.#isOurs(pid))) return;
    this.#options.log.warn('A Redis of a controller that was killed is ended.', { pid });
    await this.#end(pid);
  }

  async #end(pid: number): Promise<void> {
    signal(pid, 'SIGTERM');
    const hasEnded = async () => !(await this.#isOurs(pid));
    if (await this.#poll(hasEnded, STOP_TIMEOUT_MS)) return;
    this.#options.log.error('Redis did not end and is killed.', { pid });
    signal(pid, 'SIGKILL');
    await this.#poll(hasEnded, STOP_TIMEOUT_MS);
  }

  /** redis-server shows its socket as its command line; a process that ended has none. */
  async #isOurs(pid: number): Promise<boolean> {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return commandLine.includes('redis-server') && commandLine.includes(this.address.path);
  }

  async #poll(isDone: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
    const { clock } = this.#options;
    const deadline = clock.now() + timeoutMs;
    while (!(await isDone())) {
      if (clock.now() > deadline) return false;
      await new Promise<void>((resolve) => {
        clock.setTimer(POLL_MS, resolve);
      });
    }
    return true;
  }

  #path(name: string): string {
    return path.join(this.#dataDir, name);
  }
}

/** The first line of its answer (`-LOADING …` while it reads its file); '' when it gives none. */
async function ask(socket: string, command: string): Promise<string> {
  const connection = createConnection(socket);
  try {
    connection.write(`${command}\r\n`);
    const [answer] = await Promise.race([once(connection, 'data'), once(connection, 'close')]);
    return String(answer).split('\r\n', 1)[0] ?? '';
  } catch {
    return '';
  } finally {
    connection.destroy();
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

async function lockFolder(dataDir: string): Promise<Server> {
  const digest = createHash('sha256').update(dataDir).digest('hex');
  const server = createServer((socket) => socket.destroy());
  server.listen(`\0heddle-redis-${digest}`);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`another controller uses the data folder ${dataDir}`, { cause });
  }
  server.unref();
  return server;
}
