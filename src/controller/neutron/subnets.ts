/**
 * Subnets. Each write of one writes its network as well: the network's revision stands for the set
 * of its subnets, so that two subnets made at once cannot overlap and no port misses a new subnet.
 */
import {
  allocatedFrom,
  checkAffinity,
  freshSubnet,
  gatewaysIn,
  type Intent,
  isAutoAddressed,
  type Port,
  placedAt,
  poolOf,
  portsLacking,
  portsLosing,
  routerOfPort,
  SUBNET_ATTRIBUTES,
  type Subnet,
  touchedRouter,
  updatedSubnet,
  withAutoAddress,
  withoutSubnet,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { subnetNotFound } from './errors.ts';
import { union } from './narrow.ts';
import { touchNetwork } from './networks.ts';
import type { ResourceType } from './resource-type.ts';
import { moveGateway } from './router-gateways.ts';
import { takeFrom } from './subnetpools.ts';

/** Most gateways that get an address with a new subnet: the commit must stay short. */
const GATEWAYS_MAX = 400;

/** Most ports that get or lose an address in one commit, which must stay short. */
const PORTS_MAX = 1000;

export const SUBNETS: ResourceType<'subnet', typeof SUBNET_ATTRIBUTES> = {
  kind: 'subnet',
  singular: 'subnet',
  plural: 'subnets',
  attributes: SUBNET_ATTRIBUTES,
  quota: 'subnet',
  notFound: subnetNotFound,

  derive: ({ network_id, project_id }, { topology }) => ({
    tenant_id: project_id,
    'router:external': topology.get('network', network_id)?.['router:external'] ?? false,
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
    if (isAutoAddressed(subnet)) addressPorts(draft, subnet);
    if (network['router:external']) addressGateways(draft, subnet);
    return subnet;
  },

  update: (draft, before, given) => {
    touchNetwork(draft, before.network_id);
    return updatedSubnet(before, given, draft.at, draft.topology);
  },

  rest: {
    isLeft: (topology, subnet) => !isEmpty(portsLacking(topology, subnet)),
    go: (draft, subnet) => {
      draft.expect('subnet', subnet.id);
      addressPorts(draft, subnet);
    },
  },

  remove: (draft, subnet) => {
    const ports = portsLosing(draft.topology, subnet);
    touchNetwork(draft, subnet.network_id);
    for (const port of ports.slice(0, PORTS_MAX)) {
      draft.put('port', port.id, withoutSubnet(port, subnet.id, draft.at));
    }
    return ports.length > PORTS_MAX ? 'unfinished' : undefined;
  },

  narrow: (filters, topology) =>
    union(filters.get('network_id'), (id) => topology.members('subnetsOfNetwork', id).values()),
};

/** Gives addresses of a new subnet to the ports that are there, as many as this draft can hold. */
function addressPorts(draft: Draft, subnet: Subnet): void {
  const lacking = [...portsLacking(draft.topology, subnet)];
  if (lacking.length === 0) return;
  // Ports refer to the subnet, which a draft that makes it puts only now.
  if (draft.topology.get('subnet', subnet.id) === undefined) draft.put('subnet', subnet.id, subnet);
  for (const port of lacking.slice(0, Math.max(PORTS_MAX - draft.size, 0))) {
    draft.put('port', port.id, withAutoAddress(port, subnet, draft.at));
  }
}

function isEmpty(items: Iterable<unknown>): boolean {
  return items[Symbol.iterator]().next().done === true;
}

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
