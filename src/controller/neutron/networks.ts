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
  scopeOfNetwork,
  touchedNetwork,
  updatedNetwork,
  vlanClaim,
  vniClaim,
  ZONE,
} from '../../topology/index.ts';
import { ensureDefaultGroup } from './default-group.ts';
import type { Draft } from './draft.ts';
import { networkNotFound } from './errors.ts';
import { closeToAll, openToAll } from './openness.ts';
import { releasePort } from './ports.ts';
import type { ResourceType } from './resource-type.ts';
import { deprivedProject } from './usage.ts';

export const NETWORKS: ResourceType<'network', typeof NETWORK_ATTRIBUTES> = {
  kind: 'network',
  singular: 'network',
  plural: 'networks',
  attributes: NETWORK_ATTRIBUTES,
  quota: 'network',
  notFound: networkNotFound,

  derive: ({ id, project_id, availability_zone_hints }, { topology, requester }) => ({
    tenant_id: project_id,
    // A network is logical: it has nothing that could be down. Ports tell what is realised.
    status: 'ACTIVE',
    shared: isShared(topology, id, requester.projectId),
    subnets: [...topology.members('subnetsOfNetwork', id).keys()],
    availability_zones: availability_zone_hints,
    ipv4_address_scope: scopeOfNetwork(topology, id, 4),
    ipv6_address_scope: scopeOfNetwork(topology, id, 6),
    l2_adjacency: true,
  }),

  create: (draft, given) => {
    const { type, physical, segmentation } = carriageOf(given);
    if (segmentation !== null) {
      draft.name([
        isTunnelled(type) ? vniClaim(segmentation) : vlanClaim(physical ?? '', segmentation),
      ]);
    }
    checkZones(given.availability_zone_hints);
    const network = freshNetwork(given, draft.birth(), draft);
    ensureDefaultGroup(draft, network.project_id);
    if (given.shared) openToAll(draft, 'network', network);
    if (network['router:external']) openToAll(draft, 'network', network, 'access_as_external');
    return network;
  },

  update: (draft, before, { shared, ...given }) => {
    if (shared === true) openToAll(draft, 'network', before);
    if (shared === false) unshare(draft, before);
    const external = given['router:external'];
    if (external === true) openToAll(draft, 'network', before, 'access_as_external');
    if (external === false) closeToAll(draft, before, 'access_as_external');
    const subnets = draft.topology.members('subnetsOfNetwork', before.id).values();
    return updatedNetwork(before, given, draft.at, subnets);
  },

  remove: (draft, { id }) => {
    checkNetworkDelete(draft.topology, id);
    for (const port of draft.topology.members('portsOfNetwork', id).values()) {
      releasePort(draft, port);
      draft.delete('port', port.id);
    }
    for (const subnetId of draft.topology.members('subnetsOfNetwork', id).keys()) {
      draft.delete('subnet', subnetId);
    }
  },
};

/** Writes a network whose set of subnets this draft changes. */
export function touchNetwork(draft: Draft, id: string): Network {
  const network = draft.topology.get('network', id);
  if (network === undefined) throw networkNotFound(id);
  draft.put('network', id, touchedNetwork(network, draft.at));
  return network;
}

/** Nobody may lose the network that a port of theirs is in. */
function unshare(draft: Draft, network: Network): void {
  closeToAll(draft, network);
  if (deprivedProject(draft.topology, 'network', network.id) !== undefined) {
    throw intentError('InvalidSharedSetting', { network: network.name });
  }
}

function checkZones(hints: readonly string[]): void {
  const unknown = hints.find((hint) => hint !== ZONE);
  if (unknown === undefined) return;
  throw intentError('AvailabilityZoneNotFound', { availability_zone: unknown });
}
