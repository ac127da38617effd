/**
 * Random memberships of multicast groups: of ports that are there or not, plugged in or not. Few
 * groups, so that ports share them.
 */
import type { Membership, Port } from '../../src/topology/index.ts';
import { type Edit, editOne } from './world-draft.ts';

/** Of streams, as the world and its packets have them. */
export const STREAM_GROUPS = ['224.0.1.1', '239.1.1.1', 'ff15::1', 'ff3e::8000:1', 'ff03::7'];

const join = editOne<Port>('port', (random, draft, { id, network_id }) => {
  const groups = STREAM_GROUPS.filter(() => random.chance(0.5)).sort();
  if (groups.length === 0) draft.delete(`membership/${id}`);
  else draft.set(`membership/${id}`, { port_id: id, network_id, groups });
});

const forget = editOne<Membership>('membership', (_, draft, { port_id }) => {
  draft.delete(`membership/${port_id}`);
});

export const MULTICAST_EDITS: readonly Edit[] = [join, join, forget];
