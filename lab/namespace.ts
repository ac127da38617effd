/** A network namespace: the machine that a host, a VM, the fabric or a controller lives in. */
import type { ChildProcess } from 'node:child_process';
import { readdir, readlink, stat } from 'node:fs/promises';
import { type BackgroundOptions, startInBackground } from './background.ts';
import { type CommandResult, exec, tryExec } from './exec.ts';

const NETNS_DIR = '/run/netns';

export class Namespace {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** Makes the namespace with its loopback up and, unless asked for, no IPv6 chatter of its own. */
  static async create(name: string, options: { ipv6?: boolean } = {}): Promise<Namespace> {
    await exec(['ip', 'netns', 'add', name]);
    const namespace = new Namespace(name);
    await namespace.ip('link set lo up');
    const disabled = options.ipv6 === true ? 0 : 1;
    await namespace.sysctl({
      'net.ipv6.conf.all.disable_ipv6': disabled,
      'net.ipv6.conf.default.disable_ipv6': disabled,
    });
    return namespace;
  }

  /** A namespace that exists already. */
  static existing(name: string): Namespace {
    return new Namespace(name);
  }

  exec(command: readonly string[]): Promise<string> {
    return exec(command, { netns: this.name });
  }

  tryExec(command: readonly string[]): Promise<CommandResult> {
    return tryExec(command, { netns: this.name });
  }

  /** Starts a command in here that outlives this call. */
  background(command: readonly string[], options: BackgroundOptions = {}): ChildProcess {
    return startInBackground(command, { ...options, netns: this.name });
  }

  /** Runs `ip(8)` lines ("link set lo up") in here, all in one process. */
  async ip(...lines: string[]): Promise<void> {
    await exec(['ip', '-n', this.name, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  async sysctl(settings: Readonly<Record<string, number>>): Promise<void> {
    const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    await this.exec(['sysctl', '-q', '-w', ...pairs]);
  }

  async delete(): Promise<void> {
    await exec(['ip', 'netns', 'del', this.name]);
  }
}

/** The names of all network namespaces of this machine. */
export async function listNamespaces(): Promise<string[]> {
  return readdir(NETNS_DIR).catch(() => []);
}

/** The processes that live in any of these namespaces, whoever started them. */
export async function processesIn(namespaces: readonly string[]): Promise<number[]> {
  const inodes = new Set<string>();
  for (const name of namespaces) {
    const found = await stat(`${NETNS_DIR}/${name}`).catch(() => undefined);
    if (found !== undefined) inodes.add(`net:[${found.ino}]`);
  }
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const links = await Promise.all(
    pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => '')),
  );
  return pids.filter((_, index) => inodes.has(links[index] ?? ''));
}
