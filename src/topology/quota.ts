/**
 * Quotas: how many resources of each kind a project may have. One record a project that differs.
 */

export interface Quota {
  /** The project's id. */
  readonly id: string;
  readonly limits: Readonly<Partial<Record<QuotaName, number>>>;
}

/** What is counted, with Neutron's default limit. -1: no limit. */
export const QUOTAS = {
  network: 100,
  subnet: 100,
  port: 500,
  security_group: 10,
  security_group_rule: 100,
  address_group: -1,
  subnetpool: -1,
  router: 10,
  floatingip: 50,
  rbac_policy: 10,
  trunk: -1,
} as const;

/** The names of quotas are those of the records that they count. */
export type QuotaName = keyof typeof QUOTAS;
