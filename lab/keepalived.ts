/** Debian's keepalived in VMs: two of them share addresses by VRRP (RFC 5798). */
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endChild } from './background.ts';
import { until } from './exec.ts';
import type { Vm } from './vm.ts';

export interface KeepalivedOptions {
  readonly labDir: string;
  /** The one with the highest is the master. */
  readonly priority: number;
  /** With a MAC address of the virtual router (`use_vmac`); else with that of the VM. */
  readonly hasVirtualMac: boolean;
  readonly addresses: readonly string[];
}

/** Number of the virtual router, and so the end of its MAC addresses. */
const VRID = 7;

/** RFC 5798, section 7.3. */
export const VIRTUAL_MACS = [`00:00:5e:00:01:0${VRID}`, `00:00:5e:00:02:0${VRID}`] as const;

export class Keepalived {
  readonly #vm: Vm;
  readonly #child: ChildProcess;
  readonly #addresses: readonly string[];

  private constructor(vm: Vm, child: ChildProcess, addresses: readonly string[]) {
    this.#vm = vm;
    this.#child = child;
    this.#addresses = addresses;
  }

  static async start(vm: Vm, options: KeepalivedOptions): Promise<Keepalived> {
    const dir = join(options.labDir, `keepalived-${vm.name}`);
    await mkdir(dir, { recursive: true });
    const file = join(dir, 'keepalived.conf');
    await writeFile(file, configuration(vm, options));
    const pids = ['-p', join(dir, 'pid'), '-r', join(dir, 'vrrp.pid')];
    const command = ['keepalived', '-n', '-l', '-P', '-f', file, ...pids];
    const child = vm.namespace.background(command, { logFile: join(dir, 'log') });
    return new Keepalived(vm, child, options.addresses);
  }

  /** Of all addresses. */
  master(): Promise<void> {
    return this.#has(this.#addresses.length);
  }

  /** Of none. */
  backup(): Promise<void> {
    return this.#has(0);
  }

  /** Waits until its VM has so many of the addresses. */
  async #has(wanted: number): Promise<void> {
    const what = `${this.#vm.name} to have ${wanted} virtual addresses`;
    await until(
      async () => {
        const shown = await this.#vm.namespace.exec(['ip', '-o', 'addr', 'show']);
        return this.#addresses.filter((each) => shown.includes(` ${each}/`)).length === wanted;
      },
      what,
      20_000,
    );
  }

  /** It gives the addresses back. */
  async stop(): Promise<void> {
    await endChild(this.#child, 'SIGTERM');
  }
}

/** Three lost announcements make a new master: some 400 ms. */
const ADVERT_S = 0.1;

function configuration(vm: Vm, options: KeepalivedOptions): string {
  const of = (family: 'ipv4' | 'ipv6') =>
    options.addresses.filter((address) => address.includes(':') === (family === 'ipv6'));
  return `
global_defs {
  router_id ${vm.name}
  vrrp_version 3
}
${instance('four', of('ipv4'), options)}
${instance('six', of('ipv6'), options)}
`;
}

function instance(
  name: string,
  addresses: readonly string[],
  { hasVirtualMac, priority }: KeepalivedOptions,
): string {
  return `
vrrp_instance ${name} {
  state BACKUP
  interface eth0
  virtual_router_id ${VRID}
  priority ${priority}
  advert_int ${ADVERT_S}
  ${hasVirtualMac ? `use_vmac v-${name}\n  vmac_xmit_base` : ''}
  virtual_ipaddress {
    ${addresses.map((address) => `${address}/${address.includes(':') ? 64 : 24}`).join('\n    ')}
  }
}
`;
}
