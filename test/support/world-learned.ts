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

/** Machines behind learning ports; two are the own addresses of ports of some networks, too. */
const NESTED = [0x6a, 0x6b, 0x6c, 0x02, 0x03].map(
  (number) => `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`,
);

/** A port learns from now on, or does not any more. */
const toggleLearning = editOne<Port>('port', (random, draft, old) => {
  const mac_learning_enabled = random.chance(0.8);
  const port_security_enabled = mac_learning_enabled ? false : old.port_security_enabled;
  draft.set(`port/${old.id}`, { ...old, mac_learning_enabled, port_security_enabled });
});

/** An address behind a port that learns, mostly. */
const learnNested = editOne<Port>('port', (random, draft, any) => {
  const learning = list<Port>(draft, 'port').filter((port) => port.mac_learning_enabled);
  const port = learning.length > 0 && random.chance(0.9) ? random.pick(learning) : any;
  const { id, network_id } = port;
  learned(draft, { network_id, port_id: id, mac_address: random.pick(NESTED) });
});

export const LEARNING_EDITS: readonly Edit[] = [
  toggleLearning,
  learnNested,
  learnNested,
  learnNested,
  forget,
];

/** What a machine behind a learning port has. */
export function nestedMac(random: SeededRandom): string {
  return random.pick(NESTED);
}

export const LEARNED_EDITS: readonly Edit[] = [share, share, learn, learn, learn, forget];

/** Several ports share an address, and one of them has it. */
export function addLearned(random: SeededRandom, draft: Draft): void {
  for (const edit of [share, share, share, share, learn, learn, learn]) edit(random, draft);
}
