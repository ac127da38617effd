/**
 * Units that are the same on every host, compiled and encoded once and shared by reference: a
 * change that fans out to a thousand hosts costs one compile (ARCHITECTURE.md, decision 5).
 *
 * An entry is good while the records, and the clauses of rules, that it was made from are: they are
 * replaced, never altered, so that comparing references is enough, and nobody has to tell the cache
 * of a change.
 */
import {
  type Host,
  hostsOf,
  learnedMacsOf,
  pluggedPort,
  type Topology,
  type UnitKey,
} from '../topology/index.ts';
import { type Compile, type CompiledUnit, compileUnit } from './compile.ts';
import { isRemoteOn, shareNetwork } from './host-view.ts';
import { isSecurityKey, securityParts } from './security-units.ts';
import { type CompilerSettings, DEFAULT_SETTINGS } from './settings.ts';

interface Entry {
  readonly parts: readonly unknown[];
  readonly unit: CompiledUnit | undefined;
}

/** What a shared unit is made of, and whether one host has that unit at all. */
interface Source {
  readonly parts: readonly unknown[];
  readonly present: (hostId: string) => boolean;
}

export class UnitCache {
  readonly #entries = new Map<string, Entry>();
  readonly #settings: CompilerSettings;

  constructor(settings = DEFAULT_SETTINGS) {
    this.#settings = settings;
  }

  /** How many units are held. */
  get size(): number {
    return this.#entries.size;
  }

  /** As `compileUnit`, which it stands in front of. */
  readonly compile: Compile = (topology, hostId, key) => {
    const host = topology.get('host', hostId);
    if (host === undefined || !isShared(key)) return this.#compile(topology, hostId, key);
    // The two variants of a unit: for switches that can answer neighbour discovery, and others.
    const name = `${key} ${host.nd_extensions}`;
    const source = sourceOf(topology, host, key);
    if (source === undefined) {
      this.#entries.delete(name);
      return undefined;
    }
    if (!source.present(hostId)) return undefined;
    const entry = this.#entries.get(name);
    if (entry !== undefined && sameReferences(entry.parts, source.parts)) return entry.unit;
    const unit = this.#compile(topology, hostId, key);
    this.#entries.set(name, { parts: source.parts, unit });
    return unit;
  };

  readonly #compile: Compile = (...what) => compileUnit(...what, this.#settings);
}

function isShared(key: UnitKey): boolean {
  return key.startsWith('remote-port/') || key.startsWith('peer/') || isSecurityKey(key);
}

/** Undefined when what the unit stems from is gone, or is none of this host's. */
function sourceOf(topology: Topology, host: Host, key: UnitKey): Source | undefined {
  if (isSecurityKey(key)) {
    const parts = securityParts(topology, host, key);
    return parts && { parts, present: () => true };
  }
  const id = key.slice(key.indexOf('/') + 1);
  if (key.startsWith('peer/')) {
    const peer = topology.get('host', id);
    if (peer === undefined) return undefined;
    return { parts: [peer], present: (hostId) => shareNetwork(topology, hostId, id) };
  }
  const plugged = pluggedPort(topology, id);
  if (plugged === undefined) return undefined;
  const { port, network, binding } = plugged;
  return {
    parts: [
      port,
      network,
      binding,
      learnedMacsOf(topology, port).join(),
      ...hostsOf(binding).map((id) => topology.get('host', id)),
    ],
    present: (hostId) => isRemoteOn(topology, hostId, plugged),
  };
}

function sameReferences(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}
