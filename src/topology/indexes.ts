/**
 * Who is found under what: one row an index, with the groups that a record is a member of. An index
 * never asks whether the record that a group is named after exists.
 */
import { numberOn, plugsOf } from './binding.ts';
import { ruleClaim } from './claims.ts';
import { isRouterPort } from './device-owner.ts';
import { nameInNetwork } from './dns.ts';
import { meantFor, wantedName } from './load/meant-for.ts';
import { learnsMacs } from './mac-learning.ts';
import { groupIn } from './membership.ts';
import { isDefaultExternal } from './network.ts';
import type { Kind, RecordByKind } from './records.ts';
import { givenVifName } from './vif-name.ts';

export interface Index<K extends Kind> {
  readonly kind: K;
  readonly groupsOf: (record: RecordByKind[K]) => readonly string[];
}

const NOWHERE: readonly string[] = [];

export const INDEXES = {
  portsOfNetwork: index('port', ({ network_id }) => [network_id]),
  /** `device_id`: a Nova instance, mostly, or a router. Ports without one are in no group. */
  portsOfDevice: index('port', ({ device_id }) => (device_id === '' ? NOWHERE : [device_id])),
  /** By network: ports that are made as a router's, which few of a network's are. */
  routerPortsOfNetwork: index('port', ({ device_owner, network_id }) =>
    isRouterPort(device_owner) ? [network_id] : NOWHERE,
  ),
  /** By network, and by network and name: those with a `dns_name`. */
  namedPortsOfNetwork: index('port', ({ dns_name, network_id }) =>
    dns_name === '' ? NOWHERE : [network_id],
  ),
  portsByName: index('port', (port) => (port.dns_name === '' ? NOWHERE : [nameInNetwork(port)])),
  /** By network: ports behind which are other MAC addresses than their own. */
  learningPortsOfNetwork: index('port', (port) => (learnsMacs(port) ? [port.network_id] : NOWHERE)),
  floatingIpsOfPort: index('floatingip', ({ port_id }) => idOrNone(port_id)),
  floatingIpsOfRouter: index('floatingip', ({ router_id }) => idOrNone(router_id)),
  floatingIpsOfNetwork: index('floatingip', ({ floating_network_id }) => [floating_network_id]),
  forwardingsOfFloatingIp: index('port_forwarding', ({ floatingip_id }) => [floatingip_id]),
  forwardingsOfPort: index('port_forwarding', ({ internal_port_id }) => [internal_port_id]),
  helpersOfRouter: index('conntrack_helper', ({ router_id }) => [router_id]),
  /** By network and the name of a host, as `meantFor` joins them. */
  portsMeantFor: index('port', (port) => {
    const name = wantedName(port);
    return name === undefined ? NOWHERE : [meantFor(port.network_id, name)];
  }),
  /** By the name of its VIF, where that is not the port's id. */
  portsByVif: index('port', (port) => {
    const name = givenVifName(port);
    return name === undefined ? NOWHERE : [name];
  }),
  portsOfGroup: index('port', ({ security_groups }) => security_groups),
  subnetsOfNetwork: index('subnet', ({ network_id }) => [network_id]),
  /** By the number, as text, of its segment. */
  networksByVni: index('network', ({ vni }) => [String(vni)]),
  networksOfQosPolicy: index('network', ({ qos_policy_id: id }) => (id === null ? NOWHERE : [id])),
  portsOfQosPolicy: index('port', ({ qos_policy_id: id }) => (id === null ? NOWHERE : [id])),
  floatingIpsOfQosPolicy: index('floatingip', ({ qos_policy_id }) => idOrNone(qos_policy_id)),
  routersOfQosPolicy: index('router', ({ qos_policy_id }) => idOrNone(qos_policy_id)),
  rulesOfQosPolicy: index('qos_rule', ({ qos_policy_id }) => [qos_policy_id]),
  trunksOfParent: index('trunk', ({ port_id }) => [port_id]),
  trunksOfSubport: index('trunk', ({ sub_ports }) => sub_ports.map(({ port_id }) => port_id)),
  rulesOfMeteringLabel: index('metering_label_rule', (rule) => [rule.metering_label_id]),
  logsOfGroup: index('log', ({ resource_id }) => idOrNone(resource_id)),
  logsOfPort: index('log', ({ target_id }) => idOrNone(target_id)),
  /** Those that name neither: of all ports of the project. */
  logsOfProject: index('log', ({ resource_id, target_id, project_id }) =>
    resource_id === null && target_id === null ? [project_id] : NOWHERE,
  ),
  flavorsOfProfile: index('flavor', ({ service_profiles }) => service_profiles),
  /** The one group that a project's ports get when nobody says. */
  defaultGroupOfProject: index('security_group', ({ is_default, project_id }) =>
    is_default ? [project_id] : NOWHERE,
  ),
  /** By the number that its conjunction ids begin with. */
  groupsByNumber: index('security_group', ({ number }) => [String(number)]),
  rulesOfGroup: index('security_group_rule', ({ security_group_id }) => [security_group_id]),
  /** Rules that let through what comes from, or goes to, a group. */
  rulesToGroup: index('security_group_rule', ({ remote_group_id }) => idOrNone(remote_group_id)),
  rulesToAddressGroup: index('security_group_rule', ({ remote_address_group_id }) =>
    idOrNone(remote_address_group_id),
  ),
  /** By what makes a rule the same as another: see `ruleClaim`. */
  sameRules: index('security_group_rule', (rule) => [ruleClaim(rule)]),
  /**
   * What a new group begins with: `default`, the default group of a project; `other`, any other.
   */
  templatesOf: index('default_security_group_rule', (template) => [
    ...(template.used_in_default_sg ? ['default'] : NOWHERE),
    ...(template.used_in_non_default_sg ? ['other'] : NOWHERE),
  ]),
  subnetsOfPool: index('subnet', ({ subnetpool_id }) => idOrNone(subnetpool_id)),
  poolsOfScope: index('subnetpool', ({ address_scope_id }) => idOrNone(address_scope_id)),
  /** By IP version. */
  defaultSubnetpools: index('subnetpool', ({ is_default, ip_version }) =>
    is_default ? [String(ip_version)] : NOWHERE,
  ),
  /** By the one word `all`: there is at most one. */
  defaultExternalNetworks: index('network', (network) =>
    isDefaultExternal(network) ? ['all'] : NOWHERE,
  ),
  topologiesOfNetwork: index('auto_allocated_topology', ({ network_id }) => [network_id]),
  topologiesOfRouter: index('auto_allocated_topology', ({ router_id }) => idOrNone(router_id)),
  policiesOfObject: index('rbac_policy', ({ object_id }) => [object_id]),
  hostingsOfObject: index('agent_hosting', ({ object_id }) => [object_id]),
  hostsByName: index('host', ({ hostname }) => [hostname]),
  /** By each host that has plugged the port. */
  bindingsOfHost: index('binding', (binding) => plugsOf(binding).map(({ host_id }) => host_id)),
  learnedMacsOfPort: index('learned_mac', ({ port_id }) => [port_id]),
  learnedMacsOfNetwork: index('learned_mac', ({ network_id }) => [network_id]),
  /** By host and number, as `numberOn` joins them. */
  subportsByNumber: index('binding', (binding) =>
    binding.wire === undefined
      ? NOWHERE
      : plugsOf(binding).map(({ host_id, ofport }) => numberOn(host_id, ofport)),
  ),
  membershipsOfNetwork: index('membership', ({ network_id }) => [network_id]),
  /** By network and multicast group, as `groupIn` joins them. */
  listenersOfGroup: index('membership', ({ network_id, groups }) =>
    groups.map((group) => groupIn(network_id, group)),
  ),
} as const;

export type IndexName = keyof typeof INDEXES;

/** The records that an index finds. */
export type Member<N extends IndexName> =
  (typeof INDEXES)[N] extends Index<infer K> ? RecordByKind[K] : never;

function idOrNone(id: string | null): readonly string[] {
  return id === null ? NOWHERE : [id];
}

function index<K extends Kind>(
  kind: K,
  groupsOf: (record: RecordByKind[K]) => readonly string[],
): Index<K> {
  return { kind, groupsOf };
}
