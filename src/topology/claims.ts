/**
 * What must be unique, as claims that a commit takes in the store: the spelling lives here alone.
 * And which records another keeps from being deleted.
 */
import { type IntentError, intentError } from './intent-error.ts';
import type { Port } from './port.ts';
import { type RecordKey, recordKey } from './records.ts';

export function vniClaim(vni: number): string {
  return `vni/${vni}`;
}

export function macClaim(networkId: string, mac: string): string {
  return `mac/${networkId}/${mac}`;
}

export function addressClaim(subnetId: string, address: string): string {
  return `address/${subnetId}/${address}`;
}

/** Every claim that a port owns (its id is the owner). */
export function portClaims(port: Port): string[] {
  const addresses = port.fixed_ips.map((fixed) => addressClaim(fixed.subnet_id, fixed.ip_address));
  return [macClaim(port.network_id, port.mac_address), ...addresses];
}

/** The records that a port holds a reference on: its network, and each of its subnets once. */
export function portReferences(port: Port): RecordKey[] {
  const subnets = new Set(port.fixed_ips.map((fixed) => fixed.subnet_id));
  return [
    recordKey('network', port.network_id),
    ...[...subnets].map((id) => recordKey('subnet', id)),
  ];
}

/** What Neutron says when a claim that a request named is another's. */
export function claimConflict(claim: string): IntentError {
  const [kind, scope = '', value = ''] = claim.split('/');
  switch (kind) {
    case 'mac':
      return intentError('MacAddressInUse', { net_id: scope, mac: value });
    case 'address':
      return intentError('IpAddressAlreadyAllocated', { ip: value, subnet_id: scope });
    default:
      return intentError('TunnelIdInUse', { tunnel_id: scope });
  }
}
