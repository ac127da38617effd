/**
 * Networks. A network goes together with its subnets, and not while it has ports. Whether it is
 * shared, or external, are RBAC policies for everybody, which these attributes make and take away.
 */
import {
  carriageOf,
  checkNetworkDelete,
  checkNoGateways,
  EVERYBODY,
  externalPolicies,
  freshNetwork,
  intentError,
  isShared,
  isTunnelled,
  NETWORK_ATTRIBUTES,
  type Network,
  type RbacAction,
  updatedNetwork,
  vlanClaim,
  vniClaim,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { networkNotFound } from './errors.ts';
import { deleteFloatingIp } from './floating-ips.ts';
import type { ResourceType } from './resource-type.ts';

/** No zone is known yet. */
const NO_STRINGS: readonly string[] = [];

/** Most floating IPs that go with a network: the commit must stay short. */
const FLOATING_IPS_MAX = 400;

export const NETWORKS: ResourceType<'network', typeof NETWORK_ATTRIBUTES> = {
  kind: 'network',
  singular: 'network',
  plural: 'networks',
  attributes: NETWORK_ATTRIBUTES,
  quota: 'network',
  notFound: networkNotFound,

  derive: ({ id, project_id }, { topology, requester }) => ({
    tenant_id: project_id,
    // A network is logical: it has nothing that could be down. Ports tell what is realised.
    status: 'ACTIVE',
    shared: isShared(topology, id, requester.projectId),
    subnets: [...topology.members('subnetsOfNetwork', id).keys()],
    availability_zone_hints: NO_STRINGS,
    availability_zones: NO_STRINGS,
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    l2_adjacency: true,
  }),

  create: (draft, given) => {
    const { type, physical, segmentation } = carriageOf(given);
    if (segmentation !== null) {
      draft.name([
        isTunnelled(type) ? vniClaim(segmentation) : vlanClaim(physical ?? '', segmentation),
      ]);
    }
    const network = freshNetwork(given, draft.birth(), draft);
    if (given.shared) open(draft, network, 'access_as_shared');
    if (network['router:external']) open(draft, network, 'access_as_external');
    return network;
  },

  update: (draft, before, { shared, ...given }) => {
    if (shared === true) open(draft, before, 'access_as_shared');
    if (shared === false) unshare(draft, before);
    const external = given['router:external'] ?? before['router:external'];
    if (external !== before['router:external']) setExternal(draft, before, external);
    const subnets = draft.topology.members('subnetsOfNetwork', before.id).values();
    return updatedNetwork(before, given, draft.at, subnets);
  },

  remove: (draft, { id }) => {
    releaseFloatingIps(draft, id);
    checkNetworkDelete(draft.topology, id);
    for (const subnetId of draft.topology.members('subnetsOfNetwork', id).keys()) {
      draft.delete('subnet', subnetId);
    }
  },
};

/** Floating IPs that stand for nothing go with their network. */
function releaseFloatingIps(draft: Draft, networkId: string): void {
  const fips = [...draft.topology.members('floatingIpsOfNetwork', networkId).values()];
  const free = fips.filter(({ port_id }) => port_id === null);
  // The ports that are left then tell that the network is in use.
  for (const fip of free.slice(0, FLOATING_IPS_MAX)) deleteFloatingIp(draft, fip);
}

/** Every project may have routers in an external network; one that has some stays external. */
function setExternal(draft: Draft, network: Network, external: boolean): void {
  if (external) return open(draft, network, 'access_as_external');
  checkNoGateways(draft.topology, network.id);
  for (const policy of externalPolicies(draft.topology, network.id)) {
    draft.delete('rbac_policy', policy.id);
  }
}

/** Opens the network to everybody, unless it is open already. */
function open(draft: Draft, { id, project_id }: Network, action: RbacAction): void {
  if (policiesForAll(draft, id, action).length > 0) return;
  const policy = {
    id: draft.random.uuid(),
    project_id,
    object_type: 'network',
    object_id: id,
    action,
    target_tenant: EVERYBODY,
  } as const;
  draft.put('rbac_policy', policy.id, policy);
}

function close(draft: Draft, { id }: Network, action: RbacAction): void {
  for (const policyId of policiesForAll(draft, id, action)) draft.delete('rbac_policy', policyId);
}

function policiesForAll(draft: Draft, networkId: string, action: RbacAction): string[] {
  return [...draft.topology.members('policiesOfObject', networkId).values()]
    .filter((policy) => policy.action === action && policy.target_tenant === EVERYBODY)
    .map(({ id }) => id);
}

/** Nobody may lose the network that a port of theirs is in. */
function unshare(draft: Draft, network: Network): void {
  close(draft, network, 'access_as_shared');
  if (isUsedByStrangers(draft, network.id)) {
    throw intentError('InvalidSharedSetting', { network: network.name });
  }
}

/** Whether a project has a port or a subnet in a network that is not open to it in this draft. */
export function isUsedByStrangers({ topology }: Draft, networkId: string): boolean {
  const owner = topology.get('network', networkId)?.project_id;
  const users = new Set<string>();
  for (const { project_id } of topology.members('portsOfNetwork', networkId).values()) {
    users.add(project_id);
  }
  for (const { project_id } of topology.members('subnetsOfNetwork', networkId).values()) {
    users.add(project_id);
  }
  return [...users].some((user) => user !== owner && !isShared(topology, networkId, user));
}
