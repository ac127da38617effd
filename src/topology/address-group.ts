/** An address group: addresses under one name, for rules of security groups to refer to. */

import type { Standard } from './standard.ts';
import {
  BOOLEAN,
  type Created,
  derived,
  NAME,
  once,
  STANDARD,
  type Updated,
} from './validate/attributes.ts';
import { readAddresses } from './validate/rule-values.ts';
import { nullAs } from './validate/values.ts';

export interface AddressGroup extends Standard {
  readonly name: string;
  readonly description: string;
  /** CIDRs without host bits, canonical, each once. */
  readonly addresses: readonly string[];
}

export const ADDRESS_GROUP_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  addresses: once(nullAs([], readAddresses), {
    initial: [],
    enforced: true,
    about: 'CIDRs; changed by `add_addresses` and `remove_addresses`',
  }),
  shared: derived(BOOLEAN, { about: 'whether an RBAC policy opens it to the project that asks' }),
} as const;

export type AddressGroupCreate = Created<typeof ADDRESS_GROUP_ATTRIBUTES>;
export type AddressGroupUpdate = Updated<typeof ADDRESS_GROUP_ATTRIBUTES>;
