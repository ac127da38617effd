/** Which services the ports of a network may ask for: what its subnets say. */
import { OFFERED_SERVICES, type OfferedService } from '../pipeline/index.ts';
import { hasDhcp, isAdvertised, type Subnet, type Topology } from '../topology/index.ts';

/** A service is there when any subnet of the network offers it. */
const OFFERS: Readonly<Record<OfferedService, (subnet: Subnet) => boolean>> = {
  dhcpv4: (subnet) => subnet.ip_version === 4 && hasDhcp(subnet),
  dhcpv6: (subnet) => subnet.ip_version === 6 && hasDhcp(subnet),
  'router-solicitation': isAdvertised,
  metadata: ({ enable_dhcp }) => enable_dhcp,
};

export function servicesOf(topology: Topology, networkId: string): OfferedService[] {
  const subnets = [...topology.members('subnetsOfNetwork', networkId).values()];
  return OFFERED_SERVICES.filter((service) => subnets.some(OFFERS[service]));
}
