/**
 * Metering labels and their rules. A rule's write writes its label as well, unchanged: two rules
 * made at once cannot overlap, and none comes while its label goes.
 */
import {
  freshMeteringLabel,
  freshMeteringLabelRule,
  intentError,
  METERING_LABEL_ATTRIBUTES,
  METERING_LABEL_RULE_ATTRIBUTES,
} from '../../topology/index.ts';
import { union } from './narrow.ts';
import type { ResourceType } from './resource-type.ts';

const labelNotFound = (id: string) => intentError('MeteringLabelNotFound', { label_id: id });

export const METERING_LABELS: ResourceType<'metering_label', typeof METERING_LABEL_ATTRIBUTES> = {
  kind: 'metering_label',
  singular: 'metering_label',
  plural: 'metering_labels',
  path: '/v2.0/metering/metering-labels',
  attributes: METERING_LABEL_ATTRIBUTES,
  notFound: labelNotFound,
  derive: ({ project_id }) => ({ tenant_id: project_id }),
  create: (draft, given) => freshMeteringLabel(given, draft.birth()),
  update: (_draft, before) => before,
  remove: (draft, { id }) => {
    for (const ruleId of draft.topology.members('rulesOfMeteringLabel', id).keys()) {
      draft.delete('metering_label_rule', ruleId);
    }
  },
};

export const METERING_LABEL_RULES: ResourceType<
  'metering_label_rule',
  typeof METERING_LABEL_RULE_ATTRIBUTES
> = {
  kind: 'metering_label_rule',
  singular: 'metering_label_rule',
  plural: 'metering_label_rules',
  path: '/v2.0/metering/metering-label-rules',
  attributes: METERING_LABEL_RULE_ATTRIBUTES,
  notFound: (id) => intentError('MeteringLabelRuleNotFound', { rule_id: id }),
  derive: () => ({}),

  create: (draft, given) => {
    const labelId = given.metering_label_id;
    const label = draft.topology.get('metering_label', labelId);
    if (label === undefined) throw labelNotFound(labelId);
    draft.put('metering_label', labelId, label);
    const siblings = draft.topology.members('rulesOfMeteringLabel', labelId).values();
    return freshMeteringLabelRule(given, draft.birth().id, siblings);
  },

  update: (_draft, before) => before,
  remove: () => {},

  narrow: (filters, topology) =>
    union(filters.get('metering_label_id'), (id) =>
      topology.members('rulesOfMeteringLabel', id).values(),
    ),
};
