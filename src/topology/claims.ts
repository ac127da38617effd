/**
 * What must be unique, as claims that a commit takes in the store: the spelling lives here alone.
 * And which records another keeps from being deleted.
 */
import { defined } from '../lib/assert.ts';
import type { DefaultSecurityGroupRule } from './default-security-group-rule.ts';
import { type IntentError, intentError, invalidInput } from './intent-error.ts';
import { isDefaultExternal, type Network } from './network.ts';
import type { Port } from './port.ts';
import { type Kind, type RecordByKind, type RecordKey, recordKey } from './records.ts';
import { routerPortIds } from './router.ts';
import { matchKey, type SecurityGroupRule } from './security-group-rule.ts';
import type { Trunk } from './trunk.ts';
import { givenVifName } from './vif-name.ts';

export function vniClaim(vni: number): string {
  return `vni/${vni}`;
}

export function vlanClaim(physicalNetwork: string, id: number): string {
  return `vlan/${physicalNetwork}/${id}`;
}

export function flatClaim(physicalNetwork: string): string {
  return `flat/${physicalNetwork}`;
}

export function macClaim(networkId: string, mac: string): string {
  return `mac/${networkId}/${mac}`;
}

export function addressClaim(subnetId: string, address: string): string {
  return `address/${subnetId}/${address}`;
}

export function rbacClaim(objectId: string, action: string, target: string): string {
  return `rbac/${objectId}/${action}/${target}`;
}

/** A project has one default security group. */
export function defaultGroupClaim(projectId: string): string {
  return `default-sg/${projectId}`;
}

export function groupNumberClaim(number: number): string {
  return `sg-number/${number}`;
}

/** A group says the same thing once. */
export function ruleClaim(rule: SecurityGroupRule): string {
  return `rule/${rule.security_group_id}/${matchKey(rule)}`;
}

/** So do the templates of default groups, and those of all others. */
export function templateClaims(template: DefaultSecurityGroupRule): string[] {
  const key = matchKey(template);
  const claims: string[] = [];
  if (template.used_in_default_sg) claims.push(`template/default/${key}`);
  if (template.used_in_non_default_sg) claims.push(`template/other/${key}`);
  return claims;
}

/** The one default subnet pool of an IP version. */
export function defaultPoolClaim(version: 4 | 6): string {
  return `default-subnetpool/${version}`;
}

/** The one default external network. */
export const DEFAULT_EXTERNAL_CLAIM = 'default-external';

export function qosDefaultClaim(projectId: string): string {
  return `qos_default/${projectId}`;
}

/** A port is the parent or a subport of one trunk. */
export function trunkPortClaim(portId: string): string {
  return `trunk_port/${portId}`;
}

/** A VIF belongs to one port. */
export function vifClaim(name: string): string {
  return `vif/${name}`;
}

/** What a record of a kind owns (its id is the owner), and what must not go from under it. */
interface Ties<R> {
  readonly claims?: (record: R) => readonly string[];
  readonly references?: (record: R) => readonly RecordKey[];
}

const TIES: { readonly [K in Kind]?: Ties<RecordByKind[K]> } = {
  network: {
    claims: networkClaims,
    references: ({ qos_policy_id: id }) => referTo('qos_policy', id),
  },
  subnet: { references: ({ subnetpool_id: id }) => referTo('subnetpool', id) },
  subnetpool: {
    claims: ({ is_default, ip_version }) => (is_default ? [defaultPoolClaim(ip_version)] : []),
    references: ({ address_scope_id: id }) => referTo('address_scope', id),
  },
  qos_policy: {
    claims: ({ is_default, project_id }) => (is_default ? [qosDefaultClaim(project_id)] : []),
  },
  trunk: {
    claims: (trunk) => trunkPorts(trunk).map(trunkPortClaim),
    references: (trunk) => trunkPorts(trunk).map(portKey),
  },
  flavor: {
    references: ({ service_profiles }) =>
      service_profiles.map((id) => recordKey('service_profile', id)),
  },
  rbac_policy: {
    claims: ({ object_id, action, target_tenant }) => [rbacClaim(object_id, action, target_tenant)],
  },
  port: {
    claims: (port) => [
      macClaim(port.network_id, port.mac_address),
      ...port.fixed_ips.map((fixed) => addressClaim(fixed.subnet_id, fixed.ip_address)),
      ...vifClaims(port),
    ],
    references: (port) => [
      recordKey('network', port.network_id),
      ...referTo('qos_policy', port.qos_policy_id),
      ...[...new Set(port.fixed_ips.map((fixed) => fixed.subnet_id))].map((id) =>
        recordKey('subnet', id),
      ),
      ...port.security_groups.map((id) => recordKey('security_group', id)),
    ],
  },
  security_group: {
    claims: ({ is_default, project_id, number }) => [
      groupNumberClaim(number),
      ...(is_default ? [defaultGroupClaim(project_id)] : []),
    ],
  },
  security_group_rule: {
    claims: (rule) => [ruleClaim(rule)],
    references: ({ remote_group_id: group, remote_address_group_id: addresses }) => [
      ...referTo('security_group', group),
      ...referTo('address_group', addresses),
    ],
  },
  default_security_group_rule: { claims: templateClaims },
  router: {
    references: (router) => [
      ...routerPortIds(router).map(portKey),
      ...referTo('qos_policy', router.qos_policy_id),
    ],
  },
  floatingip: {
    references: (fip) => [
      ...new Set(
        [fip.floating_port_id, fip.port_id, fip.gateway_port_id, fip.interface_port_id]
          .filter((id) => id !== null)
          .map(portKey),
      ),
      ...referTo('qos_policy', fip.qos_policy_id),
    ],
  },
  port_forwarding: {
    references: (forwarding) => [
      recordKey('floatingip', forwarding.floatingip_id),
      ...new Set([forwarding.internal_port_id, forwarding.interface_port_id].map(portKey)),
    ],
  },
  agent_hosting: {
    references: ({ object_kind, object_id }) => [recordKey(object_kind, object_id)],
  },
  auto_allocated_topology: {
    references: ({ network_id, router_id }) => [
      recordKey('network', network_id),
      ...referTo('router', router_id),
    ],
  },
  conntrack_helper: {
    references: (helper) => [recordKey('router', helper.router_id)],
  },
  log: {
    references: ({ resource_id: group, target_id: port }) => [
      ...referTo('security_group', group),
      ...referTo('port', port),
    ],
  },
};

