/** RBAC policies: who may use an object that is another's. Only its owner can say so. */
import {
  checkGatewaysOpen,
  checkNoGateways,
  EVERYBODY,
  externalPolicies,
  type Intent,
  intentError,
  RBAC_POLICY_ATTRIBUTES,
  type RbacAction,
  type RbacPolicy,
  rbacClaim,
  SHAREABLE,
  type Shareable,
  touchedNetwork,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { ResourceType } from './resource-type.ts';
import { checkNobodyDeprived, checkOpening } from './usage.ts';

export const RBAC_POLICIES: ResourceType<'rbac_policy', typeof RBAC_POLICY_ATTRIBUTES> = {
  kind: 'rbac_policy',
  singular: 'rbac_policy',
  plural: 'rbac_policies',
  attributes: RBAC_POLICY_ATTRIBUTES,
  quota: 'rbac_policy',
  notFound: (id) => intentError('RbacPolicyNotFound', { policy_id: id, object_type: '' }),

  derive: ({ project_id }) => ({ tenant_id: project_id }),

  create: (draft, given) => {
    const { object_type, object_id, target_tenant } = given;
    const action = actionFor(object_type, given.action);
    checkTarget(draft, target_tenant);
    if (!isOwned(draft, object_type, object_id)) {
      throw intentError('RbacPolicyNotFound', { policy_id: object_id, object_type });
    }
    checkOpening(draft.topology, object_type, object_id, target_tenant);
    draft.name([rbacClaim(object_id, action, target_tenant)]);
    // The object must not go while the policy comes.
    draft.expect(object_type, object_id);
    if (action === 'access_as_external') putExternal(draft, object_id, true);
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
    const isOpen = externalPolicies(draft.topology, policy.object_id).length > 0;
    if (policy.action === 'access_as_external') putExternal(draft, policy.object_id, isOpen);
  },
};

function actionFor(object_type: Shareable, action: string): RbacAction {
  const actions: readonly RbacAction[] = SHAREABLE[object_type];
  const found = actions.find((name) => name === action);
  if (found !== undefined) return found;
  const shown = actions.map((name) => `'${name}'`).join(', ');
  throw intentError('InvalidActionForType', {
    action,
    object_type,
    valid_actions: actions.length === 1 ? `(${shown},)` : `(${shown})`,
  });
}

/** A network is external while there is a policy that opens it for gateways. */
function putExternal(draft: Draft, id: string, external: boolean): void {
  const network = draft.topology.get('network', id);
  if (network === undefined || network['router:external'] === external) return;
  if (!external) checkNoGateways(draft.topology, id);
  const after = { ...network, 'router:external': external, is_default: false };
  draft.put('network', id, touchedNetwork(after, draft.at));
}

/** Only operators open something to everybody. */
function checkTarget({ requester }: Draft, target: string): void {
  if (target !== EVERYBODY || requester.isAdmin) return;
  throw intentError('PolicyNotAuthorized', { rules: 'rule:restrict_wildcard' });
}

function isOwned(draft: Draft, kind: Shareable, id: string): boolean {
  const object = (draft.topology as Intent).get(kind, id);
  if (object === undefined) return false;
  return draft.requester.isAdmin || object.project_id === draft.requester.projectId;
}

/** Refuses to take away what somebody uses. */
function checkUse(draft: Draft, policy: RbacPolicy): void {
  const { object_type, object_id, action, target_tenant } = policy;
  if (action === 'access_as_external') checkGatewaysOpen(draft.topology, object_id, target_tenant);
  if (action !== 'access_as_shared') return;
  checkNobodyDeprived(draft.topology, object_type, object_id);
}
