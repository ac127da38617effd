/**
 * Templates of security group rules. The first ones hold without being records; they are written
 * down as soon as anybody looks, or changes them, so that operators can take them away.
 */
import {
  DEFAULT_SECURITY_GROUP_RULE_ATTRIBUTES,
  type DefaultSecurityGroupRule,
  FIRST_TEMPLATES,
  freshTemplate,
  hasTemplates,
  intentError,
  templateClaims,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { ResourceType } from './resource-type.ts';

export const DEFAULT_SECURITY_GROUP_RULES: ResourceType<
  'default_security_group_rule',
  typeof DEFAULT_SECURITY_GROUP_RULE_ATTRIBUTES
> = {
  kind: 'default_security_group_rule',
  singular: 'default_security_group_rule',
  plural: 'default_security_group_rules',
  attributes: DEFAULT_SECURITY_GROUP_RULE_ATTRIBUTES,
  notFound: (id) => intentError('DefaultSecurityGroupRuleNotFound', { id }),

  derive: () => ({}),

  create: (draft, given) => {
    writeFirstTemplates(draft);
    const template = freshTemplate(given, draft.birth());
    checkNew(draft, template);
    draft.name(templateClaims(template));
    return template;
  },

  /** No attribute of a template can be changed. */
  update: (_draft, before) => before,

  remove: () => {},

  ensure: (_filters, { topology }) => (hasTemplates(topology) ? undefined : writeFirstTemplates),
};

function writeFirstTemplates(draft: Draft): void {
  if (hasTemplates(draft.topology)) return;
  const kind = 'default_security_group_rule';
  draft.expect('seed', kind);
  draft.put('seed', kind, { id: kind, at: draft.at });
  for (const template of FIRST_TEMPLATES) {
    const { id } = draft.birth();
    draft.put(kind, id, { id, ...template });
  }
}

function checkNew(draft: Draft, template: DefaultSecurityGroupRule): void {
  const claims = templateClaims(template);
  for (const group of ['default', 'other']) {
    for (const other of draft.topology.members('templatesOf', group).values()) {
      if (!templateClaims(other).some((claim) => claims.includes(claim))) continue;
      throw intentError('DefaultSecurityGroupRuleExists', { rule_id: other.id });
    }
  }
}