function referTo(kind: Kind, id: string | null): readonly RecordKey[] {
  return id === null ? [] : [recordKey(kind, id)];
}

function portKey(id: string): RecordKey {
  return recordKey('port', id);
}

function trunkPorts({ port_id, sub_ports }: Trunk): string[] {
  return [port_id, ...sub_ports.map((subport) => subport.port_id)];
}

function vifClaims(port: Port): readonly string[] {
  const name = givenVifName(port);
  return name === undefined ? [] : [vifClaim(name)];
}

function networkClaims(network: Network): string[] {
  const physical = network['provider:physical_network'] ?? '';
  const vlan = network['provider:segmentation_id'];
  const claims = [vniClaim(network.vni)];
  if (network['provider:network_type'] === 'flat') claims.push(flatClaim(physical));
  if (network['provider:network_type'] === 'vlan' && vlan !== null) {
    claims.push(vlanClaim(physical, vlan));
  }
  if (isDefaultExternal(network)) claims.push(DEFAULT_EXTERNAL_CLAIM);
  return claims;
}

/** The claims that a record owns; none for no record. */
export function claimsOf<K extends Kind>(kind: K, record?: RecordByKind[K]): readonly string[] {
  return (record && tiesOf(kind).claims?.(record)) ?? [];
}

/** The records that a record refers to, each once; none for no record. */
export function referencesOf<K extends Kind>(
  kind: K,
  record?: RecordByKind[K],
): readonly RecordKey[] {
  return (record && tiesOf(kind).references?.(record)) ?? [];
}

function tiesOf<K extends Kind>(kind: K): Ties<RecordByKind[K]> {
  return TIES[kind] ?? {};
}

export const DEFAULT_POOL_EXISTS = [
  'A default subnetpool for this IP family has already been set.',
  'Only one default may exist per IP family',
].join(' ');

/** What Neutron says when a claim that a request named is owned by another record. */
export function claimConflict(claim: string, owner: string): IntentError {
  const [kind = '', scope = '', value = ''] = claim.split('/');
  const conflict = CONFLICTS[kind] ?? CONFLICTS['vni'];
  return defined(conflict, 'error of a claim')({ scope, value, owner });
}

/** The parts of a claim behind its kind, and whose it is. */
interface Taken {
  readonly scope: string;
  readonly value: string;
  readonly owner: string;
}

const CONFLICTS: Readonly<Record<string, (taken: Taken) => IntentError>> = {
  vni: ({ scope: tunnel_id }) => intentError('TunnelIdInUse', { tunnel_id }),
  vlan: ({ scope: physical_network, value: vlan_id }) =>
    intentError('VlanIdInUse', { physical_network, vlan_id }),
  flat: ({ scope: physical_network }) => intentError('FlatNetworkInUse', { physical_network }),
  mac: ({ scope: net_id, value: mac }) => intentError('MacAddressInUse', { net_id, mac }),
  address: ({ scope: subnet_id, value: ip }) =>
    intentError('IpAddressAlreadyAllocated', { ip, subnet_id }),
  'default-subnetpool': () => invalidInput(DEFAULT_POOL_EXISTS),
  'default-external': ({ owner: net_id }) =>
    intentError('DefaultExternalNetworkExists', { net_id }),
  rbac: () => intentError('DuplicateRbacPolicy', {}),
  rule: ({ owner: rule_id }) => intentError('SecurityGroupRuleExists', { rule_id }),
  template: ({ owner: rule_id }) => intentError('DefaultSecurityGroupRuleExists', { rule_id }),
  qos_default: ({ scope: project_id }) =>
    intentError('QoSPolicyDefaultAlreadyExists', { project_id }),
  trunk_port: ({ scope: port_id }) => intentError('TrunkPortInUse', { port_id }),
  vif: ({ scope: name, owner: port_id }) => intentError('VifNameInUse', { name, port_id }),
};
