/**
 * Networks. A network goes together with its subnets, and not while it has ports. Whether it is
 * shared, or external, are RBAC policies for everybody, which these attributes make and take away.
 */
import {
  carriageOf,
  checkNetworkDelete,
  freshNetwork,
  intentError,
  isShared,
  isTunnelled,
  NETWORK_ATTRIBUTES,
  type Network,
  type NetworkCreate,
  updatedNetwork,
  vlanClaim,
  vniClaim,
  withSegment,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { networkNotFound } from './errors.ts';
import { closeToAll, openToAll } from './openness.ts';
import { applyNetworkPolicy, checkMayReplacePolicy, defaultPolicyOf } from './qos-use.ts';
import type { ResourceType } from './resource-type.ts';

/** No zone is known yet. */
const NO_STRINGS: readonly string[] = [];

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

  create: (draft, request) => {
    const given = withSegment(request);
    const { type, physical, segmentation } = carriageOf(given);
    if (segmentation !== null) {
      draft.name([
        isTunnelled(type) ? vniClaim(segmentation) : vlanClaim(physical ?? '', segmentation),
      ]);
    }
    const network = freshNetwork(withPolicy(draft, given), draft.birth(), draft);
    if (given.shared) openToAll(draft, 'network', network);
    if (network['router:external']) openToAll(draft, 'network', network, 'access_as_external');
    applyNetworkPolicy(draft, network);
    return network;
  },

  update: (draft, before, { shared, ...given }) => {
    if (shared === true) openToAll(draft, 'network', before);
    if (shared === false) unshare(draft, before);
    const external = given['router:external'];
    if (external === true) openToAll(draft, 'network', before, 'access_as_external');
    if (external === false) closeToAll(draft, before, 'access_as_external');
    const subnets = draft.topology.members('subnetsOfNetwork', before.id).values();
    const network = updatedNetwork(before, given, draft.at, subnets);
    if (given.qos_policy_id !== undefined) {
      checkMayReplacePolicy(draft, before.qos_policy_id);
      if (network.qos_policy_id !== before.qos_policy_id) applyNetworkPolicy(draft, network);
    }
    return network;
  },

  remove: (draft, { id }) => {
    checkNetworkDelete(draft.topology, id);
    for (const subnetId of draft.topology.members('subnetsOfNetwork', id).keys()) {
      draft.delete('subnet', subnetId);
    }
  },
};

/** A request that names no QoS policy means the default one of the project, if there is one. */
function withPolicy(draft: Draft, given: NetworkCreate): NetworkCreate {
  if (given.qos_policy_id !== null) return given;
  const owner = given.project_id ?? draft.requester.projectId;
  return { ...given, qos_policy_id: defaultPolicyOf(draft, owner) };
}

/** Nobody may lose the network that a port of theirs is in. */
function unshare(draft: Draft, network: Network): void {
  closeToAll(draft, network);
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
