/** The units of security groups that hosts have. */
import type { Topology } from './topology.ts';

export type SecurityUnitKey =
  /** The groups of a port together, by `groupSetOf`. */
  | `group-set/${string}`
  | `security-group/${string}`
  | `security-group-rule/${string}`
  /** A port as a member of groups that rules refer to. */
  | `group-member/${string}`
  | `address-group/${string}`;

/** The keys of all that a host has. */
export function* securityKeysOf(topology: Topology, hostId: string): Generator<SecurityUnitKey> {
  const { groupPlaces } = topology;
  for (const set of groupPlaces.setsOf(hostId).keys()) yield `group-set/${set}`;
  for (const groupId of groupPlaces.groupsOf(hostId).keys()) {
    yield `security-group/${groupId}`;
    for (const { rules, remote } of topology.clausesOf(groupId).values()) {
      for (const { id } of rules) yield `security-group-rule/${id}`;
      if (remote.type === 'address-group') yield `address-group/${remote.id}`;
      if (remote.type !== 'group') continue;
      for (const portId of topology.members('portsOfGroup', remote.id).keys()) {
        yield `group-member/${portId}`;
      }
    }
  }
}
