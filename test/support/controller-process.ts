/** A controller as a process of its own, on a Redis of the test's: killed and started at will. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../lab/exec.ts';
import { PROGRAM } from '../../lab/program.ts';
import { Rest } from '../../lab/rest.ts';

export class ControllerProcess {
  readonly rest: Rest;
  readonly #dir: string;
  readonly #redisPath: string;
  readonly #name: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  /**
   * @param dir an existing folder; the controller gets one of its own below it
   * @param env settings on top of those that it needs (`HEDDLE_…`)
   */
  constructor(
    dir: string,
    name: string,
    redisPath: string,
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#dir = join(dir, name);
    this.#name = name;
    this.#redisPath = redisPath;
    this.#env = env;
    this.rest = this.restAs();
  }

  /** A client that sends these headers with every call. */
  restAs(headers: Readonly<Record<string, string>> = {}): Rest {
    return new Rest(join(this.#dir, 'api.sock'), headers);
  }

  /** Resolves when the API answers. */
  async start(): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    const env = {
      ...process.env,
      HEDDLE_CONTROLLER_ID: this.#name,
      HEDDLE_REDIS_URL: this.#redisPath,
      HEDDLE_API_LISTEN: `unix:${join(this.#dir, 'api.sock')}`,
      // Whatever is free: no host connects here.
      HEDDLE_OVSDB_LISTEN: '127.0.0.1:0',
      HEDDLE_OPENFLOW_LISTEN: '127.0.0.1:0',
      HEDDLE_LOG_FILE: join(this.#dir, 'controller.log'),
      ...this.#env,
    };
    const [node = '', ...args] = PROGRAM;
    const child = spawn(node, args, { env, stdio: 'inherit' });
    this.#child = child;
    child.once('exit', (code) => {
      if (code !== null && code !== 0) throw new Error(`${this.#name} ended with ${code}`);
    });
    await this.serves();
  }

  /** Resolves when reads and writes are served. */
  async serves(): Promise<void> {
    const isServing = (): Promise<boolean> =>
      this.rest.get<{ store_reachable: boolean }>('/v1/health').then(
        (health) => health.store_reachable,
        () => false,
      );
    await until(isServing, `${this.#name} to serve`, 60_000);
  }

  /** kill -9, and waits until the process is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    this.rest.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
