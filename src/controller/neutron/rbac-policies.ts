/** RBAC policies: who may use an object that is another's. Only its owner can say so. */
import {
  EVERYBODY,
  type Intent,
  intentError,
  invalidInput,
  RBAC_POLICY_ATTRIBUTES,
  type RbacAction,
  type RbacPolicy,
  rbacClaim,
  SHAREABLE,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { isUsedByStrangers } from './networks.ts';
import { checkPolicyUnshared } from './qos-use.ts';
import type { ResourceType } from './resource-type.ts';

export const RBAC_POLICIES: ResourceType<'rbac_policy', typeof RBAC_POLICY_ATTRIBUTES> = {
  kind: 'rbac_policy',
  singular: 'rbac_policy',
  plural: 'rbac_policies',
  attributes: RBAC_POLICY_ATTRIBUTES,
  quota: 'rbac_policy',
  notFound: (id) => intentError('RbacPolicyNotFound', { policy_id: id, object_type: '' }),

  derive: ({ project_id }) => ({ tenant_id: project_id }),

  create: (draft, given) => {
    const { object_type, object_id, action, target_tenant } = given;
    const actions: readonly RbacAction[] = SHAREABLE[object_type];
    if (!actions.includes(action)) {
      throw invalidInput(`'${action}' is not a valid action for ${object_type}`);
    }
    checkTarget(draft, target_tenant);
    if (!isOwned(draft, object_type, object_id)) {
      throw intentError('RbacPolicyNotFound', { policy_id: object_id, object_type });
    }
    draft.name([rbacClaim(object_id, action, target_tenant)]);
    // The object must not go while the policy comes.
    draft.expect(object_type, object_id);
    const { id, projectId } = draft.birth();
    const project_id = given.project_id ?? projectId;
    return { id, project_id, object_type, object_id, action, target_tenant };
  },

  update: (draft, before, { target_tenant = before.target_tenant }) => {
    checkTarget(draft, target_tenant);
    const after = { ...before, target_tenant };
    draft.name([rbacClaim(before.object_id, before.action, target_tenant)]);
    draft.put('rbac_policy', before.id, after);
    checkUse(draft, before);
    return after;
  },

  remove: (draft, policy) => {
    draft.delete('rbac_policy', policy.id);
    checkUse(draft, policy);
  },
};

/** Only operators open something to everybody. */
function checkTarget({ requester }: Draft, target: string): void {
  if (target !== EVERYBODY || requester.isAdmin) return;
  throw intentError('PolicyNotAuthorized', { rules: 'rule:restrict_wildcard' });
}

function isOwned(draft: Draft, kind: RbacPolicy['object_type'], id: string): boolean {
  const object = (draft.topology as Intent).get(kind, id);
  if (object === undefined) return false;
  return draft.requester.isAdmin || object.project_id === draft.requester.projectId;
}

/** Refuses to take away what somebody uses. */
function checkUse(draft: Draft, policy: RbacPolicy): void {
  const { object_type, object_id, action, target_tenant } = policy;
  if (action !== 'access_as_shared') return;
  if (object_type === 'qos_policy') checkPolicyUnshared(draft, object_id, target_tenant);
  if (object_type === 'network' && isUsedByStrangers(draft, object_id)) {
    throw intentError('RbacPolicyInUse', { object_id, details: 'another project has ports there' });
  }
}
