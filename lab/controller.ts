/** A controller process (and its private Redis) in a namespace of the lab. */
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, killByPidFile, livePid, until } from './exec.ts';
import type { Fabric } from './fabric.ts';
import { controlAddress, LAB_PREFIX, namespaceName } from './names.ts';
import { Namespace } from './namespace.ts';
import { PROGRAM } from './program.ts';
import { Rest } from './rest.ts';

const OVSDB_PORT = 6640;

export interface ControllerOptions {
  readonly labId: string;
  readonly labDir: string;
  readonly fabric: Fabric;
  /** By default `ctl`. */
  readonly name?: string;
  /** Position in the lab's address plan; apart from the hosts'. */
  readonly index?: number;
  /** By default this repository's program. */
  readonly command?: readonly string[];
  /** Settings on top of those that the lab needs (`HEDDLE_…`). */
  readonly env?: Readonly<Record<string, string>>;
}

/** High in the plan, so that hosts can count from 1. */
const INDEX_DEFAULT = 0xff01;
const START_TIMEOUT_MS = 20_000;

export class Controller {
  readonly name: string;
  readonly namespace: Namespace;
  /** What a host gives to `ovs-vsctl set-manager`. */
  readonly manager: string;
  readonly rest: Rest;
  readonly socket: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly #command: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #pidFile: string;

  private constructor(options: ControllerOptions, namespace: Namespace) {
    const dir = join(options.labDir, options.name ?? 'ctl');
    this.name = options.name ?? 'ctl';
    this.namespace = namespace;
    this.manager = `tcp:${controlAddress(options.index ?? INDEX_DEFAULT)}:${OVSDB_PORT}`;
    this.dataDir = join(dir, 'data');
    this.socket = join(dir, 'api.sock');
    this.logFile = join(dir, 'controller.log');
    this.rest = new Rest(this.socket);
    this.#pidFile = join(dir, 'controller.pid');
    this.#command = options.command ?? PROGRAM;
    this.#env = {
      HEDDLE_DATA_DIR: this.dataDir,
      HEDDLE_API_LISTEN: `unix:${this.socket}`,
      HEDDLE_CONTROLLER_ID: this.name,
      HEDDLE_AUTH: 'none',
      ...options.env,
    };
  }

  /** Makes the namespace and its link to the hosts; starts nothing. */
  static async create(options: ControllerOptions): Promise<Controller> {
    const name = options.name ?? 'ctl';
    const namespace = await Namespace.create(namespaceName(options.labId, name));
    await options.fabric.connect('control', name, namespace, 'ctl0');
    const address = controlAddress(options.index ?? INDEX_DEFAULT);
    await namespace.ip(`addr add ${address}/${LAB_PREFIX} dev ctl0`);
    const controller = new Controller(options, namespace);
    await mkdir(controller.dataDir, { recursive: true });
    return controller;
  }

  get redisPidFile(): string {
    return join(this.dataDir, 'redis.pid');
  }

  /** Starts the process and waits until its REST API says that it serves. */
  async start(): Promise<void> {
    const child = this.namespace.background(this.#command, {
      env: this.#env,
      logFile: this.logFile,
      pidFile: this.#pidFile,
    });
    child.unref();
    await until(() => this.#serves(child), `${this.name} to serve`, START_TIMEOUT_MS);
  }

  /** Ends it in order, its Redis included. */
  async stop(): Promise<void> {
    await killByPidFile(this.#pidFile, 'SIGTERM');
  }

  /** Ends the process like a crash. Its Redis, an own process, may live on. */
  async kill(): Promise<void> {
    await killByPidFile(this.#pidFile, 'SIGKILL');
  }

  /** @param env settings that are others from now on */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.stop();
    Object.assign(this.#env, env);
    await this.start();
  }

  /** Crashes the private Redis and waits until the controller has started it again. */
  async crashRedis(): Promise<void> {
    const before = await livePid(this.redisPidFile);
    if (before === undefined) throw new Error(`${this.name} has no Redis of its own`);
    await killByPidFile(this.redisPidFile, 'SIGKILL');
    await until(async () => {
      const now = await livePid(this.redisPidFile);
      return now !== undefined && now !== before;
    }, `the Redis of ${this.name} to come back`);
  }

  pid(): Promise<number | undefined> {
    return livePid(this.#pidFile);
  }

  async #serves(child: ChildProcess): Promise<boolean> {
    if (child.exitCode !== null || (child.pid !== undefined && !isAlive(child.pid))) {
      const log = await readFile(this.logFile, 'utf8').catch(() => '');
      throw new Error(`${this.name} ended while it started:\n${log.slice(-4_000)}`);
    }
    return this.rest.get('/v1/health').then(
      () => true,
      () => false,
    );
  }
}
