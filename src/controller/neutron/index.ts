/** The resources of the Networking API on topology and store. */
import type { AttributeTable } from '../../topology/index.ts';
import { ADDRESS_GROUPS } from './address-groups.ts';
import { ADDRESS_SCOPES } from './address-scopes.ts';
import { type AgentSources, agents } from './agents.ts';
import { AutoTopologies } from './auto-topologies.ts';
import { CONNTRACK_HELPERS } from './conntrack-helpers.ts';
import { catchUp, type NeutronContext } from './context.ts';
import { DEFAULT_SECURITY_GROUP_RULES } from './default-security-group-rules.ts';
import { FLAVORS, SERVICE_PROFILES, SERVICE_PROVIDER_TYPE } from './flavors.ts';
import { FLOATING_IP_POOLS } from './floating-ip-pools.ts';
import { FLOATING_IPS } from './floating-ips.ts';
import { NETWORK_IP_AVAILABILITIES } from './ip-availabilities.ts';
import { METERING_LABEL_RULES, METERING_LABELS } from './metering.ts';
import { LOGGABLE_RESOURCE_TYPE, NETWORK_LOGS } from './network-logs.ts';
import { NETWORKS } from './networks.ts';
import { PortBindings } from './port-bindings.ts';
import { PORT_FORWARDINGS } from './port-forwardings.ts';
import { PORTS } from './ports.ts';
import { QOS_POLICIES } from './qos-policies.ts';
import { RULE_TYPES } from './qos-rule-types.ts';
import { QOS_RULES } from './qos-rules.ts';
import { QuotaBook } from './quota-book.ts';
import { RBAC_POLICIES } from './rbac-policies.ts';
import { createReading, type ReadCollection, type ReadingType } from './readings.ts';
import { Reservations } from './reservations.ts';
import { type ResourceCollection, Resources } from './resource.ts';
import type { ResourceKind, ResourceType } from './resource-type.ts';
import { ROUTERS } from './routers.ts';
import { SECURITY_GROUP_RULES } from './security-group-rules.ts';
import { SECURITY_GROUPS } from './security-groups.ts';
import { SEGMENTS } from './segments.ts';
import { SUBNETPOOLS } from './subnetpools.ts';
import { SUBNETS } from './subnets.ts';
import { createTies, type TieCalls } from './ties.ts';
import { TopologyDocuments } from './topology-document/topology-documents.ts';
import { TRUNKS } from './trunks.ts';
import { Turns } from './turns.ts';
import { UnderWay } from './under-way.ts';
import { AVAILABILITY_ZONES } from './zones.ts';

export { NO_QUOTAS, QUOTA_DEFAULTS } from './quotas.ts';

/** Every kind of resource, in the order of documents. */
export const RESOURCE_TYPES = [
  NETWORKS,
  SUBNETS,
  PORTS,
  SUBNETPOOLS,
  ADDRESS_SCOPES,
  SECURITY_GROUPS,
  SECURITY_GROUP_RULES,
  DEFAULT_SECURITY_GROUP_RULES,
  ADDRESS_GROUPS,
  ROUTERS,
  CONNTRACK_HELPERS,
  FLOATING_IPS,
  PORT_FORWARDINGS,
  QOS_POLICIES,
  ...QOS_RULES,
  TRUNKS,
  METERING_LABELS,
  METERING_LABEL_RULES,
  NETWORK_LOGS,
  FLAVORS,
  SERVICE_PROFILES,
  RBAC_POLICIES,
] as const;

/** What is only read, given how this controller sees its hosts and itself. */
export function readingTypes(sources: AgentSources): ReadingType[] {
  return [
    RULE_TYPES,
    SEGMENTS,
    agents(sources),
    NETWORK_IP_AVAILABILITIES,
    FLOATING_IP_POOLS,
    AVAILABILITY_ZONES,
    SERVICE_PROVIDER_TYPE,
    LOGGABLE_RESOURCE_TYPE,
  ];
}

interface NeutronOptions
  extends Omit<NeutronContext, 'reservations' | 'turns' | 'underWay'>,
    AgentSources {}

/** The resources of one process; they share what is promised to requests under way. */
export interface Neutron {
  readonly collections: readonly ResourceCollection[];
  readonly readings: readonly ReadCollection[];
  readonly ties: readonly TieCalls[];
  readonly quotas: QuotaBook;
  readonly autoTopologies: AutoTopologies;
  readonly portBindings: PortBindings;
  readonly topologies: TopologyDocuments;
  readonly catchUp: () => Promise<void>;
}

export function createNeutron({ hosts, self, ...options }: NeutronOptions): Neutron {
  const context: NeutronContext = {
    ...options,
    reservations: new Reservations(),
    turns: new Turns(),
    underWay: new UnderWay(),
  };
  // Each type agrees with itself; that they differ from one another is the collections' own affair.
  const types: readonly unknown[] = RESOURCE_TYPES;
  const collections = types.map((type) => new Resources(context, type as AnyType));
  const readings = readingTypes({ hosts, self, clock: options.clock });
  return {
    collections,
    readings: readings.map((type) => createReading(context, type)),
    ties: readings.flatMap((type) => createTies(context, type, collections)),
    quotas: new QuotaBook(context),
    autoTopologies: new AutoTopologies(context),
    portBindings: new PortBindings(context),
    topologies: new TopologyDocuments(context),
    catchUp: () => catchUp(context),
  };
}

type AnyType = ResourceType<ResourceKind, AttributeTable>;
