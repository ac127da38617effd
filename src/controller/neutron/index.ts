/** The resources of the Networking API on topology and store. */
import type { NeutronContext } from './context.ts';
import { NETWORKS } from './networks.ts';
import { PORTS } from './ports.ts';
import { Reservations } from './reservations.ts';
import { type ResourceCollection, Resources } from './resource.ts';
import { SUBNETS } from './subnets.ts';

export { NO_QUOTAS, QUOTA_DEFAULTS } from './quotas.ts';

/** Every kind of resource, in the order of documents. */
export const RESOURCE_TYPES = [NETWORKS, SUBNETS, PORTS] as const;

type Plural = 'networks' | 'subnets' | 'ports';

export type Collections = Readonly<Record<Plural, ResourceCollection>>;

/** The collections of one process; they share what is promised to requests under way. */
export function createCollections(options: Omit<NeutronContext, 'reservations'>): Collections {
  const context: NeutronContext = { ...options, reservations: new Reservations() };
  return {
    networks: new Resources(context, NETWORKS),
    subnets: new Resources(context, SUBNETS),
    ports: new Resources(context, PORTS),
  };
}
