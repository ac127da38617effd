/**
 * Networks. A network goes together with its subnets, and not while it has ports. Whether it is
 * shared, or external, are RBAC policies for everybody, which these attributes make and take away.
 */
import {
  carriageOf,
  checkNetworkDelete,
  EVERYBODY,
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
import { ensureDefaultGroup } from './default-group.ts';
import type { Draft } from './draft.ts';
import { networkNotFound } from './errors.ts';
import type { ResourceType } from './resource-type.ts';
import { deprivedProject } from './usage.ts';

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

  create: (draft, given) => {
    const { type, physical, segmentation } = carriageOf(given);
    if (segmentation !== null) {
      draft.name([
        isTunnelled(type) ? vniClaim(segmentation) : vlanClaim(physical ?? '', segmentation),
      ]);
    }
    const network = freshNetwork(given, draft.birth(), draft);
    ensureDefaultGroup(draft, network.project_id);
    if (given.shared) open(draft, network, 'access_as_shared');
    if (network['router:external']) open(draft, network, 'access_as_external');
    return network;
  },

  update: (draft, before, { shared, ...given }) => {
    if (shared === true) open(draft, before, 'access_as_shared');
    if (shared === false) unshare(draft, before);
    const external = given['router:external'];
    if (external === true) open(draft, before, 'access_as_external');
    if (external === false) close(draft, before, 'access_as_external');
    const subnets = draft.topology.members('subnetsOfNetwork', before.id).values();
    return updatedNetwork(before, given, draft.at, subnets);
  },

  remove: (draft, { id }) => {
    checkNetworkDelete(draft.topology, id);
    for (const subnetId of draft.topology.members('subnetsOfNetwork', id).keys()) {
      draft.delete('subnet', subnetId);
    }
  },
};

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
  if (deprivedProject(draft.topology, 'network', network.id) !== undefined) {
    throw intentError('InvalidSharedSetting', { network: network.name });
  }
}
