/**
 * Ends a lab completely, knowing nothing but its id: what a crashed one leaves behind is found by
 * the names of its namespaces and folder, and nothing else is ever touched.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, isAlive, livePid, until } from './exec.ts';
import { idOfDir, idOfNamespace, labDir } from './names.ts';
import { listNamespaces, processesIn } from './namespace.ts';

const ORDERLY_END_MS = 5_000;

/** What is there of a lab. */
export interface Remains {
  readonly id: string;
  readonly namespaces: readonly string[];
  readonly processes: readonly number[];
  /** Its folder, when that exists. */
  readonly dir?: string;
}

/** The ids of all labs of this machine, running or crashed. */
export async function labIds(): Promise<string[]> {
  const fromDirs = (await readdir(tmpdir())).map(idOfDir);
  const fromNamespaces = (await listNamespaces()).map(idOfNamespace);
  return [...new Set([...fromDirs, ...fromNamespaces])].filter((id) => id !== undefined).sort();
}

/** Looks for everything that carries a lab's id. */
export async function remains(id: string): Promise<Remains> {
  const namespaces = (await listNamespaces()).filter((name) => idOfNamespace(name) === id);
  const processes = await processesIn(namespaces);
  const found = (await readdir(tmpdir())).some((name) => idOfDir(name) === id);
  return { id, namespaces, processes, ...(found ? { dir: labDir(id) } : {}) };
}

/** Ends every process of a lab, then removes its namespaces and its folder. */
export async function takeDown(id: string): Promise<void> {
  const { namespaces } = await remains(id);
  await endControllers(id, namespaces);
  await killAll(namespaces);
  for (const name of namespaces) await exec(['ip', 'netns', 'del', name]);
  await rm(labDir(id), { recursive: true, force: true });
}

/** Controllers first and in order: they would start a Redis again that is killed before them. */
async function endControllers(id: string, namespaces: readonly string[]): Promise<void> {
  const ours = new Set(await processesIn(namespaces));
  for (const node of await readdir(labDir(id)).catch(() => [])) {
    const pid = await livePid(join(labDir(id), node, 'controller.pid'));
    // A pid file may outlive its process and name a stranger's: only those in our namespaces count.
    if (pid === undefined || !ours.has(pid)) continue;
    process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid), `controller ${pid} to end`, ORDERLY_END_MS).catch(() => {});
  }
}

/** Kills whatever lives in the namespaces until nothing does. */
async function killAll(namespaces: readonly string[]): Promise<void> {
  await until(
    async () => {
      const alive = (await processesIn(namespaces)).filter((pid) => pid !== process.pid);
      for (const pid of alive) killQuietly(pid);
      return alive.length === 0;
    },
    `the processes in ${namespaces.join(' ')} to end`,
  );
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself since it was listed.
  }
}

/** The manifest of a lab as it was written, when there is one. */
export async function readManifest(id: string): Promise<Manifest | undefined> {
  const text = await readFile(manifestPath(id), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}

export function manifestPath(id: string): string {
  return join(labDir(id), 'manifest.json');
}

/** For people who look at a lab from outside; the takedown does not need it. */
export interface Manifest {
  readonly id: string;
  readonly startedAt: string;
  readonly ownerPid: number;
  readonly hosts: readonly string[];
  readonly vms: readonly { name: string; host: string; addresses: readonly string[] }[];
  readonly controllers: readonly string[];
}
