/**
 * Subnets. Each write of one writes its network as well: the network's revision stands for the set
 * of its subnets, so that two subnets made at once cannot overlap and no port misses a new subnet.
 */
import {
  checkSubnetDelete,
  freshSubnet,
  SUBNET_ATTRIBUTES,
  touchedNetwork,
  updatedSubnet,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { networkNotFound, subnetNotFound } from './errors.ts';
import { union } from './narrow.ts';
import type { ResourceType } from './resource-type.ts';

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
    segment_id: null,
    subnetpool_id: null,
  }),

  create: (draft, given) => {
    const network = touchNetwork(draft, given.network_id);
    const siblings = draft.topology.members('subnetsOfNetwork', network.id).values();
    return freshSubnet(given, draft.birth(), network, siblings);
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

function touchNetwork(draft: Draft, id: string) {
  const network = draft.topology.get('network', id);
  if (network === undefined) throw networkNotFound(id);
  draft.put('network', id, touchedNetwork(network, draft.at));
  return network;
}
