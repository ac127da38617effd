/** An RBAC policy: lets another project, or every project, use an object (Neutron's `rbac-policies`). */
import type { Intent } from './intent.ts';
import { changeable, OWNED, required } from './validate/attributes.ts';
import { oneOf, text, uuid } from './validate/values.ts';

/** The kinds of objects that can be shared; the names are those of their records. */
export const SHAREABLE = ['network'] as const;

export type Shareable = (typeof SHAREABLE)[number];

const ACTIONS = ['access_as_shared', 'access_as_external'] as const;

export type RbacAction = (typeof ACTIONS)[number];

/** The target that stands for every project. */
export const EVERYBODY = '*';

export interface RbacPolicy {
  readonly id: string;
  readonly project_id: string;
  readonly object_type: Shareable;
  readonly object_id: string;
  readonly action: RbacAction;
  readonly target_tenant: string;
}

export const RBAC_POLICY_ATTRIBUTES = {
  ...OWNED,
  object_type: required(oneOf(SHAREABLE, text(255))),
  object_id: required(uuid),
  action: required(oneOf(ACTIONS, text(255)), { enforced: true }),
  target_tenant: { ...changeable(text(255), { enforced: true }), post: 'required' },
} as const;

/** Whether an object is open to a project, by name or together with everybody. */
export function isShared(
  intent: Intent,
  objectId: string,
  projectId: string,
  action: RbacAction = 'access_as_shared',
): boolean {
  for (const policy of intent.members('policiesOfObject', objectId).values()) {
    const { target_tenant: target } = policy;
    if (policy.action === action && (target === EVERYBODY || target === projectId)) return true;
  }
  return false;
}
