/**
 * Units that are the same on every host, and flows of units that are, compiled and encoded once and
 * shared by reference: a change that fans out to a thousand hosts costs one compile
 * (ARCHITECTURE.md, decision 5).
 *
 * An entry is good while the records, and the clauses of rules, that it was made from are: they are
 * replaced, never altered, so that comparing references is enough, and nobody has to tell the cache
 * of a change. It serves one topology; after a snapshot another cache does.
 */

import {
  type CompiledGroup,
  compiledGroup,
  encodeUnit,
  floodRemoteGroup,
  type UnitContent,
} from '../pipeline/index.ts';
import {
  type Host,
  hostsOf,
  learnedMacsOf,
  pluggedPort,
  type Topology,
  type UnitKey,
} from '../topology/index.ts';
import {
  type Compile,
  type CompiledUnit,
  compileUnit,
  networkFlows,
  networkRest,
} from './compile.ts';
import { floodHostsGroup, networkShape } from './features/l2-forwarding.ts';
import type { HostChunk } from './host-chunks.ts';
import {
  type Carriers,
  carriedNetwork,
  carriersOf,
  isRemoteOn,
  shareNetwork,
} from './host-view.ts';
import type { CarriedNetwork } from './inputs.ts';
import { isSecurityKey, securityParts } from './security-units.ts';
import { type CompilerSettings, DEFAULT_SETTINGS } from './settings.ts';

/** Under the name of a unit. */
type Encode = (content: UnitContent) => CompiledUnit;

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
  /** By network and shape (`networkShape`). */
  readonly #networkFlows = new Map<string, Map<string, CompiledUnit['flows']>>();
  /** By network: a change of one host is told to all others of its networks. */
  readonly #carriers = new Map<string, Carriers & { readonly revision: number }>();
  /** Of chunks that hosts share. */
  readonly #hostGroups = new WeakMap<HostChunk, CompiledGroup>();
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
    if (host !== undefined && key.startsWith(NETWORK)) return this.#network(topology, host, key);
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

  /** Which ports and hosts copies go to is each host's own. */
  #network(topology: Topology, host: Host, key: UnitKey): CompiledUnit | undefined {
    const id = key.slice(NETWORK.length);
    const network = carriedNetwork(topology, host, id, this.#carriersOf(topology, id));
    if (network === undefined) {
      if (topology.get('network', id) === undefined) this.#forgetNetwork(id);
      return undefined;
    }
    const encode = (content: UnitContent) => encodeUnit(key, ['network', id], content);
    const own = encode({ flows: [], ...networkRest(network) });
    return {
      ...own,
      flows: this.#flowsOf(id, network, encode),
      groups: [...this.#hostGroupsOf(network, own.cookie), ...own.groups],
    };
  }

  #carriersOf(topology: Topology, networkId: string): Carriers {
    const { revision } = topology;
    const before = this.#carriers.get(networkId);
    if (before?.revision === revision) return before;
    const carriers = { ...carriersOf(topology, networkId, before), revision };
    this.#carriers.set(networkId, carriers);
    return carriers;
  }

  #flowsOf(id: string, network: CarriedNetwork, encode: Encode): CompiledUnit['flows'] {
    const shape = networkShape(network);
    const encoded = () => encode({ flows: networkFlows(network, this.#settings) }).flows;
    if (shape === undefined) return encoded();
    const shapes = this.#networkFlows.get(id) ?? new Map<string, CompiledUnit['flows']>();
    const flows = shapes.get(shape) ?? encoded();
    if (!shapes.has(shape) && shapes.size >= SHAPES_MAX) shapes.clear();
    this.#networkFlows.set(id, shapes.set(shape, flows));
    return flows;
  }

  #hostGroupsOf({ vni, otherHosts }: CarriedNetwork, cookie: bigint): CompiledGroup[] {
    return otherHosts.map((hosts, chunk) => {
      const known = this.#hostGroups.get(hosts);
      if (known?.groupId === floodRemoteGroup(vni, chunk)) return known;
      const group = compiledGroup({ ...floodHostsGroup(vni, chunk, hosts), cookie });
      this.#hostGroups.set(hosts, group);
      return group;
    });
  }

  #forgetNetwork(id: string): void {
    this.#networkFlows.delete(id);
    this.#carriers.delete(id);
  }

  readonly #compile: Compile = (...what) => compileUnit(...what, this.#settings);
}

const NETWORK = 'network/';

/** Of one network: hosts with ports in other ranges of numbers, or none besides them. */
const SHAPES_MAX = 8;

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
