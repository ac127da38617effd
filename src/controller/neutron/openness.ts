/** What attributes like `shared` stand for: an RBAC policy that opens an object to everybody. */
import { EVERYBODY, type RbacAction, type Shareable } from '../../topology/index.ts';
import type { Draft } from './draft.ts';

interface Owned {
  readonly id: string;
  readonly project_id: string;
}

/** Opens the object to everybody, unless it is open already. */
export function openToAll(
  draft: Draft,
  object_type: Shareable,
  { id, project_id }: Owned,
  action: RbacAction = 'access_as_shared',
): void {
  if (policiesForAll(draft, id, action).length > 0) return;
  const policy = {
    id: draft.random.uuid(),
    project_id,
    object_type,
    object_id: id,
    action,
    target_tenant: EVERYBODY,
  } as const;
  draft.put('rbac_policy', policy.id, policy);
}

export function closeToAll(
  draft: Draft,
  { id }: Owned,
  action: RbacAction = 'access_as_shared',
): void {
  for (const policyId of policiesForAll(draft, id, action)) draft.delete('rbac_policy', policyId);
}

function policiesForAll(draft: Draft, objectId: string, action: RbacAction): string[] {
  return [...draft.topology.members('policiesOfObject', objectId).values()]
    .filter((policy) => policy.action === action && policy.target_tenant === EVERYBODY)
    .map(({ id }) => id);
}
