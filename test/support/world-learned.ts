/** Random MAC addresses that several ports of a network may have, and which of them has one. */
import { type LearnedMac, learnedMacId, type Port } from '../../src/topology/index.ts';
import { type Draft, type Edit, editOne, list } from './world-draft.ts';
import type { SeededRandom } from './world-random.ts';

/** One is the own address of a port of some networks, too. */
const SHARED = ['02:00:00:00:00:5a', '02:00:00:00:00:5b', '02:00:00:00:00:01'] as const;

const share = editOne<Port>('port', (random, draft, old) => {
  const mac_address = random.pick(SHARED);
  const pairs = ['10.0.1.5', 'fd00:1::5'].map((ip_address) => ({ ip_address, mac_address }));
  draft.set(`port/${old.id}`, { ...old, allowed_address_pairs: pairs });
});

/** Mostly by a port that may have it. */
const learn = editOne<Port>('port', (random, draft, port) => {
  const may = list<Port>(draft, 'port').filter((each) => each.allowed_address_pairs.length > 0);
  const { id, network_id, allowed_address_pairs } = may.length > 0 ? random.pick(may) : port;
  const [pair] = allowed_address_pairs;
  const mac_address = random.chance(0.9) ? pair?.mac_address : undefined;
  learned(draft, { network_id, port_id: id, mac_address: mac_address ?? random.pick(SHARED) });
});

const forget = editOne<LearnedMac>('learned_mac', (_, draft, { network_id, mac_address }) => {
  draft.delete(`learned_mac/${learnedMacId(network_id, mac_address)}`);
});

function learned(draft: Draft, record: LearnedMac): void {
  draft.set(`learned_mac/${learnedMacId(record.network_id, record.mac_address)}`, record);
}

export const LEARNED_EDITS: readonly Edit[] = [share, share, learn, learn, learn, forget];

/** Several ports share an address, and one of them has it. */
export function addLearned(random: SeededRandom, draft: Draft): void {
  for (const edit of [share, share, share, share, learn, learn, learn]) edit(random, draft);
}
