/**
 * Random subports of trunks, as bindings to the wires of OpenFlow ports: who the parent is, and
 * whether there is one, is of no interest to flows. No two have the same VLAN of one wire.
 */
import { binding } from '../../lab/records.ts';
import type { Binding, Port } from '../../src/topology/index.ts';
import { type Edit, editOne, list } from './world-draft.ts';

/** VLANs below are nobody's. */
export const FIRST_VLAN = 4001;
const VLANS = 4;
/** Numbers of subports: above those of OpenFlow ports. */
const FIRST_NUMBER = 51;
const NUMBERS = 20;

/** Mostly on a wire that others are on as well. */
const bindSubport: Edit = editOne<Port>('port', (random, draft, { id }) => {
  const others = list<Binding>(draft, 'binding').filter(({ port_id }) => port_id !== id);
  if (others.length === 0) return;
  const neighbour = random.pick(others);
  const { host_id: hostId } = neighbour;
  const wire = {
    ofport: neighbour.wire?.ofport ?? neighbour.ofport,
    vlan: FIRST_VLAN + random.integer(VLANS),
  };
  const number = FIRST_NUMBER + random.integer(NUMBERS);
  const isTaken = others.some(
    (other) =>
      other.host_id === hostId &&
      (other.ofport === number ||
        (other.wire?.ofport === wire.ofport && other.wire.vlan === wire.vlan)),
  );
  if (!isTaken) draft.set(`binding/${id}`, { ...binding(id, hostId, number), wire });
});

export const TRUNK_EDITS: readonly Edit[] = [bindSubport];
