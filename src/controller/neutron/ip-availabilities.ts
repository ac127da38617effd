/** How many addresses of its subnets each network has given out, and how many there are. */
import {
  NETWORK_IP_AVAILABILITY_ATTRIBUTES,
  type Network,
  poolsSize,
  type Subnet,
  type Topology,
} from '../../topology/index.ts';
import { networkNotFound } from './errors.ts';
import type { ReadingType } from './readings.ts';
import type { View } from './resource-type.ts';

export const NETWORK_IP_AVAILABILITIES: ReadingType = {
  singular: 'network_ip_availability',
  plural: 'network_ip_availabilities',
  attributes: NETWORK_IP_AVAILABILITY_ATTRIBUTES,
  notFound: networkNotFound,
  *items(topology) {
    for (const network of topology.list('network')) yield availabilityOf(network, topology);
  },
  item: (id, topology) => {
    const network = topology.get('network', id);
    return network && availabilityOf(network, topology);
  },
};

function availabilityOf({ id, name, project_id }: Network, topology: Topology): View {
  const subnets = [...topology.members('subnetsOfNetwork', id).values()];
  const uses = subnets.map((subnet) => useOf(subnet, topology));
  return {
    network_id: id,
    network_name: name,
    project_id,
    tenant_id: project_id,
    used_ips: uses.reduce((sum, { used_ips }) => sum + used_ips, 0),
    total_ips: uses.reduce((sum, { total_ips }) => sum + total_ips, 0n),
    subnet_ip_availability: uses,
  };
}

/** A pool of IPv6 has more addresses than a double counts. */
function useOf(subnet: Subnet, topology: Topology) {
  return {
    subnet_id: subnet.id,
    subnet_name: subnet.name,
    cidr: subnet.cidr,
    ip_version: subnet.ip_version,
    used_ips: topology.addressesOfSubnet(subnet.id).size,
    total_ips: poolsSize(subnet),
  };
}
