/** The rules of a group in a document: all of them, none by a name. */
import {
  freshRule,
  intentError,
  readCreate,
  ruleClaim,
  SECURITY_GROUP_RULE_ATTRIBUTES,
  type SecurityGroupRule,
} from '../../../topology/index.ts';
import type { Attributes } from './document.ts';
import { requestOf } from './words.ts';
import type { Worksheet } from './worksheet.ts';

export function applyRules(
  sheet: Worksheet,
  group: string,
  groupId: string,
  rules: readonly Attributes[],
): void {
  const subject = { kind: 'security_group', name: group } as const;
  const wanted = sheet.about(subject, () => readRules(sheet, groupId, rules));
  const { topology } = sheet.draft;
  const there = new Map<string, SecurityGroupRule>();
  for (const rule of topology.members('rulesOfGroup', groupId).values()) {
    if (wanted.has(ruleClaim(rule))) there.set(ruleClaim(rule), rule);
    else sheet.remove({ kind: 'security_group_rule', name: ruleName(group, rule) }, rule);
  }
  for (const [claim, { rule, body }] of wanted) {
    const name = ruleName(group, rule);
    const found = there.get(claim);
    if (found === undefined) sheet.create({ kind: 'security_group_rule', name }, body);
    else {
      const { description } = body;
      const label = description === undefined ? {} : { description };
      sheet.update({ kind: 'security_group_rule', name }, found, label, label);
    }
  }
}

interface WantedRule {
  readonly rule: SecurityGroupRule;
  readonly body: Attributes;
}

/** By what makes a rule the same as another. */
function readRules(
  { draft, names }: Worksheet,
  groupId: string,
  rules: readonly Attributes[],
): ReadonlyMap<string, WantedRule> {
  const wanted = new Map<string, WantedRule>();
  for (const words of rules) {
    const request = requestOf('security_group_rule', words, names);
    const body = { ...request, security_group_id: groupId };
    const rule = freshRule(readCreate(SECURITY_GROUP_RULE_ATTRIBUTES, body), draft.birth());
    if (wanted.has(ruleClaim(rule))) throw intentError('DuplicateSecurityGroupRuleInPost', {});
    wanted.set(ruleClaim(rule), { rule, body });
  }
  return wanted;
}

/** Rules have no names: what they let through says which one it is. */
function ruleName(group: string, rule: SecurityGroupRule): string {
  const { port_range_min: min, port_range_max: max } = rule;
  const parts = [
    rule.direction,
    rule.ethertype,
    rule.protocol,
    min === null && max === null ? null : `${min ?? ''}-${max ?? ''}`,
    rule.remote_ip_prefix ?? rule.remote_group_id ?? rule.remote_address_group_id,
  ];
  return `${group}: ${parts.filter((part) => part !== null).join(' ')}`;
}
