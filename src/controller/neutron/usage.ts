/** Which projects use what can be shared: none of them may lose it. */
import { type Intent, isShared, type Shareable } from '../../topology/index.ts';

type Users = (topology: Intent, id: string) => Iterable<{ readonly project_id: string }>;

const USERS: { readonly [K in Shareable]: Users } = {
  network: (topology, id) => [
    ...topology.members('portsOfNetwork', id).values(),
    ...topology.members('subnetsOfNetwork', id).values(),
  ],
  subnetpool: (topology, id) => topology.members('subnetsOfPool', id).values(),
  address_scope: (topology, id) => topology.members('poolsOfScope', id).values(),
};

/** A project that uses the object and could not, as things stand. */
export function deprivedProject(topology: Intent, kind: Shareable, id: string): string | undefined {
  const owner = topology.get(kind, id)?.project_id;
  const users = new Set<string>();
  for (const { project_id } of USERS[kind](topology, id)) users.add(project_id);
  return [...users].find((user) => user !== owner && !isShared(topology, id, user));
}
