/** A security group: who may talk to the ports that are in it, in Neutron's wire shape. */
import { SECURITY_GROUP_RULE_ATTRIBUTES } from './security-group-rule.ts';
import type { Standard } from './standard.ts';
import {
  BOOLEAN,
  type Created,
  changeable,
  derived,
  STANDARD,
  type Updated,
} from './validate/attributes.ts';
import { readGroupName } from './validate/rule-values.ts';
import { boolean, type Schema } from './validate/values.ts';

export interface SecurityGroup extends Standard {
  readonly name: string;
  readonly description: string;
  /** Whether answers to what a rule lets through need no rule of their own. */
  readonly stateful: boolean;
  /** The group that a project's ports get when nobody says; each project has one. */
  readonly is_default: boolean;
  /** Its own in the region, from 1: what conjunction ids are made of (security-clauses.ts). */
  readonly number: number;
}

const RULE_SCHEMAS = Object.entries(SECURITY_GROUP_RULE_ATTRIBUTES).map(
  ([name, { read }]) => [name, read.schema] as const,
);
const RULE: Schema = { type: 'object', properties: Object.fromEntries(RULE_SCHEMAS) };

export const SECURITY_GROUP_ATTRIBUTES = {
  ...STANDARD,
  name: changeable(readGroupName, { initial: '', about: 'a label; not `default`' }),
  stateful: changeable(boolean, {
    initial: true,
    enforced: true,
    about: 'not while ports are in it',
  }),
  shared: derived(BOOLEAN, { about: 'whether an RBAC policy opens it to the project that asks' }),
  security_group_rules: derived({ type: 'array', items: RULE }),
} as const;

export type SecurityGroupCreate = Created<typeof SECURITY_GROUP_ATTRIBUTES>;
export type SecurityGroupUpdate = Updated<typeof SECURITY_GROUP_ATTRIBUTES>;
