/**
 * What must be unique, as claims that a commit takes in the store: the spelling lives here alone.
 * And which records another keeps from being deleted.
 */
import { type IntentError, intentError } from './intent-error.ts';
import type { Network } from './network.ts';
import { type Kind, type RecordByKind, type RecordKey, recordKey } from './records.ts';
import type { Trunk } from './trunk.ts';

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

export function qosDefaultClaim(projectId: string): string {
  return `qos_default/${projectId}`;
}

/** A port is the parent or a subport of one trunk. */
export function trunkPortClaim(portId: string): string {
  return `trunk_port/${portId}`;
}

/** What a record of a kind owns (its id is the owner), and what must not go from under it. */
interface Ties<R> {
  readonly claims?: (record: R) => readonly string[];
  readonly references?: (record: R) => readonly RecordKey[];
}

const TIES: { readonly [K in Kind]?: Ties<RecordByKind[K]> } = {
  network: {
    claims: networkClaims,
    references: ({ qos_policy_id }) => qosReference(qos_policy_id),
  },
  qos_policy: {
    claims: ({ is_default, project_id }) => (is_default ? [qosDefaultClaim(project_id)] : []),
  },
  trunk: {
    claims: (trunk) => trunkPorts(trunk).map(trunkPortClaim),
    references: (trunk) => trunkPorts(trunk).map((id) => recordKey('port', id)),
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
    ],
    references: (port) => [
      recordKey('network', port.network_id),
      ...qosReference(port.qos_policy_id),
      ...[...new Set(port.fixed_ips.map((fixed) => fixed.subnet_id))].map((id) =>
        recordKey('subnet', id),
      ),
    ],
  },
};

function trunkPorts({ port_id, sub_ports }: Trunk): string[] {
  return [port_id, ...sub_ports.map((subport) => subport.port_id)];
}

function qosReference(policyId: string | null): RecordKey[] {
  return policyId === null ? [] : [recordKey('qos_policy', policyId)];
}

function networkClaims(network: Network): string[] {
  const physical = network['provider:physical_network'] ?? '';
  const vlan = network['provider:segmentation_id'];
  const claims = [vniClaim(network.vni)];
  if (network['provider:network_type'] === 'flat') claims.push(flatClaim(physical));
  if (network['provider:network_type'] === 'vlan' && vlan !== null) {
    claims.push(vlanClaim(physical, vlan));
  }
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

/** What Neutron says when a claim that a request named is another's. */
export function claimConflict(claim: string): IntentError {
  const [kind, scope = '', value = ''] = claim.split('/');
  switch (kind) {
    case 'mac':
      return intentError('MacAddressInUse', { net_id: scope, mac: value });
    case 'vlan':
      return intentError('VlanIdInUse', { physical_network: scope, vlan_id: value });
    case 'flat':
      return intentError('FlatNetworkInUse', { physical_network: scope });
    case 'qos_default':
      return intentError('QoSPolicyDefaultAlreadyExists', { project_id: scope });
    case 'trunk_port':
      return intentError('TrunkPortInUse', { port_id: scope });
    case 'rbac':
      return intentError('DuplicateRbacPolicy', {});
    case 'address':
      return intentError('IpAddressAlreadyAllocated', { ip: value, subnet_id: scope });
    default:
      return intentError('TunnelIdInUse', { tunnel_id: scope });
  }
}
