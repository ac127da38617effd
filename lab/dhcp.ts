/**
 * Real DHCP clients inside VMs, unmodified: each sees files of a machine of its own where it would
 * write (`/etc`, `/run`, its leases), so that nothing of the machine underneath is touched.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endChild } from './background.ts';
import { exec, until } from './exec.ts';
import type { Family } from './ping.ts';
import type { Vm } from './vm.ts';

/** Debian's packages isc-dhcp-client, udhcpc and dhcpcd-base. */
export const DHCP_CLIENTS = ['dhclient', 'udhcpc', 'dhcpcd'] as const;
export type DhcpClientKind = (typeof DHCP_CLIENTS)[number];

/** Folders that a client writes to, each replaced by one of the VM. */
const OWN_FOLDERS = ['/etc', '/run', '/var/lib/dhcp', '/var/lib/dhcpcd'];

/** Replaces the folders in the mount namespace that `ip netns exec` has made, then the shell. */
const IN_OWN_FOLDERS = `
set -e
dir=$1; shift
for folder in ${OWN_FOLDERS.join(' ')}; do
  [ -d "$folder" ] || continue
  mount --bind "$dir$folder" "$folder"
done
exec "$@"
`;

/** Writes down what udhcpc tells its script, and does as Debian's own script for the rest. */
const UDHCPC_SCRIPT = `#!/bin/sh
env >> "$HEDDLE_SEEN"
exec /etc/udhcpc/default.script "$@"
`;

/** Writes down what dhclient tells its script, in a hook that its own script reads. */
const DHCLIENT_HOOK = 'env >> "$HEDDLE_SEEN"\n';

export interface ClientOptions {
  readonly labDir: string;
  /** Default IPv4. */
  readonly family?: Family;
  /** Asks for no address, as it has one already; of dhclient and IPv6 alone. */
  readonly isInformed?: boolean;
}

export class DhcpClient {
  readonly #vm: Vm;
  readonly #dir: string;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(vm: Vm, dir: string, child: ChildProcess) {
    this.#vm = vm;
    this.#dir = dir;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#said += chunk.toString();
      });
    }
  }

  /** Starts a client on `eth0`; it goes on and renews until it is stopped. */
  static async start(vm: Vm, kind: DhcpClientKind, options: ClientOptions): Promise<DhcpClient> {
    const dir = join(options.labDir, `dhcp-${vm.name}`);
    await makeFolders(dir);
    const command = COMMANDS[kind](options, dir);
    const shell = ['sh', '-c', IN_OWN_FOLDERS, 'sh', dir, ...command];
    const env = { HEDDLE_SEEN: join(dir, 'seen') };
    return new DhcpClient(vm, dir, vm.namespace.background(shell, { env }));
  }

  /** What the client printed so far. */
  get said(): string {
    return this.#said;
  }

  /** Waits until the VM has an address on `eth0`. */
  async bound(address: string, timeoutMs = 20_000): Promise<void> {
    await until(() => this.has(address), `${this.#vm.name} to have ${address}`, timeoutMs).catch(
      (error: Error) => {
        throw new Error(`${error.message}; its client said:\n${this.#said.slice(-2_000)}`);
      },
    );
  }

  async has(address: string): Promise<boolean> {
    const { stdout } = await this.#vm.run(['ip', '-o', 'addr', 'show', 'dev', 'eth0']);
    return stdout.split(/\s+/).some((word) => word.startsWith(`${address}/`));
  }

  /** What its script was told, in whatever words the client has for it. */
  seen(): Promise<string> {
    return readFile(join(this.#dir, 'seen'), 'utf8').catch(() => '');
  }

  /** A file as the VM sees it. */
  file(path: string): Promise<string> {
    return readFile(join(this.#dir, path), 'utf8').catch(() => '');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it with its helpers; none of the three gives its address back then. */
  async stop(): Promise<void> {
    await endChild(this.#child, 'SIGTERM');
  }
}

const COMMANDS: Readonly<
  Record<DhcpClientKind, (options: ClientOptions, dir: string) => readonly string[]>
> = {
  dhclient: ({ family, isInformed }) => [
    'dhclient',
    family === 'ipv6' ? '-6' : '-4',
    ...(isInformed === true ? ['-S'] : []),
    '-d',
    '-v',
    '-e',
    'HEDDLE_SEEN',
    'eth0',
  ],
  // -O asks for what it would not ask for by itself; -b would leave the foreground.
  udhcpc: (_, dir) => [
    'udhcpc',
    '-f',
    '-i',
    'eth0',
    '-t',
    '20',
    '-T',
    '1',
    '-O',
    'staticroutes',
    '-O',
    'mtu',
    '-O',
    'tftp',
    '-O',
    'bootfile',
    '-O',
    'search',
    '-s',
    join(dir, 'udhcpc.script'),
  ],
  dhcpcd: ({ family }) => ['dhcpcd', family === 'ipv6' ? '-6' : '-4', '-B', '-d', 'eth0'],
};

async function makeFolders(dir: string): Promise<void> {
  for (const folder of OWN_FOLDERS) await mkdir(join(dir, folder), { recursive: true });
  await exec(['cp', '-a', '/etc/.', join(dir, 'etc')]);
  const hooks = join(dir, 'etc/dhcp/dhclient-enter-hooks.d');
  await mkdir(hooks, { recursive: true });
  await writeFile(join(hooks, 'seen'), DHCLIENT_HOOK);
  await writeFile(join(dir, 'udhcpc.script'), UDHCPC_SCRIPT, { mode: 0o755 });
}
