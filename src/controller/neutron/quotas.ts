/** Limits of quotas: the defaults, and those of a project. */
import { type Intent, QUOTAS, type QuotaName } from '../../topology/index.ts';

/** The limit of each quota for projects that have none of their own. */
export type QuotaDefaults = Readonly<Record<QuotaName, number>>;

/** Neutron's own defaults. */
export const QUOTA_DEFAULTS: QuotaDefaults = QUOTAS;

/** Nobody is limited: for a region of one tenant, as with `--auth none`. */
export const NO_QUOTAS = limits(() => -1);

/** The limits that hold for a project. */
export function limitsOf(
  topology: Intent,
  defaults: QuotaDefaults,
  projectId: string,
): QuotaDefaults {
  return { ...defaults, ...topology.get('quota', projectId)?.limits };
}

function limits(of: (name: QuotaName) => number): QuotaDefaults {
  const names = Object.keys(QUOTAS) as QuotaName[];
  return Object.fromEntries(names.map((name) => [name, of(name)])) as unknown as QuotaDefaults;
}
