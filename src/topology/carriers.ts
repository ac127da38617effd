/**
 * Which hosts carry which networks: the join of network (admin-up), port (admin-up) and binding,
 * kept as counts, so that a port costs the same among ten others as among sixty thousand.
 *
 * A port counts on (network, host) while it is admin-up and bound there. Counts do not depend on
 * the network's own state; a network that is down or unknown is only hidden, which costs its hosts.
 */

const NO_IDS: ReadonlySet<string> = new Set();

interface Place {
  readonly networkId?: string | undefined;
  readonly hostId?: string | undefined;
}

export class Carriers {
  readonly #places = new Map<string, Place>();
  /** By network: how many ports count on each host. */
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #up = new Set<string>();
  readonly #hosts = new Map<string, Set<string>>();
  readonly #networks = new Map<string, Set<string>>();

  hostsOf(networkId: string): ReadonlySet<string> {
    return this.#hosts.get(networkId) ?? NO_IDS;
  }

  networksOf(hostId: string): ReadonlySet<string> {
    return this.#networks.get(hostId) ?? NO_IDS;
  }

  setNetwork(networkId: string, up: boolean): void {
    if (up === this.#up.has(networkId)) return;
    if (up) this.#up.add(networkId);
    else this.#up.delete(networkId);
    for (const hostId of this.#counts.get(networkId)?.keys() ?? []) {
      this.#show(networkId, hostId, up);
    }
  }

  /** `networkId` is undefined when the port is down or gone. */
  setPort(portId: string, networkId: string | undefined): void {
    this.#move(portId, { networkId, hostId: this.#places.get(portId)?.hostId });
  }

  /** `hostId` is undefined when the port is not bound any more. */
  setBinding(portId: string, hostId: string | undefined): void {
    this.#move(portId, { networkId: this.#places.get(portId)?.networkId, hostId });
  }

  #move(portId: string, after: Place): void {
    const before = this.#places.get(portId);
    if (before?.networkId === after.networkId && before?.hostId === after.hostId) return;
    // The new place first: a host that keeps the network must not be seen to lose it in between.
    this.#count(after, 1);
    if (before !== undefined) this.#count(before, -1);
    if (after.networkId === undefined && after.hostId === undefined) this.#places.delete(portId);
    else this.#places.set(portId, after);
  }

  #count({ networkId, hostId }: Place, step: 1 | -1): void {
    if (networkId === undefined || hostId === undefined) return;
    const counts = this.#counts.get(networkId) ?? new Map<string, number>();
    this.#counts.set(networkId, counts);
    const before = counts.get(hostId) ?? 0;
    const after = before + step;
    if (after === 0) counts.delete(hostId);
    else counts.set(hostId, after);
    if (counts.size === 0) this.#counts.delete(networkId);
    if ((before === 0) !== (after === 0) && this.#up.has(networkId)) {
      this.#show(networkId, hostId, after > 0);
    }
  }

  #show(networkId: string, hostId: string, carried: boolean): void {
    toggle(this.#hosts, networkId, hostId, carried);
    toggle(this.#networks, hostId, networkId, carried);
  }
}

function toggle(sets: Map<string, Set<string>>, key: string, member: string, on: boolean): void {
  const set = sets.get(key) ?? new Set<string>();
  if (on) set.add(member);
  else set.delete(member);
  if (set.size === 0) sets.delete(key);
  else sets.set(key, set);
}
