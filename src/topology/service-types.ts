/** Subnets that serve ports of certain owners alone (Neutron's `subnet-service-types`). */
import { DHCP } from './device-owner.ts';
import { intentError } from './intent-error.ts';
import type { Subnet } from './subnet.ts';

/** Whether a port of this owner may get an address of the subnet. */
export function serves(subnet: Subnet, deviceOwner: string): boolean {
  const { service_types: types, enable_dhcp } = subnet;
  if (types.length === 0 || types.includes(deviceOwner)) return true;
  return enable_dhcp && deviceOwner === DHCP;
}

/**
 * The subnets that a port of this owner may get addresses of; those that name owners come first.
 */
export function servingSubnets(
  networkId: string,
  subnets: readonly Subnet[],
  deviceOwner: string,
): readonly Subnet[] {
  if (subnets.every(({ service_types: types }) => types.length === 0)) return subnets;
  const serving = subnets.filter((subnet) => serves(subnet, deviceOwner));
  if (serving.length === 0) {
    throw intentError('IpAddressGenerationFailureNoMatchingSubnet', {
      network_id: networkId,
      service_type: deviceOwner,
    });
  }
  const isForAll = (subnet: Subnet): number => Number(subnet.service_types.length === 0);
  return serving.toSorted((a, b) => isForAll(a) - isForAll(b));
}
