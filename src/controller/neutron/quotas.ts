/** Counting against quotas, and what their own resource shows and changes. */
import { type Intent, intentError, QUOTAS, type QuotaName } from '../../topology/index.ts';
import type { Draft } from './draft.ts';

/** The limit of each quota for projects that have none of their own. */
export type QuotaDefaults = Readonly<Record<QuotaName, number>>;

/** Neutron's own defaults. */
export const QUOTA_DEFAULTS: QuotaDefaults = QUOTAS;

/** Nobody is limited: for a region of one tenant, as with `--auth none`. */
export const NO_QUOTAS = Object.fromEntries(
  Object.keys(QUOTAS).map((name) => [name, -1]),
) as unknown as QuotaDefaults;

export function limitOf(
  topology: Intent,
  defaults: QuotaDefaults,
  name: QuotaName,
  projectId: string,
): number {
  return topology.get('quota', projectId)?.limits[name] ?? defaults[name];
}

/** Refuses one more record of a project where its quota is used up. */
export function checkQuota(draft: Draft, name: QuotaName, projectId: string): void {
  const limit = limitOf(draft.topology, draft.quotaDefaults, name, projectId);
  if (limit < 0 || draft.topology.countOfProject(name, projectId) < limit) return;
  throw intentError('OverQuota', { overs: `['${name}']` });
}
