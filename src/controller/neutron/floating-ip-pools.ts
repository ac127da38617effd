/** `floatingip_pools`: the IPv4 subnets of the external networks that the requester may use. */
import { FLOATING_IP_POOL_ATTRIBUTES, type Network } from '../../topology/index.ts';
import type { Topology } from '../../topology/topology.ts';
import { subnetNotFound } from './errors.ts';
import { isAllowed } from './policy.ts';
import type { ReadingType } from './readings.ts';
import type { Requester } from './requester.ts';
import type { View } from './resource-type.ts';

export const FLOATING_IP_POOLS: ReadingType = {
  singular: 'floatingip_pool',
  plural: 'floatingip_pools',
  path: '/v2.0/floatingip_pools',
  attributes: FLOATING_IP_POOL_ATTRIBUTES,
  without: ['show'],
  notFound: subnetNotFound,
  items: (topology, requester) =>
    [...topology.list('network')]
      .filter((network) => isUsable(network, requester, topology))
      .flatMap(({ id }) => poolsOf(id, requester, topology)),
  item: () => undefined,
};

function isUsable(network: Network, requester: Requester, topology: Topology): boolean {
  return network['router:external'] && isAllowed('get_network', requester, network, topology);
}

function poolsOf(networkId: string, { projectId }: Requester, topology: Topology): View[] {
  return [...topology.members('subnetsOfNetwork', networkId).values()]
    .filter(({ ip_version }) => ip_version === 4)
    .map(({ id, name, cidr }) => ({
      subnet_id: id,
      subnet_name: name,
      network_id: networkId,
      cidr,
      project_id: projectId,
      tenant_id: projectId,
    }));
}
