/**
 * QoS policies. Each write of a rule writes its policy as well: the policy's revision stands for
 * the set of its rules, so that two rules made at once cannot contradict each other.
 */
import {
  checkQosPolicyDelete,
  freshQosPolicy,
  isShared,
  QOS_POLICY_ATTRIBUTES,
  type QosPolicy,
  qosDefaultClaim,
  rulesOf,
  updatedQosPolicy,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { qosPolicyNotFound } from './errors.ts';
import { closeToAll, openToAll } from './openness.ts';
import type { ResourceType } from './resource-type.ts';
import { checkNobodyDeprived } from './usage.ts';

export const QOS_POLICIES: ResourceType<'qos_policy', typeof QOS_POLICY_ATTRIBUTES> = {
  kind: 'qos_policy',
  singular: 'policy',
  plural: 'policies',
  path: '/v2.0/qos/policies',
  attributes: QOS_POLICY_ATTRIBUTES,
  notFound: qosPolicyNotFound,

  derive: ({ id, project_id }, { topology, requester }) => ({
    tenant_id: project_id,
    shared: isShared(topology, id, requester.projectId),
    rules: rulesOf(topology, id),
  }),

  create: (draft, given) => {
    const policy = freshQosPolicy(given, draft.birth());
    nameDefault(draft, policy);
    if (given.shared) openToAll(draft, 'qos_policy', policy);
    return policy;
  },

  update: (draft, before, { shared, ...given }) => {
    const policy = updatedQosPolicy(before, given, draft.at);
    nameDefault(draft, policy);
    if (shared === true) openToAll(draft, 'qos_policy', policy);
    if (shared === false) {
      closeToAll(draft, policy);
      checkNobodyDeprived(draft.topology, 'qos_policy', policy.id);
    }
    return policy;
  },

  remove: (draft, { id }) => {
    checkQosPolicyDelete(draft.topology, id);
    for (const ruleId of draft.topology.members('rulesOfQosPolicy', id).keys()) {
      draft.delete('qos_rule', ruleId);
    }
  },
};

/** That another policy of the project is the default already is for the client to know. */
function nameDefault(draft: Draft, { is_default, project_id }: QosPolicy): void {
  if (is_default) draft.name([qosDefaultClaim(project_id)]);
}
