/** Random names of ports: few have one, so that networks of the same world do and do not. */
import type { Port } from '../../src/topology/index.ts';
import { type Edit, editOne } from './world-draft.ts';

const name = editOne<Port>('port', (random, draft, old) => {
  const dns_name = random.pick(['web', 'web', 'db', 'web.cloud.example.']);
  draft.set(`port/${old.id}`, { ...old, dns_name });
});

/** Of all ports of a network, so that it has names no more. */
const unname = editOne<Port>('port', (_, draft, { network_id }) => {
  for (const [key, record] of draft) {
    const port = record as Port;
    if (key.startsWith('port/') && port.network_id === network_id && port.dns_name !== '')
      draft.set(key, { ...port, dns_name: '' });
  }
});

export const NAME_EDITS: readonly Edit[] = [name, name, unname];
