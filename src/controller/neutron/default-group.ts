/**
 * The default security group of a project: there as soon as anybody could miss it. A claim sees to
 * it that there is one, whoever makes it.
 */
import {
  defaultGroup,
  defaultGroupOf,
  firstRules,
  pickGroupNumber,
  type SecurityGroup,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { Filters } from './filters.ts';
import { checkQuota } from './quota-book.ts';
import type { Viewer } from './resource-type.ts';

const PROJECT_LENGTH_MAX = 255;

/** Makes the project's default group unless it has one; nobody makes another project's. */
export function ensureDefaultGroup(draft: Draft, projectId: string): void {
  if (!lacksDefaultGroup(draft, projectId)) return;
  addGroup(draft, defaultGroup(projectId, draft.birth(), pickGroupNumber(draft)));
}

/** Puts a new group with the rules that it begins with. */
export function addGroup(draft: Draft, group: SecurityGroup): void {
  draft.put('security_group', group.id, group);
  for (const rule of firstRules(draft.topology, group, () => draft.birth())) {
    checkQuota(draft, 'security_group_rule', rule.project_id);
    draft.put('security_group_rule', rule.id, rule);
  }
}

/** What a list of groups, or of rules, must find there before it is made. */
export function missingDefaultGroup(
  filters: Filters,
  viewer: Viewer,
): ((draft: Draft) => void) | undefined {
  const [named] = filters.get('project_id') ?? filters.get('tenant_id') ?? [];
  const projectId = named || viewer.requester.projectId;
  if (projectId.length > PROJECT_LENGTH_MAX || !lacksDefaultGroup(viewer, projectId)) {
    return undefined;
  }
  return (draft) => ensureDefaultGroup(draft, projectId);
}

function lacksDefaultGroup({ topology, requester }: Viewer, projectId: string): boolean {
  const isOurs = projectId === requester.projectId || requester.isAdmin;
  return isOurs && projectId !== '' && defaultGroupOf(topology, projectId) === undefined;
}
