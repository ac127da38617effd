/** Which services the ports of a network may ask for: what its subnets say. */
import { ASKED_SERVICES, type AskedService } from '../pipeline/index.ts';
import type { Subnet, Topology } from '../topology/index.ts';

/** A service is there when any subnet of the network offers it. */
const OFFERS: Readonly<Record<AskedService, (subnet: Subnet) => boolean>> = {
  dhcpv4: ({ ip_version, enable_dhcp }) => ip_version === 4 && enable_dhcp,
  dhcpv6: () => false,
  'router-solicitation': () => false,
};

export function servicesOf(topology: Topology, networkId: string): AskedService[] {
  const subnets = [...topology.members('subnetsOfNetwork', networkId).values()];
  const names = ASKED_SERVICES;
  return names.filter((service) => subnets.some(OFFERS[service]));
}
