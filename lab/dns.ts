/** Real resolvers inside VMs, unmodified: `dig` and the C library ask, dnsmasq answers. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import type { Vm } from './vm.ts';

/** What a server of the world knows besides: Debian's package dnsmasq-base. */
export class DnsServer {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Answers by UDP and TCP for these names alone, at all addresses of the VM. */
  static async start(vm: Vm, names: Readonly<Record<string, string>>): Promise<DnsServer> {
    const records = Object.entries(names).map(([name, ip]) => `--host-record=${name},${ip}`);
    const quiet = ['--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user=root'];
    const command = ['dnsmasq', '--keep-in-foreground', '--pid-file=', ...quiet, ...records];
    const server = new DnsServer(vm.namespace.background(command));
    const own = ['@127.0.0.1', Object.keys(names)[0] ?? ''];
    await until(async () => (await dig(vm, own)).length > 0, 'the DNS server to answer itself');
    return server;
  }

  async stop(): Promise<void> {
    await endChild(this.#child, 'SIGTERM');
  }
}

/** What `dig` prints of an answer in short; empty when there is none. It asks once. */
export async function dig(vm: Vm, words: readonly string[]): Promise<string[]> {
  const { stdout } = await vm.run(['dig', '+short', '+time=2', '+tries=1', ...words]);
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
}

/** The whole of what `dig` prints. */
export async function digInFull(vm: Vm, words: readonly string[]): Promise<string> {
  const { stdout } = await vm.run(['dig', '+time=2', '+tries=1', ...words]);
  return stdout;
}

/** Looks a name up as programs of the VM do, by a folder's `etc/resolv.conf`. */
export async function lookUp(vm: Vm, dir: string, name: string): Promise<string> {
  const mount = `mount --bind ${join(dir, 'etc/resolv.conf')} /etc/resolv.conf`;
  const { stdout } = await vm.run(['sh', '-c', `${mount} && getent ahosts ${name}`]);
  return stdout;
}
