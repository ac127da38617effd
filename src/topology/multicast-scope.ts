/**
 * Which units of multicast groups a change touches (scope.ts). A host has one for each group of a
 * network that it carries: with its own listeners, and with the other hosts that have any.
 */
import type { Host } from './host.ts';
import { groupsOfNetwork, listenersOf } from './listeners.ts';
import type { Membership } from './membership.ts';
import type { Network } from './network.ts';
import type { Port } from './port.ts';
import { type AnyRecord, type Change, type RecordKey, recordKey, splitKey } from './records.ts';
import type { Topology } from './topology.ts';

/** `multicast/<network> <group>`. */
export type MulticastUnitKey = `multicast/${string}`;

/** Copies that one flow may send to other hosts: more are sent by the groups of the network. */
export const STREAM_HOSTS_MAX = 512;

interface Sink {
  add(hostId: string, key: MulticastUnitKey): void;
}

type Written = ReadonlyMap<RecordKey, AnyRecord>;

interface Group {
  readonly networkId: string;
  readonly group: string;
  /** Hosts that had listeners. */
  readonly before: ReadonlySet<string>;
  /** What hosts without listeners have may differ, too. */
  isWhole: boolean;
}

interface Carried {
  readonly before: ReadonlySet<string>;
  /** What every host has for the network may differ. */
  isWhole: boolean;
}

export class MulticastScope {
  readonly #topology: Topology;
  readonly #scope: Sink;
  readonly #groups = new Map<MulticastUnitKey, Group>();
  readonly #networks = new Map<string, Carried>();
  /** Hosts that come or go. */
  readonly #hosts = new Set<string>();

  /** Looks at the state before the change. */
  constructor(topology: Topology, change: Change, scope: Sink) {
    this.#topology = topology;
    this.#scope = scope;
    const written = new Map(change.puts.map(({ key, value }) => [key, value]));
    const isAny = change.puts.some(({ key }) => splitKey(key).kind === 'membership');
    if (!isAny && topology.count('membership') === 0) return;
    for (const key of new Set([...change.deletes, ...change.puts.map((put) => put.key)])) {
      this.#note(key, written);
    }
  }

  /** Looks at the state after it. */
  finish(): void {
    for (const [networkId, { before, isWhole }] of this.#networks) {
      const after = this.#topology.hostsOfNetwork(networkId);
      const all = new Set([...before, ...after]);
      const isMany = all.size > STREAM_HOSTS_MAX && before.size !== after.size;
      for (const hostId of all) {
        if (isWhole || isMany || before.has(hostId) !== after.has(hostId)) {
          this.#addAll(hostId, networkId);
        }
      }
    }
    for (const hostId of this.#hosts) {
      for (const id of this.#topology.networksOfHost(hostId)) this.#addAll(hostId, id);
    }
    for (const [key, group] of this.#groups) this.#finishGroup(key, group);
  }

  #finishGroup(key: MulticastUnitKey, { networkId, group, before, isWhole }: Group): void {
    const after = this.#hostsWith(networkId, group);
    const listening = new Set([...before, ...after]);
    for (const hostId of listening) this.#scope.add(hostId, key);
    if (!isWhole && before.size === after.size && before.size === listening.size) return;
    const carriers = this.#networks.get(networkId)?.before ?? [];
    for (const hostId of [...carriers, ...this.#topology.hostsOfNetwork(networkId)]) {
      this.#scope.add(hostId, key);
    }
  }

  #note(key: RecordKey, written: Written): void {
    const { kind, id } = splitKey(key);
    const [before, after] = [this.#topology.get(kind, id), written.get(key)];
    switch (kind) {
      case 'network':
        return this.#noteNetwork(id, before as Network | undefined, after as Network | undefined);
      case 'host':
        return this.#noteHost(id, before as Host | undefined, after as Host | undefined);
      case 'membership':
      case 'port':
      case 'binding':
        return this.#notePort(id, written);
      default:
        return;
    }
  }

  #noteNetwork(id: string, before?: Network, after?: Network): void {
    const isSame = before?.vni === after?.vni && before?.admin_state_up === after?.admin_state_up;
    if (!isSame) this.#carried(id).isWhole = true;
  }

  #noteHost(id: string, before?: Host, after?: Host): void {
    if (before === undefined || after === undefined) this.#hosts.add(id);
    else if (before.encap_ip === after.encap_ip) return;
    for (const networkId of this.#topology.networksOfHost(id)) {
      const carriers = this.#topology.hostsOfNetwork(networkId);
      if (carriers.size > STREAM_HOSTS_MAX) this.#carried(networkId).isWhole = true;
    }
    for (const portId of this.#topology.members('bindingsOfHost', id).keys()) {
      const membership = this.#topology.get('membership', portId);
      if (membership !== undefined) this.#noteGroups(membership, true);
    }
  }

  /** What a port is, where it is plugged in, what it listens to: before and after. */
  #notePort(id: string, written: Written): void {
    const memberships = [
      this.#topology.get('membership', id),
      written.get(recordKey('membership', id)) as Membership | undefined,
    ];
    for (const membership of memberships) {
      if (membership !== undefined) this.#noteGroups(membership);
    }
    const ports = [
      this.#topology.get('port', id),
      written.get(recordKey('port', id)) as Port | undefined,
    ];
    for (const port of ports) if (port !== undefined) this.#carried(port.network_id);
  }

  #noteGroups({ network_id: networkId, groups }: Membership, isWhole = false): void {
    for (const group of groups) {
      const key = multicastKey(networkId, group);
      const known = this.#groups.get(key);
      if (known !== undefined) known.isWhole ||= isWhole;
      else {
        const before = this.#hostsWith(networkId, group);
        this.#groups.set(key, { networkId, group, before, isWhole });
      }
    }
  }

  #carried(networkId: string): Carried {
    const known = this.#networks.get(networkId);
    if (known !== undefined) return known;
    const carried = { before: new Set(this.#topology.hostsOfNetwork(networkId)), isWhole: false };
    this.#networks.set(networkId, carried);
    return carried;
  }

  /** Groups of now, and those that the change may have ended. */
  #addAll(hostId: string, networkId: string): void {
    for (const group of groupsOfNetwork(this.#topology, networkId)) {
      this.#scope.add(hostId, multicastKey(networkId, group));
    }
    for (const [key, noted] of this.#groups) {
      if (noted.networkId === networkId) this.#scope.add(hostId, key);
    }
  }

  #hostsWith(networkId: string, group: string): ReadonlySet<string> {
    const hosts = new Set<string>();
    for (const { host_id } of listenersOf(this.#topology, networkId, group)) hosts.add(host_id);
    return hosts;
  }
}

/** The keys of all that a host has. */
export function* multicastKeysOf(topology: Topology, hostId: string): Generator<MulticastUnitKey> {
  if (topology.count('membership') === 0) return;
  for (const networkId of topology.networksOfHost(hostId)) {
    for (const group of groupsOfNetwork(topology, networkId)) yield multicastKey(networkId, group);
  }
}

export function multicastKey(networkId: string, group: string): MulticastUnitKey {
  return `multicast/${networkId} ${group}`;
}
