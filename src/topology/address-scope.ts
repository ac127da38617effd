/**
 * An address scope: subnet pools whose addresses are all different, so that packets between their
 * subnets need no translation.
 */
import { changeable, NAME, OWNED, required } from './validate/attributes.ts';
import { boolean, integer, oneOf } from './validate/values.ts';

export interface AddressScope {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly ip_version: 4 | 6;
}

export const ADDRESS_SCOPE_ATTRIBUTES = {
  ...OWNED,
  name: NAME,
  ip_version: required(oneOf([4, 6], integer), { enforced: true }),
  shared: changeable(boolean, {
    initial: false,
    enforced: true,
    about: 'every project may use it: an RBAC policy for `*`',
  }),
} as const;
