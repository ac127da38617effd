/**
 * Which hosts carry which networks: the join of network (admin-up), port (admin-up) and binding,
 * kept as sets, so that a port costs the same among ten others as among sixty thousand.
 *
 * A port is local to (network, host) while it is admin-up and bound there, whatever the network's
 * own state: a network that is down or unknown is only hidden, which costs its hosts.
 */

const NO_IDS: ReadonlySet<string> = new Set();

/** Where a port is local. */
export interface Place {
  readonly networkId: string;
  readonly hostId: string;
}

export class Carriers {
  /** By network and host: the local ports, or the only one, as most of them are. */
  readonly #ports = new Map<string, Map<string, Set<string> | string>>();
  readonly #up = new Set<string>();
  readonly #hosts = new Map<string, Set<string>>();
  readonly #networks = new Map<string, Set<string>>();

  hostsOf(networkId: string): ReadonlySet<string> {
    return this.#hosts.get(networkId) ?? NO_IDS;
  }

  networksOf(hostId: string): ReadonlySet<string> {
    return this.#networks.get(hostId) ?? NO_IDS;
  }

  /** The ids of the ports that are local to a host, while it carries the network. */
  portsOn(networkId: string, hostId: string): ReadonlySet<string> {
    return this.#up.has(networkId) ? this.portsHeld(networkId, hostId) : NO_IDS;
  }

  /** Hosts with local ports of a network, even while it is down. */
  holdersOf(networkId: string): Iterable<string> {
    return this.#ports.get(networkId)?.keys() ?? NO_IDS;
  }

  /** Those ports of one host. */
  portsHeld(networkId: string, hostId: string): ReadonlySet<string> {
    const ports = this.#ports.get(networkId)?.get(hostId) ?? NO_IDS;
    return typeof ports === 'string' ? new Set([ports]) : ports;
  }

  setNetwork(networkId: string, up: boolean): void {
    if (up === this.#up.has(networkId)) return;
    if (up) this.#up.add(networkId);
    else this.#up.delete(networkId);
    for (const hostId of this.#ports.get(networkId)?.keys() ?? []) {
      this.#show(networkId, hostId, up);
    }
  }

  /** A port that was local at some places, or none, is so at others, or none. */
  move(portId: string, before: readonly Place[], after: readonly Place[]): void {
    // New places first: a host that keeps the network must not be seen to lose it in between.
    for (const place of after) if (!isAmong(place, before)) this.#put(portId, place, true);
    for (const place of before) if (!isAmong(place, after)) this.#put(portId, place, false);
  }

  #put(portId: string, { networkId, hostId }: Place, isThere: boolean): void {
    const hosts = this.#ports.get(networkId) ?? new Map<string, Set<string> | string>();
    const before = hosts.get(hostId);
    const after = isThere ? withMember(before, portId) : withoutMember(before, portId);
    if (after === undefined) hosts.delete(hostId);
    else if (after !== before) hosts.set(hostId, after);
    if (before === undefined && hosts.size === 1) this.#ports.set(networkId, hosts);
    if (hosts.size === 0) this.#ports.delete(networkId);
    const carried = before !== undefined;
    if (carried !== (after !== undefined) && this.#up.has(networkId)) {
      this.#show(networkId, hostId, !carried);
    }
  }

  #show(networkId: string, hostId: string, carried: boolean): void {
    toggle(this.#hosts, networkId, hostId, carried);
    toggle(this.#networks, hostId, networkId, carried);
  }
}

function isAmong({ networkId, hostId }: Place, places: readonly Place[]): boolean {
  return places.some((place) => place.networkId === networkId && place.hostId === hostId);
}

function withMember(set: Set<string> | string | undefined, id: string): Set<string> | string {
  if (set === undefined || set === id) return id;
  return typeof set === 'string' ? new Set([set, id]) : set.add(id);
}

/** Undefined when nothing is left. */
function withoutMember(set: Set<string> | string | undefined, id: string) {
  if (set === undefined || set === id) return undefined;
  if (typeof set === 'string') return set;
  set.delete(id);
  return set.size === 0 ? undefined : set;
}

function toggle(sets: Map<string, Set<string>>, key: string, member: string, on: boolean): void {
  const set = sets.get(key) ?? new Set<string>();
  if (on) set.add(member);
  else set.delete(member);
  if (set.size === 0) sets.delete(key);
  else sets.set(key, set);
}
