/** Where the MAC-learning ports of a network are: they get what is for an address nobody has. */
import { type Plug, placesOf } from './binding.ts';
import type { Intent } from './intent.ts';

export function* learningPlaces(
  intent: Pick<Intent, 'get' | 'members'>,
  networkId: string,
): Generator<Plug> {
  for (const [id, port] of intent.members('learningPortsOfNetwork', networkId)) {
    if (port.admin_state_up) yield* placesOf(intent.get('binding', id));
  }
}
