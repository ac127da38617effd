/**
 * An RBAC policy: lets another project, or every project, use an object (Neutron's
 * `rbac-policies`).
 */
import { changeable, OWNED, required } from './validate/attributes.ts';
import { oneOf, text, uuid } from './validate/values.ts';

const ACTIONS = ['access_as_shared', 'access_as_external'] as const;

export type RbacAction = (typeof ACTIONS)[number];

/** What can be shared, and how; the names are those of the records. */
export const SHAREABLE = {
  network: ['access_as_shared', 'access_as_external'],
  qos_policy: ['access_as_shared'],
} as const satisfies Readonly<Record<string, readonly RbacAction[]>>;

export type Shareable = keyof typeof SHAREABLE;

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
  object_type: required(oneOf(Object.keys(SHAREABLE) as Shareable[], text(255))),
  object_id: required(uuid),
  action: required(oneOf(ACTIONS, text(255)), { enforced: true }),
  target_tenant: { ...changeable(text(255), { enforced: true }), post: 'required' },
} as const;
