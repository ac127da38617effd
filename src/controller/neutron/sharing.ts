/**
 * What is open to everybody: RBAC policies that the attributes `shared` and `router:external` make
 * and take away.
 */
import {
  EVERYBODY,
  type Intent,
  invalidInput,
  isShared,
  type RbacAction,
  type RbacPolicy,
  type Shareable,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';

/** What can be shared, as far as this file must know. */
interface Owned {
  readonly id: string;
  readonly project_id: string;
}

/** What forbids to open an object to a project, or to everybody: it could not be used. */
type Check = (topology: Intent, id: string, target: string) => void;

const CHECKS: { readonly [K in Shareable]?: Check } = {
  subnetpool: checkScopeIsShared,
};

export function checkOpening(draft: Draft, kind: Shareable, id: string, target: string): void {
  CHECKS[kind]?.(draft.topology, id, target);
}

/** Who may use a pool must be able to use the scope that it is in. */
function checkScopeIsShared(topology: Intent, id: string, target: string): void {
  const scope = topology.get('subnetpool', id)?.address_scope_id ?? null;
  if (scope === null || isShared(topology, scope, target)) return;
  const reason = "target project doesn't have access to associated address scope";
  throw invalidInput(`Failed to create RBAC policy on object ${id} because ${reason}`);
}

/** Opens an object to everybody, unless it is open already. */
export function openToAll(
  draft: Draft,
  kind: Shareable,
  { id, project_id }: Owned,
  action: RbacAction = 'access_as_shared',
): void {
  if (policiesForAll(draft, id, action).length > 0) return;
  const policy: RbacPolicy = {
    id: draft.random.uuid(),
    project_id,
    object_type: kind,
    object_id: id,
    action,
    target_tenant: EVERYBODY,
  };
  draft.put('rbac_policy', policy.id, policy);
}

export function closeToAll(draft: Draft, id: string, action: RbacAction): void {
  for (const policyId of policiesForAll(draft, id, action)) draft.delete('rbac_policy', policyId);
}

function policiesForAll(draft: Draft, id: string, action: RbacAction): string[] {
  return [...draft.topology.members('policiesOfObject', id).values()]
    .filter((policy) => policy.action === action && policy.target_tenant === EVERYBODY)
    .map((policy) => policy.id);
}
