/**
 * Which hosts have ports of which security groups: the join of port (up, secured) and binding. The
 * groups of a port together are its *group set*; most ports of a host share a few sets.
 */
import type { Port } from './port.ts';

/** Where a port is judged, and by which groups. */
export interface GroupPlace {
  readonly hostId: string;
  readonly set: string;
}

/** The set of a port that is judged and in no group: nothing is let through. */
export const NO_GROUPS = '';

const SEPARATOR = '+';

/** The name of a port's group set; undefined when nobody judges what it sends. */
export function groupSetOf(port: Port | undefined): string | undefined {
  if (port?.admin_state_up !== true || !port.port_security_enabled) return undefined;
  const [first, ...others] = port.security_groups;
  if (first === undefined || others.length === 0) return first ?? NO_GROUPS;
  return [...new Set(port.security_groups)].sort().join(SEPARATOR);
}

export function groupsOfSet(set: string): string[] {
  return set === NO_GROUPS ? [] : set.split(SEPARATOR);
}

export class GroupPlaces {
  readonly #setsOfHost = new Counts();
  readonly #groupsOfHost = new Counts();
  readonly #hostsOfGroup = new Counts();

  /** How many ports of a host have a group set. */
  setsOf(hostId: string): ReadonlyMap<string, number> {
    return this.#setsOfHost.of(hostId);
  }

  /** How many ports of a host are in a group. */
  groupsOf(hostId: string): ReadonlyMap<string, number> {
    return this.#groupsOfHost.of(hostId);
  }

  hostsOf(groupId: string): ReadonlyMap<string, number> {
    return this.#hostsOfGroup.of(groupId);
  }

  /** A port that was judged at some places, or none, is so at others, or none. */
  move(before: readonly GroupPlace[], after: readonly GroupPlace[]): void {
    for (const place of before) this.#count(place, -1);
    for (const place of after) this.#count(place, 1);
  }

  #count({ hostId, set }: GroupPlace, by: 1 | -1): void {
    if (set !== NO_GROUPS) this.#setsOfHost.add(hostId, set, by);
    for (const groupId of groupsOfSet(set)) {
      this.#groupsOfHost.add(hostId, groupId, by);
      this.#hostsOfGroup.add(groupId, hostId, by);
    }
  }
}

const NONE: ReadonlyMap<string, number> = new Map();

/** How often each member of a group is in it; nothing is kept of what is in it no more. */
class Counts {
  readonly #groups = new Map<string, Map<string, number>>();

  of(group: string): ReadonlyMap<string, number> {
    return this.#groups.get(group) ?? NONE;
  }

  add(group: string, member: string, by: number): void {
    const counts = this.#groups.get(group) ?? new Map<string, number>();
    const count = (counts.get(member) ?? 0) + by;
    if (count === 0) counts.delete(member);
    else counts.set(member, count);
    if (counts.size === 0) this.#groups.delete(group);
    else this.#groups.set(group, counts);
  }
}
