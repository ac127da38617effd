/** The kinds of records, their keys, and what a change is: the vocabulary of store and topology. */
import type { AddressGroup } from './address-group.ts';
import type { AddressScope } from './address-scope.ts';
import type { AgentHosting } from './agent-hosting.ts';
import type { AutoAllocatedTopology } from './auto-allocated-topology.ts';
import type { Binding } from './binding.ts';
import type { ConntrackHelper } from './conntrack-helper.ts';
import type { DefaultSecurityGroupRule } from './default-security-group-rule.ts';
import type { Flavor, ServiceProfile } from './flavor.ts';
import type { FloatingIp } from './floating-ip.ts';
import type { Host } from './host.ts';
import type { LearnedMac } from './learned-mac.ts';
import type { Membership } from './membership.ts';
import type { MeteringLabel, MeteringLabelRule } from './metering.ts';
import type { Network } from './network.ts';
import type { NetworkLog } from './network-log.ts';
import type { Port } from './port.ts';
import type { PortForwarding } from './port-forwarding.ts';
import type { QosPolicy, QosRule } from './qos.ts';
import type { Quota } from './quota.ts';
import type { RbacPolicy } from './rbac-policy.ts';
import type { Router } from './router.ts';
import type { SecurityGroup } from './security-group.ts';
import type { SecurityGroupRule } from './security-group-rule.ts';
import type { Seed } from './seed.ts';
import type { Status } from './status.ts';
import type { Subnet } from './subnet.ts';
import type { Subnetpool } from './subnetpool.ts';
import type { Trunk } from './trunk.ts';

export interface RecordByKind {
  network: Network;
  subnet: Subnet;
  port: Port;
  security_group: SecurityGroup;
  security_group_rule: SecurityGroupRule;
  default_security_group_rule: DefaultSecurityGroupRule;
  address_group: AddressGroup;
  subnetpool: Subnetpool;
  address_scope: AddressScope;
  router: Router;
  floatingip: FloatingIp;
  port_forwarding: PortForwarding;
  conntrack_helper: ConntrackHelper;
  qos_policy: QosPolicy;
  qos_rule: QosRule;
  trunk: Trunk;
  metering_label: MeteringLabel;
  metering_label_rule: MeteringLabelRule;
  log: NetworkLog;
  flavor: Flavor;
  service_profile: ServiceProfile;
  rbac_policy: RbacPolicy;
  agent_hosting: AgentHosting;
  auto_allocated_topology: AutoAllocatedTopology;
  quota: Quota;
  seed: Seed;
  host: Host;
  binding: Binding;
  status: Status;
  learned_mac: LearnedMac;
  membership: Membership;
}

export type Kind = keyof RecordByKind;

export const KINDS: readonly Kind[] = [
  'network',
  'subnet',
  'port',
  'security_group',
  'security_group_rule',
  'default_security_group_rule',
  'address_group',
  'subnetpool',
  'address_scope',
  'router',
  'floatingip',
  'port_forwarding',
  'conntrack_helper',
  'qos_policy',
  'qos_rule',
  'trunk',
  'metering_label',
  'metering_label_rule',
  'log',
  'flavor',
  'service_profile',
  'rbac_policy',
  'agent_hosting',
  'auto_allocated_topology',
  'quota',
  'seed',
  'host',
  'binding',
  'status',
  'learned_mac',
  'membership',
];

export type AnyRecord = RecordByKind[Kind];

/** `<kind>/<id>`; the id of a binding, a status and a membership is that of its port. */
export type RecordKey = `${Kind}/${string}`;

/** A record with its key: what one commit wrote. */
export interface Put {
  readonly key: RecordKey;
  readonly value: AnyRecord;
}

/** Exactly what one commit did; one entry of the stream. Revisions are contiguous from 1. */
export interface Change {
  readonly revision: number;
  /** Time of the commit, as `timestamp` writes it. */
  readonly at: string;
  readonly puts: readonly Put[];
  readonly deletes: readonly RecordKey[];
}

export function recordKey(kind: Kind, id: string): RecordKey {
  return `${kind}/${id}`;
}

/** What a key names. */
export interface Identity {
  readonly kind: Kind;
  readonly id: string;
}

export function splitKey(key: RecordKey): Identity {
  const slash = key.indexOf('/');
  return { kind: key.slice(0, slash) as Kind, id: key.slice(slash + 1) };
}

/** The same, in the text of the id that the record holds already, so that one is kept, not two. */
export function identify(key: RecordKey, record: AnyRecord): Identity {
  const { kind, id: named } = splitKey(key);
  const { id, port_id: portId } = record as { readonly id?: string; readonly port_id?: string };
  if (id === named) return { kind, id };
  return { kind, id: portId === named ? portId : named };
}
