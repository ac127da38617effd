/** Random isolation of ports, whether or not they have port security: flows do not ask. */
import type { Port } from '../../src/topology/index.ts';
import { type Draft, type Edit, editOne } from './world-draft.ts';
import type { SeededRandom } from './world-random.ts';

const KINDS: readonly Pick<Port, 'isolation' | 'isolation_community'>[] = [
  { isolation: null, isolation_community: null },
  { isolation: 'promiscuous', isolation_community: null },
  { isolation: 'isolated', isolation_community: null },
  { isolation: 'isolated', isolation_community: null },
  { isolation: 'community', isolation_community: 'web' },
  { isolation: 'community', isolation_community: 'web' },
  { isolation: 'community', isolation_community: 'db' },
];

const isolate = editOne<Port>('port', (random, draft, old) => {
  draft.set(`port/${old.id}`, { ...old, ...random.pick(KINDS) });
});

export const ISOLATION_EDITS: readonly Edit[] = [isolate, isolate];

/** Of some ports, in most networks. */
export function addIsolation(random: SeededRandom, draft: Draft): void {
  for (let port = 0; port < 8; port++) isolate(random, draft);
}
