/**
 * Names and addresses of a lab: everything derives from one short id, so that many labs run side
 * by side and a takedown finds all of one after a crash.
 */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMESPACE_PREFIX = 'hd';
const DIR_PREFIX = 'heddle-lab-';
const ID_PATTERN = /^[a-z0-9]{1,4}$/;
/**
 * IFNAMSIZ less the final NUL: names of namespaces keep to it as well, so that both can be equal.
 */
const NAME_LENGTH_MAX = 15;

/** A random lab id: four characters of a-z0-9. */
export function newLabId(): string {
  return randomInt(36 ** 3, 36 ** 4).toString(36);
}

/** Refuses an id that would not fit into the names derived from it. */
export function checkLabId(id: string): string {
  if (!ID_PATTERN.test(id)) throw new Error(`a lab id is 1 to 4 characters of a-z0-9, not "${id}"`);
  return id;
}

/** The folder with everything a lab writes: databases, sockets, logs, pid files, manifest. */
export function labDir(id: string): string {
  return join(tmpdir(), `${DIR_PREFIX}${checkLabId(id)}`);
}

/** The id in the name of a lab's folder, or undefined when it is no lab's. */
export function idOfDir(name: string): string | undefined {
  const id = name.startsWith(DIR_PREFIX) ? name.slice(DIR_PREFIX.length) : '';
  return ID_PATTERN.test(id) ? id : undefined;
}

/** The namespace of one node (host, VM, fabric, controller) of a lab. */
export function namespaceName(id: string, node: string): string {
  return shortName(`${NAMESPACE_PREFIX}${checkLabId(id)}-${node}`);
}

/** The id in the name of a namespace, or undefined when it is no lab's. */
export function idOfNamespace(name: string): string | undefined {
  return /^hd([a-z0-9]{1,4})-./.exec(name)?.[1];
}

/** A host's end of a VM's veth. */
export function vmInterface(vm: string): string {
  return shortName(`v-${vm}`);
}

function shortName(name: string): string {
  if (name.length > NAME_LENGTH_MAX || !/^[a-z0-9-]+$/.test(name)) {
    throw new Error(`"${name}" is not a name of at most ${NAME_LENGTH_MAX} characters a-z0-9-`);
  }
  return name;
}

/** The prefix length of both networks of a lab (198.18.0.0/15 is reserved for benchmarks). */
export const LAB_PREFIX = 16;

/** The tunnel address of host `index`. */
export function underlayAddress(index: number): string {
  return `198.18.${index >> 8}.${index & 255}`;
}

/** The address of host `index` in the network between hosts and controllers. */
export function controlAddress(index: number): string {
  return `198.19.${index >> 8}.${index & 255}`;
}

/** The MAC address of host `index` in the underlay; fixed, so that neighbours can be set. */
export function underlayMac(index: number): string {
  return `0a:18:00:00:${hexByte(index >> 8)}:${hexByte(index & 255)}`;
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** A file of this repository, seen from lab/ as well as from dist/lab/. */
export function repositoryFile(path: string): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir);
  return join(dir, path);
}
