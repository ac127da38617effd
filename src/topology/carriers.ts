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
  /** By network and host: the local ports. */
  readonly #ports = new Map<string, Map<string, Set<string>>>();
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
    return this.#ports.get(networkId)?.get(hostId) ?? NO_IDS;
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
    const hosts = this.#ports.get(networkId) ?? new Map<string, Set<string>>();
    this.#ports.set(networkId, hosts);
    const carried = hosts.has(hostId);
    toggle(hosts, hostId, portId, isThere);
    if (hosts.size === 0) this.#ports.delete(networkId);
    if (carried !== hosts.has(hostId) && this.#up.has(networkId)) {
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

function toggle(sets: Map<string, Set<string>>, key: string, member: string, on: boolean): void {
  const set = sets.get(key) ?? new Set<string>();
  if (on) set.add(member);
  else set.delete(member);
  if (set.size === 0) sets.delete(key);
  else sets.set(key, set);
}
