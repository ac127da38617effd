/** Which services the ports of a network may ask for: what its subnets say. */
import { ASKED_SERVICES, type AskedService } from '../pipeline/index.ts';
import { hasDhcp, isAdvertised, type Subnet, type Topology } from '../topology/index.ts';

/** A service is there when any subnet of the network offers it. */
const OFFERS: Readonly<Record<AskedService, (subnet: Subnet) => boolean>> = {
  dhcpv4: (subnet) => subnet.ip_version === 4 && hasDhcp(subnet),
  dhcpv6: (subnet) => subnet.ip_version === 6 && hasDhcp(subnet),
  'router-solicitation': isAdvertised,
};

export function servicesOf(topology: Topology, networkId: string): AskedService[] {
  const subnets = [...topology.members('subnetsOfNetwork', networkId).values()];
  return ASKED_SERVICES.filter((service) => subnets.some(OFFERS[service]));
}
