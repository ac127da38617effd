/**
 * Random subports of trunks, as bindings to the wires of OpenFlow ports: who the parent is, and
 * whether there is one, is of no interest to flows. No two have the same VLAN of one wire.
 */
import { type Binding, type Plug, type Port, plugsOf } from '../../src/topology/index.ts';
import { type Draft, type Edit, editOne, list } from './world-draft.ts';
import type { SeededRandom } from './world-random.ts';

/** VLANs below are nobody's. */
export const FIRST_VLAN = 4001;
const VLANS = 4;
/** Numbers of subports: above those of OpenFlow ports. */
const FIRST_NUMBER = 51;
const NUMBERS = 20;

/** Mostly on a wire that others are on as well. */
const bindSubport: Edit = editOne<Port>('port', (random, draft, { id }) => {
  const plug = freeWire(random, draft, id);
  if (plug !== undefined) draft.set(`binding/${id}`, { port_id: id, ...plug });
});

/** Where a port may be a subport. */
export function freeWire(random: SeededRandom, draft: Draft, portId: string): Plug | undefined {
  const all = list<Binding>(draft, 'binding').filter(({ port_id }) => port_id !== portId);
  if (all.length === 0) return undefined;
  const { host_id, ...neighbour } = random.pick(all);
  const ofport = FIRST_NUMBER + random.integer(NUMBERS);
  const wire = {
    ofport: neighbour.wire?.ofport ?? neighbour.ofport,
    vlan: FIRST_VLAN + random.integer(VLANS),
  };
  const isTaken = plugsOfOthers(draft, portId, host_id).some(
    (other) =>
      other.ofport === ofport ||
      (other.wire?.ofport === wire.ofport && other.wire.vlan === wire.vlan),
  );
  return isTaken ? undefined : { host_id, ofport, interface_name: `tap-${portId}`, wire };
}

/** What is plugged into a host, but for one port. */
export function plugsOfOthers(draft: Draft, portId: string, hostId: string): Plug[] {
  return list<Binding>(draft, 'binding')
    .filter(({ port_id }) => port_id !== portId)
    .flatMap((other) => plugsOf(other))
    .filter(({ host_id }) => host_id === hostId);
}

export const TRUNK_EDITS: readonly Edit[] = [bindSubport];
