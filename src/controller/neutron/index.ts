/** The resources of the Networking API on topology and store. */
import type { AttributeTable } from '../../topology/index.ts';
import { CONNTRACK_HELPERS } from './conntrack-helpers.ts';
import type { NeutronContext } from './context.ts';
import { FloatingIpPools } from './floating-ip-pools.ts';
import { FLOATING_IPS } from './floating-ips.ts';
import { NETWORKS } from './networks.ts';
import { PORT_FORWARDINGS } from './port-forwardings.ts';
import { PORTS } from './ports.ts';
import { QuotaBook } from './quota-book.ts';
import { RBAC_POLICIES } from './rbac-policies.ts';
import { Reservations } from './reservations.ts';
import { type ResourceCollection, Resources } from './resource.ts';
import type { ResourceKind, ResourceType } from './resource-type.ts';
import { ROUTERS } from './routers.ts';
import { SUBNETS } from './subnets.ts';

export { NO_QUOTAS, QUOTA_DEFAULTS } from './quotas.ts';

/** Every kind of resource, in the order of documents. */
export const RESOURCE_TYPES = [
  NETWORKS,
  SUBNETS,
  PORTS,
  ROUTERS,
  CONNTRACK_HELPERS,
  FLOATING_IPS,
  PORT_FORWARDINGS,
  RBAC_POLICIES,
] as const;

/** The resources of one process; they share what is promised to requests under way. */
export interface Neutron {
  readonly collections: readonly ResourceCollection[];
  /** What can only be listed. */
  readonly listings: readonly FloatingIpPools[];
  readonly quotas: QuotaBook;
}

export function createNeutron(options: Omit<NeutronContext, 'reservations'>): Neutron {
  const context: NeutronContext = { ...options, reservations: new Reservations() };
  // Each type agrees with itself; that they differ from one another is the collections' own affair.
  const types: readonly unknown[] = RESOURCE_TYPES;
  return {
    collections: types.map((type) => new Resources(context, type as AnyType)),
    listings: [new FloatingIpPools(context.topology)],
    quotas: new QuotaBook(context),
  };
}

type AnyType = ResourceType<ResourceKind, AttributeTable>;
