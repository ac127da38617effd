/**
 * A template of a rule: new security groups begin with the rules that are made of these. Operators
 * change them (Neutron's `security-groups-default-rules`); groups that exist keep what they have.
 */
import { RULE_MATCH_ATTRIBUTES, type RuleMatch } from './security-group-rule.ts';
import { type Created, derived, once, STRING } from './validate/attributes.ts';
import { boolean, text } from './validate/values.ts';

export interface DefaultSecurityGroupRule extends RuleMatch {
  readonly id: string;
  readonly description: string;
  /** Projects' default groups begin with it. */
  readonly used_in_default_sg: boolean;
  /** All other groups begin with it. */
  readonly used_in_non_default_sg: boolean;
}

/** As `remote_group_id` of a template: the new group itself. */
export const PARENT = 'PARENT';

export const DEFAULT_SECURITY_GROUP_RULE_ATTRIBUTES = {
  id: derived(STRING),
  project_id: once(text(255), {
    input: true,
    about: "taken and not kept: templates are nobody's own",
  }),
  description: once(text(255), { initial: '', about: 'a label' }),
  ...RULE_MATCH_ATTRIBUTES,
  remote_group_id: {
    ...RULE_MATCH_ATTRIBUTES.remote_group_id,
    about: '`PARENT` is the new group itself',
  },
  used_in_default_sg: once(boolean, {
    initial: false,
    enforced: true,
    about: "projects' default groups begin with it",
  }),
  used_in_non_default_sg: once(boolean, {
    initial: true,
    enforced: true,
    about: 'all other groups begin with it',
  }),
} as const;

export type DefaultSecurityGroupRuleCreate = Created<typeof DEFAULT_SECURITY_GROUP_RULE_ATTRIBUTES>;
