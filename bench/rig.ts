/**
 * What benchmarks stand on: sandbox switches, a controller process, and a bare channel to a switch.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild } from '../lab/background.ts';
import { until } from '../lab/exec.ts';
import { repositoryFile } from '../lab/names.ts';
import { Ovs } from '../lab/ovs.ts';
import { NODE_FLAGS, PROGRAM } from '../lab/program.ts';
import { Rest } from '../lab/rest.ts';
import { nullLogger } from '../src/lib/log.ts';
import { systemClock } from '../src/lib/system.ts';
import { type Channel, listenOpenFlow } from '../src/openflow/index.ts';

/** Everything that was started; each is stopped by its benchmark, or when that has failed. */
const started: { stop(): Promise<void> }[] = [];

/** Leaves no process and no folder, however the benchmarks came to their end. */
export async function stopEverything(): Promise<void> {
  for (const item of started.splice(0).reverse()) await item.stop();
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'heddle-bench-'));
}

/** A dummy Open vSwitch in a folder of its own. */
export async function startSwitch(systemId: string): Promise<Ovs> {
  const ovs = new Ovs({ dir: await temporaryFolder(), systemId, dummy: true });
  started.push(ovs);
  await ovs.start();
  return ovs;
}

/** Runs a program of this folder as controllers are run. */
export function startProgram(file: string, args: readonly string[]): { stop(): Promise<void> } {
  const command = [...NODE_FLAGS, repositoryFile(`dist/bench/${file}`), ...args];
  const child = spawn('node', command, { stdio: 'inherit' });
  const program = { stop: () => endChild(child, 'SIGTERM') };
  started.push(program);
  return program;
}

/** A fail-secure br-int that dials us, and nothing between us and it. */
export async function bareChannel(
  ovs: Ovs,
): Promise<{ channel: Channel; end: () => Promise<void> }> {
  const options = {
    clock: systemClock,
    log: nullLogger,
    at: { host: '127.0.0.1', port: 0 },
  };
  let arrived: (channel: Channel) => void = () => {};
  const arrival = new Promise<Channel>((resolve) => {
    arrived = resolve;
  });
  const listener = await listenOpenFlow(options, (channel) => arrived(channel));
  const bridge = ['Bridge', 'br-int', 'protocols=OpenFlow15', 'fail_mode=secure'];
  await ovs.vsctl('add-br', 'br-int', '--', 'set', ...bridge);
  await ovs.vsctl('set-controller', 'br-int', `tcp:127.0.0.1:${listener.port}`);
  const channel = await arrival;
  return {
    channel,
    end: async () => {
      channel.close('the benchmark is over');
      await listener.close();
    },
  };
}

const START_TIMEOUT_MS = 60_000;

/** A controller process with a private Redis, on loopback. */
export class ControllerProcess {
  readonly rest: Rest;
  readonly manager: string;
  readonly apiSocket: string;
  readonly #dir: string;
  readonly #child: ChildProcess;

  private constructor(dir: string, child: ChildProcess, manager: string) {
    this.#dir = dir;
    this.#child = child;
    this.manager = manager;
    this.apiSocket = join(dir, 'api.sock');
    this.rest = new Rest(this.apiSocket);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @param given a data folder that exists; by default an empty one is made */
  static async start(given: { readonly dir?: string } = {}): Promise<ControllerProcess> {
    const dir = given.dir ?? (await temporaryFolder());
    const [ovsdb, openflow] = [await freePort(), await freePort()];
    const env = {
      ...process.env,
      HEDDLE_DATA_DIR: dir,
      HEDDLE_API_LISTEN: `unix:${join(dir, 'api.sock')}`,
      HEDDLE_OVSDB_LISTEN: `127.0.0.1:${ovsdb}`,
      HEDDLE_OPENFLOW_LISTEN: `127.0.0.1:${openflow}`,
      HEDDLE_LOG_FILE: join(dir, 'controller.log'),
    };
    const [node = '', ...args] = PROGRAM;
    const child = spawn(node, args, { env, stdio: 'inherit' });
    const controller = new ControllerProcess(dir, child, `tcp:127.0.0.1:${ovsdb}`);
    started.push(controller);
    const serves = (): Promise<boolean> =>
      controller.rest.get('/v1/health').then(
        () => true,
        () => child.exitCode !== null,
      );
    await until(serves, 'the controller to serve', START_TIMEOUT_MS);
    return controller;
  }

  async stop(): Promise<void> {
    this.rest.close();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    await rm(this.#dir, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
