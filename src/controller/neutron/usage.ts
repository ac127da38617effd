/** Which projects use what can be shared: none of them may lose it. */
import {
  type Intent,
  intentError,
  invalidInput,
  isShared,
  type Shareable,
} from '../../topology/index.ts';

type Users = (topology: Intent, id: string) => Iterable<{ readonly project_id: string }>;

const USERS: { readonly [K in Shareable]: Users } = {
  network: (topology, id) => [
    ...topology.members('portsOfNetwork', id).values(),
    ...topology.members('subnetsOfNetwork', id).values(),
  ],
  security_group: (topology, id) => topology.members('portsOfGroup', id).values(),
  address_group: (topology, id) => topology.members('rulesToAddressGroup', id).values(),
  qos_policy: (topology, id) => [
    ...topology.members('portsOfQosPolicy', id).values(),
    ...topology.members('networksOfQosPolicy', id).values(),
    ...topology.members('floatingIpsOfQosPolicy', id).values(),
    ...topology.members('routersOfQosPolicy', id).values(),
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

/** Refuses that a project loses what it uses. */
export function checkNobodyDeprived(topology: Intent, kind: Shareable, id: string): void {
  const project = deprivedProject(topology, kind, id);
  if (project === undefined) return;
  throw intentError('RbacPolicyInUse', { object_id: id, details: `project_id=${project}` });
}

/** What forbids to open an object to a project, or to everybody: it could not be used. */
type Check = (topology: Intent, id: string, target: string) => void;

const CHECKS: { readonly [K in Shareable]?: Check } = {
  subnetpool: checkScopeIsShared,
};

export function checkOpening(topology: Intent, kind: Shareable, id: string, target: string): void {
  CHECKS[kind]?.(topology, id, target);
}

/** Who may use a pool must be able to use the scope that it is in. */
function checkScopeIsShared(topology: Intent, id: string, target: string): void {
  const scope = topology.get('subnetpool', id)?.address_scope_id ?? null;
  if (scope === null || isShared(topology, scope, target)) return;
  const reason = "target project doesn't have access to associated address scope";
  throw invalidInput(`Failed to create RBAC policy on object ${id} because ${reason}`);
}
