/**
 * Subnets. Each write of one writes its network as well: the network's revision stands for the set
 * of its subnets, so that two subnets made at once cannot overlap and no port misses a new subnet.
 */
import {
  checkSubnetDelete,
  freshSubnet,
  gatewaysIn,
  type Intent,
  isAutoAddressed,
  type Port,
  routerOfPort,
  SUBNET_ATTRIBUTES,
  type Subnet,
  touchedNetwork,
  touchedRouter,
  updatedSubnet,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { networkNotFound, subnetNotFound } from './errors.ts';
import { union } from './narrow.ts';
import type { ResourceType } from './resource-type.ts';
import { moveGateway } from './router-gateways.ts';

/** Most gateways that get an address with a new subnet: the commit must stay short. */
const GATEWAYS_MAX = 400;

const NO_STRINGS: readonly string[] = [];

export const SUBNETS: ResourceType<'subnet', typeof SUBNET_ATTRIBUTES> = {
  kind: 'subnet',
  singular: 'subnet',
  plural: 'subnets',
  attributes: SUBNET_ATTRIBUTES,
  quota: 'subnet',
  notFound: subnetNotFound,

  derive: ({ project_id }) => ({
    tenant_id: project_id,
    service_types: NO_STRINGS,
    subnetpool_id: null,
  }),

  create: (draft, given) => {
    const network = touchNetwork(draft, given.network_id);
    const siblings = draft.topology.members('subnetsOfNetwork', network.id).values();
    const subnet = freshSubnet(given, draft.birth(), network, siblings);
    if (network['router:external']) addressGateways(draft, subnet);
    return subnet;
  },

  update: (draft, before, given) => {
    touchNetwork(draft, before.network_id);
    return updatedSubnet(before, given, draft.at, draft.topology);
  },

  remove: (draft, { id, network_id }) => {
    checkSubnetDelete(draft.topology, id);
    touchNetwork(draft, network_id);
  },

  narrow: (filters, topology) =>
    union(filters.get('network_id'), (id) => topology.members('subnetsOfNetwork', id).values()),
};

/** Gateways of routers get an address of a version that their network had not before. */
function addressGateways(draft: Draft, subnet: Subnet): void {
  const gateways = gatewaysIn(draft.topology, subnet.network_id)
    .filter((gateway) => lacksVersion(draft.topology, gateway, subnet.ip_version))
    .slice(0, GATEWAYS_MAX);
  if (gateways.length === 0) return;
  draft.put('subnet', subnet.id, subnet);
  for (const gateway of gateways) {
    moveGateway(draft, gateway, [...gateway.fixed_ips, { subnet_id: subnet.id }]);
    const router = routerOfPort(draft.topology, gateway);
    if (router) draft.put('router', router.id, touchedRouter(router, {}, draft.at));
  }
}

/** Addresses that follow from the MAC address do not count: others may be wanted beside them. */
function lacksVersion(topology: Intent, { fixed_ips }: Port, version: 4 | 6): boolean {
  const subnets = fixed_ips
    .map(({ subnet_id }) => topology.get('subnet', subnet_id))
    .filter((subnet) => subnet !== undefined && !isAutoAddressed(subnet));
  return subnets.length < 2 && !subnets.some((subnet) => subnet?.ip_version === version);
}

function touchNetwork(draft: Draft, id: string) {
  const network = draft.topology.get('network', id);
  if (network === undefined) throw networkNotFound(id);
  draft.put('network', id, touchedNetwork(network, draft.at));
  return network;
}
