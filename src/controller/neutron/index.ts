/** The resources of the Networking API on topology and store. */
import type { AttributeTable } from '../../topology/index.ts';
import type { NeutronContext } from './context.ts';
import { FLAVORS, SERVICE_PROFILES, SERVICE_PROVIDER_TYPE } from './flavors.ts';
import { METERING_LABEL_RULES, METERING_LABELS } from './metering.ts';
import { NETWORKS } from './networks.ts';
import { PORTS } from './ports.ts';
import { QOS_POLICIES } from './qos-policies.ts';
import { RULE_TYPES } from './qos-rule-types.ts';
import { QOS_RULES } from './qos-rules.ts';
import { QuotaBook } from './quota-book.ts';
import { RBAC_POLICIES } from './rbac-policies.ts';
import { createReading, type ReadCollection } from './readings.ts';
import { Reservations } from './reservations.ts';
import { type ResourceCollection, Resources } from './resource.ts';
import type { ResourceKind, ResourceType } from './resource-type.ts';
import { SEGMENTS } from './segments.ts';
import { SUBNETS } from './subnets.ts';
import { TRUNKS } from './trunks.ts';

export { NO_QUOTAS, QUOTA_DEFAULTS } from './quotas.ts';

/** Every kind of resource, in the order of documents. */
export const RESOURCE_TYPES = [
  NETWORKS,
  SUBNETS,
  PORTS,
  QOS_POLICIES,
  ...QOS_RULES,
  TRUNKS,
  METERING_LABELS,
  METERING_LABEL_RULES,
  FLAVORS,
  SERVICE_PROFILES,
  RBAC_POLICIES,
] as const;

/** What is only read. */
export const READING_TYPES = [RULE_TYPES, SEGMENTS, SERVICE_PROVIDER_TYPE] as const;

/** The resources of one process; they share what is promised to requests under way. */
export interface Neutron {
  readonly collections: readonly ResourceCollection[];
  readonly readings: readonly ReadCollection[];
  readonly quotas: QuotaBook;
}

export function createNeutron(options: Omit<NeutronContext, 'reservations'>): Neutron {
  const context: NeutronContext = { ...options, reservations: new Reservations() };
  // Each type agrees with itself; that they differ from one another is the collections' own affair.
  const types: readonly unknown[] = RESOURCE_TYPES;
  return {
    collections: types.map((type) => new Resources(context, type as AnyType)),
    readings: READING_TYPES.map((type) => createReading(context, type)),
    quotas: new QuotaBook(context),
  };
}

type AnyType = ResourceType<ResourceKind, AttributeTable>;
