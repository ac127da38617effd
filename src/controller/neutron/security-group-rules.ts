/**
 * Rules of security groups. A group says the same thing once, whoever says it again at the same
 * time: that is a claim of the rule. What a rule refers to stays as long as the rule.
 */
import {
  checkClauses,
  checkRulesTogether,
  freshRule,
  intentError,
  normalizedCidr,
  ruleClaim,
  SECURITY_GROUP_RULE_ATTRIBUTES,
  type SecurityGroupRule,
  touchedGroup,
  updatedRule,
} from '../../topology/index.ts';
import { missingDefaultGroup } from './default-group.ts';
import type { Draft } from './draft.ts';
import { addressGroupNotFound, securityGroupNotFound } from './errors.ts';
import { union } from './narrow.ts';
import { isAllowed } from './policy.ts';
import type { ResourceType, View, Viewer } from './resource-type.ts';

export const SECURITY_GROUP_RULES: ResourceType<
  'security_group_rule',
  typeof SECURITY_GROUP_RULE_ATTRIBUTES
> = {
  kind: 'security_group_rule',
  singular: 'security_group_rule',
  plural: 'security_group_rules',
  attributes: SECURITY_GROUP_RULE_ATTRIBUTES,
  quota: 'security_group_rule',
  notFound: (id) => intentError('SecurityGroupRuleNotFound', { id }),

  derive: deriveRule,

  together: (requests, { projectId }) => checkRulesTogether(requests, projectId),

  create: (draft, given) => {
    const rule = freshRule(given, draft.birth());
    checkRemotes(draft, rule);
    checkVisibleGroup(draft, rule.security_group_id);
    const [same] = draft.topology.members('sameRules', ruleClaim(rule)).keys();
    if (same !== undefined) throw intentError('SecurityGroupRuleExists', { rule_id: same });
    checkClauses(draft.topology, rule);
    draft.name([ruleClaim(rule)]);
    touchGroup(draft, rule.security_group_id);
    return rule;
  },

  update: (draft, before, given) => {
    touchGroup(draft, before.security_group_id);
    return updatedRule(before, given, draft.at);
  },

  remove: (draft, rule) => touchGroup(draft, rule.security_group_id),

  ensure: missingDefaultGroup,

  narrow: (filters, topology) =>
    union(filters.get('security_group_id'), (id) => topology.members('rulesOfGroup', id).values()),
};

function deriveRule(rule: SecurityGroupRule, { topology }: Viewer): View {
  return {
    tenant_id: rule.project_id,
    normalized_cidr: normalizedCidr(rule),
    belongs_to_default_sg:
      topology.get('security_group', rule.security_group_id)?.is_default === true,
  };
}

/** A rule as it is shown within its group. */
export function viewRule(rule: SecurityGroupRule, viewer: Viewer): View {
  return { ...deriveRule(rule, viewer), ...rule };
}

/** Counts a change of a group's rules. */
export function touchGroup(draft: Draft, id: string): void {
  const group = draft.topology.get('security_group', id);
  if (group === undefined) throw securityGroupNotFound(id);
  draft.put('security_group', id, touchedGroup(group, draft.at));
}

function checkRemotes(draft: Draft, rule: SecurityGroupRule): void {
  const { remote_group_id: group, remote_address_group_id: addresses } = rule;
  if (group !== null) checkVisibleGroup(draft, group);
  if (addresses === null) return;
  const found = draft.topology.get('address_group', addresses);
  const { requester, topology } = draft;
  if (found && isAllowed('get_address_group', requester, found, topology)) return;
  throw addressGroupNotFound(addresses);
}

function checkVisibleGroup({ requester, topology }: Draft, id: string): void {
  const group = topology.get('security_group', id);
  if (group && isAllowed('get_security_group', requester, group, topology)) return;
  throw securityGroupNotFound(id);
}
