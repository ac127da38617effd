/** Which services the ports of a network may ask for: what its subnets say. */
import { SERVICES, type Service } from '../pipeline/index.ts';
import { hasDhcp, isAdvertised, type Subnet, type Topology } from '../topology/index.ts';

/** A service is there when any subnet of the network offers it. */
const OFFERS: Readonly<Record<Service, (subnet: Subnet) => boolean>> = {
  dhcpv4: (subnet) => subnet.ip_version === 4 && hasDhcp(subnet),
  dhcpv6: (subnet) => subnet.ip_version === 6 && hasDhcp(subnet),
  'router-solicitation': isAdvertised,
};

export function servicesOf(topology: Topology, networkId: string): Service[] {
  const subnets = [...topology.members('subnetsOfNetwork', networkId).values()];
  const names = Object.keys(SERVICES) as Service[];
  return names.filter((service) => subnets.some(OFFERS[service]));
}
