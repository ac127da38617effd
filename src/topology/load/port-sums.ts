/**
 * Sums over ports that a host's load is made of, kept one port at a time: what its own ports cost
 * it, what the ports of a network cost everybody in it, what the members of a group cost who names
 * it.
 */
import type { Port } from '../port.ts';
import { type ByVersion, memberFlows, NO_FLOWS, portFlows, SUBPORT_FLOWS } from './port-flows.ts';

/** A port on a host, or on two while its VM moves. */
export interface Plugged {
  readonly port: Port;
  readonly hostIds: readonly string[];
  readonly isSubport: boolean;
}

export class PortSums {
  readonly #hosts = new Map<string, number>();
  readonly #networks = new Map<string, number>();
  readonly #groups = new Map<string, ByVersion>();

  /** Of the ports that are plugged into a host and up, above what they cost any host. */
  ofHost(hostId: string): number {
    return this.#hosts.get(hostId) ?? 0;
  }

  /** Of the ports of a network that are plugged in and up, for a host that they are not on. */
  ofNetwork(networkId: string): number {
    return this.#networks.get(networkId) ?? 0;
  }

  /** Of the ports in a security group, plugged in or not, for each clause that names it. */
  ofGroup(groupId: string): ByVersion {
    return this.#groups.get(groupId) ?? NO_FLOWS;
  }

  /** Hosts that have ports. */
  hosts(): Iterable<string> {
    return this.#hosts.keys();
  }

  /** A port that is not there is undefined. */
  setPort(before: Port | undefined, after: Port | undefined): void {
    this.#countMember(before, -1);
    this.#countMember(after, 1);
  }

  /** A port that was on hosts, as it was then, is on others, as it is now. */
  move(before: Plugged | undefined, after: Plugged | undefined): void {
    if (before !== undefined) this.#count(before, -1);
    if (after !== undefined) this.#count(after, 1);
  }

  #count({ port, hostIds, isSubport }: Plugged, by: 1 | -1): void {
    if (!port.admin_state_up || hostIds.length === 0) return;
    const { local, moving, remote } = portFlows(port);
    const moves = hostIds.length > 1 ? moving : 0;
    const own = local - remote + moves + (isSubport ? SUBPORT_FLOWS : 0);
    for (const hostId of hostIds) add(this.#hosts, hostId, by * own);
    add(this.#networks, port.network_id, by * remote);
  }

  #countMember(port: Port | undefined, by: 1 | -1): void {
    if (port === undefined) return;
    const { IPv4, IPv6 } = memberFlows(port);
    for (const groupId of new Set(port.security_groups)) {
      const sum = this.ofGroup(groupId);
      const after = { IPv4: sum.IPv4 + by * IPv4, IPv6: sum.IPv6 + by * IPv6 };
      if (after.IPv4 === 0 && after.IPv6 === 0) this.#groups.delete(groupId);
      else this.#groups.set(groupId, after);
    }
  }
}

/** Nothing is kept of what has come to nothing. */
function add(sums: Map<string, number>, key: string, by: number): void {
  const sum = (sums.get(key) ?? 0) + by;
  if (sum === 0) sums.delete(key);
  else sums.set(key, sum);
}
