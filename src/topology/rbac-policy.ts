/**
 * An RBAC policy: lets another project, or every project, use an object (Neutron's
 * `rbac-policies`).
 */
import { invalidInput } from './intent-error.ts';
import { changeable, OWNED, required, STRING } from './validate/attributes.ts';
import { type Read, reader, show, text, uuid } from './validate/values.ts';

const ACTIONS = ['access_as_shared', 'access_as_external'] as const;

export type RbacAction = (typeof ACTIONS)[number];

/** What can be shared, and how; the names are those of the records. */
export const SHAREABLE = {
  network: ['access_as_shared', 'access_as_external'],
  security_group: ['access_as_shared'],
  address_group: ['access_as_shared'],
  subnetpool: ['access_as_shared'],
  address_scope: ['access_as_shared'],
  qos_policy: ['access_as_shared'],
} as const satisfies Readonly<Record<string, readonly RbacAction[]>>;

export type Shareable = keyof typeof SHAREABLE;

const KINDS = Object.keys(SHAREABLE) as Shareable[];

const readShareable: Read<Shareable> = reader({ ...STRING, enum: KINDS }, (value) => {
  const found = KINDS.find((kind) => kind === value);
  if (found !== undefined) return found;
  throw invalidInput(`'${show(value)}' is not a valid RBAC object type`);
});

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
  object_type: required(readShareable),
  object_id: required(uuid),
  action: required(reader({ ...STRING, enum: ACTIONS }, text(255)), { enforced: true }),
  target_tenant: { ...changeable(text(255), { enforced: true }), post: 'required' },
} as const;
