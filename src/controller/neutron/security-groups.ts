/**
 * Security groups. A group's revision stands for the set of its rules: each write of a rule writes
 * its group as well. A group goes together with its rules, and with those that let through what
 * comes from it, and its logs; not while ports are in it.
 */
import {
  checkGroupDelete,
  freshGroup,
  isShared,
  pickGroupNumber,
  SECURITY_GROUP_ATTRIBUTES,
  updatedGroup,
} from '../../topology/index.ts';
import { addGroup, ensureDefaultGroup, missingDefaultGroup } from './default-group.ts';
import { securityGroupNotFound } from './errors.ts';
import { union } from './narrow.ts';
import { deleteLogs } from './network-logs.ts';
import type { ResourceType } from './resource-type.ts';
import { touchGroup, viewRule } from './security-group-rules.ts';

export const SECURITY_GROUPS: ResourceType<'security_group', typeof SECURITY_GROUP_ATTRIBUTES> = {
  kind: 'security_group',
  singular: 'security_group',
  plural: 'security_groups',
  attributes: SECURITY_GROUP_ATTRIBUTES,
  quota: 'security_group',
  notFound: securityGroupNotFound,

  derive: ({ id, project_id }, viewer) => ({
    tenant_id: project_id,
    shared: isShared(viewer.topology, id, viewer.requester.projectId),
    // Asked for by few: filters look at one attribute at a time.
    get security_group_rules() {
      const rules = viewer.topology.members('rulesOfGroup', id).values();
      return [...rules].map((rule) => viewRule(rule, viewer));
    },
  }),

  create: (draft, given) => {
    const group = freshGroup(given, draft.birth(), pickGroupNumber(draft));
    ensureDefaultGroup(draft, group.project_id);
    addGroup(draft, group);
    return group;
  },

  update: (draft, before, given) => updatedGroup(draft.topology, before, given, draft.at),

  remove: (draft, group) => {
    checkGroupDelete(draft.topology, group, draft.requester.isAdmin);
    const rules = [
      ...draft.topology.members('rulesOfGroup', group.id).values(),
      ...draft.topology.members('rulesToGroup', group.id).values(),
    ];
    for (const rule of rules) {
      draft.delete('security_group_rule', rule.id);
      if (rule.security_group_id !== group.id) touchGroup(draft, rule.security_group_id);
    }
    deleteLogs(draft, 'logsOfGroup', group.id);
  },

  ensure: missingDefaultGroup,

  narrow: (filters, topology) =>
    union(filters.get('project_id') ?? filters.get('tenant_id'), (id) =>
      topology.ofProject('security_group', id).values(),
    ),
};
