/** The rules of QoS policies, one collection a type, and once more by their own ids alone. */
import {
  type AttributeTable,
  type Created,
  checkRule,
  checkRuleUse,
  type Intent,
  intentError,
  QOS_RULE_ATTRIBUTES,
  type QosRule,
  type QosRuleType,
  touchedQosPolicy,
  type Updated,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { qosPolicyNotFound } from './errors.ts';
import { isAllowed } from './policy.ts';
import type { ResourceType, Viewer } from './resource-type.ts';

type RuleCollection = ResourceType<'qos_rule', AttributeTable>;

/** Types that have collections without the policy in the path (Neutron's `qos-rules-alias`). */
const ALIASED: readonly QosRuleType[] = [
  'bandwidth_limit',
  'dscp_marking',
  'minimum_bandwidth',
  'minimum_packet_rate',
];

const TYPES = Object.keys(QOS_RULE_ATTRIBUTES) as readonly QosRuleType[];

/** `/v2.0/qos/policies/POLICY/…_rules`, and the same rules as `/v2.0/qos/alias_…_rules`. */
export const QOS_RULES: readonly RuleCollection[] = [
  ...TYPES.map(rulesOfType),
  ...ALIASED.map(aliasOfType),
];

function rulesOfType(type: QosRuleType): RuleCollection {
  return {
    ...commonOf(type),
    singular: `${type}_rule`,
    plural: `${type}_rules`,
    rule: `policy_${type}_rule`,
    path: `/v2.0/qos/policies/:parent/${type}_rules`,
    parent: 'qos_policy_id',
    checkParent,
    narrow: (_filters, topology, policyId) =>
      topology.members('rulesOfQosPolicy', policyId).values(),
  };
}

function aliasOfType(type: QosRuleType): RuleCollection {
  return {
    ...commonOf(type),
    singular: `alias_${type}_rule`,
    plural: `alias_${type}_rules`,
    path: `/v2.0/qos/alias_${type}_rules`,
    without: ['create', 'list'],
  };
}

/** What the two collections of one type have in common. */
function commonOf(type: QosRuleType) {
  return {
    kind: 'qos_rule',
    attributes: QOS_RULE_ATTRIBUTES[type] as AttributeTable,
    holds: (rule: QosRule) => rule.type === type,
    notFound: (id: string, policyId = '') =>
      intentError('QosRuleNotFound', { rule_id: id, policy_id: policyId }),
    derive: () => ({}),

    create: (draft: Draft, given: Created<AttributeTable>, policyId: string) => {
      const { project_id: _, ...values } = given as Record<string, unknown>;
      const { id } = draft.birth();
      // The table of the type has read the values.
      const rule = { id, qos_policy_id: policyId, type, ...values } as unknown as QosRule;
      return changed(draft, rule, values);
    },

    update: (draft: Draft, before: QosRule, given: Updated<AttributeTable>) =>
      changed(draft, { ...before, ...(given as object) }, given),

    remove: (draft: Draft, rule: QosRule) => {
      touchPolicy(draft, rule.qos_policy_id);
      draft.delete('qos_rule', rule.id);
      checkRuleUse(draft.topology, rule);
    },
  } as const;
}

/** A rule as it is to be, when that goes with the others and with what has the policy. */
function changed(draft: Draft, rule: QosRule, given: object): QosRule {
  touchPolicy(draft, rule.qos_policy_id);
  checkRule(draft.topology, rule, given);
  draft.put('qos_rule', rule.id, rule);
  checkRuleUse(draft.topology, rule);
  return rule;
}

function touchPolicy(draft: Draft, id: string): void {
  const policy = draft.topology.get('qos_policy', id);
  if (policy === undefined) throw qosPolicyNotFound(id);
  draft.put('qos_policy', id, touchedQosPolicy(policy, draft.at));
}

function checkParent(id: string, { topology, requester }: Viewer): void {
  const policy = (topology as Intent).get('qos_policy', id);
  if (policy === undefined || !isAllowed('get_policy', requester, policy, topology)) {
    throw qosPolicyNotFound(id);
  }
}
