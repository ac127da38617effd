/** Who listens to the multicast groups of a network. */
import { type Plug, placesOf } from './binding.ts';
import type { Intent } from './intent.ts';
import { groupIn } from './membership.ts';

/** The groups that ports of a network listen to, whether or not these are up. */
export function groupsOfNetwork(
  intent: Pick<Intent, 'members'>,
  networkId: string,
): ReadonlySet<string> {
  const groups = new Set<string>();
  for (const membership of intent.members('membershipsOfNetwork', networkId).values()) {
    for (const group of membership.groups) groups.add(group);
  }
  return groups;
}

/** Where the ports are that get what is sent to a group. */
export function* listenersOf(
  intent: Pick<Intent, 'get' | 'members'>,
  networkId: string,
  group: string,
): Generator<Plug> {
  for (const id of intent.members('listenersOfGroup', groupIn(networkId, group)).keys()) {
    const port = intent.get('port', id);
    if (port?.admin_state_up !== true || port.network_id !== networkId) continue;
    yield* placesOf(intent.get('binding', id));
  }
}
