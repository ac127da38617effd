/**
 * Subnets. Each write of one writes its network as well: the network's revision stands for the set
 * of its subnets, so that two subnets made at once cannot overlap and no port misses a new subnet.
 */
import {
  allocatedFrom,
  checkAffinity,
  checkSubnetDelete,
  freshSubnet,
  placedAt,
  poolOf,
  SUBNET_ATTRIBUTES,
  updatedSubnet,
} from '../../topology/index.ts';
import { subnetNotFound } from './errors.ts';
import { union } from './narrow.ts';
import { touchNetwork } from './networks.ts';
import type { ResourceType } from './resource-type.ts';
import { takeFrom } from './subnetpools.ts';

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
  }),

  create: (draft, given) => {
    const network = touchNetwork(draft, given.network_id);
    const siblings = draft.topology.members('subnetsOfNetwork', network.id).values();
    const birth = draft.birth();
    const poolId = poolOf(draft.topology, given);
    const pool = poolId === undefined ? undefined : takeFrom(draft, poolId);
    const projectId = given.project_id ?? birth.projectId;
    const placed = pool ? allocatedFrom(draft.topology, pool, given, projectId) : placedAt(given);
    const subnet = freshSubnet(placed, birth, network, siblings);
    checkAffinity(draft.topology, network.id, subnet.ip_version, pool);
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
