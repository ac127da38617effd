/**
 * A machine with a kernel of its own: Debian's, emulated by QEMU, with Open vSwitch's module, which
 * the kernel of this machine may lack. KVM would be faster and is not asked for: a nested one may
 * refuse a machine, or take one and never run it. The machine's file system is that of this one,
 * read only; a lab on it is an ordinary lab, with the kernel's datapath. Its one network card is on
 * the control wire of the lab outside, where the controller is.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { endChild } from '../background.ts';
import { DATAPATH_VARIABLE } from '../datapath.ts';
import { PATIENCE_VARIABLE, until } from '../exec.ts';
import type { Lab } from '../lab.ts';
import { repositoryFile } from '../names.ts';

/** Made by tools/kernel.sh. */
const KERNEL_DIR = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'heddle/kernel',
);
const QEMU = 'qemu-system-x86_64';
const MEMORY_MB = 1536;
/** Emulated, a program takes some ten times as long as here; on a busy machine longer. */
const PATIENCE = 10;

/** What the kernel is told: it finds the clock by itself, and ends when it fails. */
const KERNEL_WORDS =
  'console=ttyS0 quiet panic=-1 mitigations=off no_timer_check' +
  ` HEDDLE_INIT=${repositoryFile('lab/machine/init.sh')}`;

export interface MachineRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** What its kernel said. */
  readonly console: string;
}

/** Why no machine can be started here; undefined: one can. */
export function machineProblem(): string | undefined {
  if (process.arch !== 'x64') return `no emulated machine on ${process.arch}`;
  const isThere = existsSync(join(KERNEL_DIR, 'vmlinuz')) && existsSync(`/usr/bin/${QEMU}`);
  return isThere ? undefined : 'no emulated machine: run tools/setup.sh --kernel';
}

/** Starts a machine, runs one command on it, and ends it, after `timeoutMs` at the latest. */
export async function runOnMachine(
  lab: Lab,
  command: readonly string[],
  timeoutMs: number,
): Promise<MachineRun> {
  const dir = join(lab.dir, 'machine');
  await mkdir(dir);
  const settings = [`${DATAPATH_VARIABLE}=system`, `${PATIENCE_VARIABLE}=${PATIENCE}`];
  const words = ['env', ...settings, ...command];
  await writeFile(join(dir, 'command'), words.map((word) => `${word}\0`).join(''));
  const { namespace, device } = await lab.addTap('machine');
  const logFile = join(dir, 'console');
  const child = namespace.background(commandLine(dir, device), { logFile });
  const read = (name: string) => readFile(join(dir, name), 'utf8').catch(() => '');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await until(hasEnded, 'the machine to end', timeoutMs).catch(async (error: Error) => {
    await endChild(child, 'SIGKILL');
    throw new Error(`${error.message}; it said:\n${await read('console')}${await read('stderr')}`);
  });
  const status = await read('status');
  return {
    exitCode: status === '' ? undefined : Number(status),
    stdout: await read('stdout'),
    stderr: await read('stderr'),
    console: await read('console'),
  };
}

function commandLine(dir: string, tap: string): string[] {
  const share = (tag: string, path: string, more = ',readonly=on') =>
    `-virtfs local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${more}`;
  const words = [
    '-machine pc -accel tcg,thread=multi -cpu max -smp 2',
    `-m ${MEMORY_MB} -nodefaults -no-user-config -no-reboot -display none -serial stdio`,
    `-kernel ${join(KERNEL_DIR, 'vmlinuz')} -initrd ${join(KERNEL_DIR, 'initrd')}`,
    share('root', '/'),
    share('kernel', KERNEL_DIR),
    share('exchange', dir, ''),
    `-netdev tap,id=control,ifname=${tap},script=no,downscript=no`,
    '-device virtio-net-pci,netdev=control,romfile=',
  ];
  return [QEMU, ...words.join(' ').split(' '), '-append', KERNEL_WORDS];
}
