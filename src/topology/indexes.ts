/**
 * Who is found under what: one row an index, with the groups that a record is a member of. An index
 * never asks whether the record that a group is named after exists.
 */
import type { Kind, RecordByKind } from './records.ts';

export interface Index<K extends Kind> {
  readonly kind: K;
  readonly groupsOf: (record: RecordByKind[K]) => readonly string[];
}

const NOWHERE: readonly string[] = [];

export const INDEXES = {
  portsOfNetwork: index('port', ({ network_id }) => [network_id]),
  /** `device_id`: a Nova instance, mostly, or a router. Ports without one are in no group. */
  portsOfDevice: index('port', ({ device_id }) => (device_id === '' ? NOWHERE : [device_id])),
  subnetsOfNetwork: index('subnet', ({ network_id }) => [network_id]),
  networksOfQosPolicy: index('network', ({ qos_policy_id: id }) => (id === null ? NOWHERE : [id])),
  portsOfQosPolicy: index('port', ({ qos_policy_id: id }) => (id === null ? NOWHERE : [id])),
  rulesOfQosPolicy: index('qos_rule', ({ qos_policy_id }) => [qos_policy_id]),
  trunksOfParent: index('trunk', ({ port_id }) => [port_id]),
  trunksOfSubport: index('trunk', ({ sub_ports }) => sub_ports.map(({ port_id }) => port_id)),
  rulesOfMeteringLabel: index('metering_label_rule', (rule) => [rule.metering_label_id]),
  flavorsOfProfile: index('flavor', ({ service_profiles }) => service_profiles),
  policiesOfObject: index('rbac_policy', ({ object_id }) => [object_id]),
  bindingsOfHost: index('binding', ({ host_id }) => [host_id]),
} as const;

export type IndexName = keyof typeof INDEXES;

/** The records that an index finds. */
export type Member<N extends IndexName> =
  (typeof INDEXES)[N] extends Index<infer K> ? RecordByKind[K] : never;

/** The indexes that records of a kind are in. */
export function indexesOf(kind: Kind): readonly IndexName[] {
  return BY_KIND.get(kind) ?? [];
}

const BY_KIND = new Map<Kind, IndexName[]>();
for (const name of Object.keys(INDEXES) as IndexName[]) {
  const { kind } = INDEXES[name];
  BY_KIND.set(kind, [...(BY_KIND.get(kind) ?? []), name]);
}

function index<K extends Kind>(
  kind: K,
  groupsOf: (record: RecordByKind[K]) => readonly string[],
): Index<K> {
  return { kind, groupsOf };
}
