/**
 * Networks. A network goes together with its subnets, and not while it has ports. Whether it is
 * shared, or external, are RBAC policies for everybody, which these attributes make and take away.
 */
import {
  carriageOf,
  checkNetworkDelete,
  checkNoGateways,
  checkOnlyDefault,
  DEFAULT_EXTERNAL_CLAIM,
  externalPolicies,
  freshNetwork,
  intentError,
  isShared,
  isTunnelled,
  NETWORK_ATTRIBUTES,
  type Network,
  type NetworkCreate,
  scopeOfNetwork,
  touchedNetwork,
  updatedNetwork,
  vlanClaim,
  vniClaim,
  withSegment,
  ZONE,
} from '../../topology/index.ts';
import { ensureDefaultGroup } from './default-group.ts';
import type { Draft } from './draft.ts';
import { networkNotFound } from './errors.ts';
import { deleteFloatingIp } from './floating-ips.ts';
import { closeToAll, openToAll } from './openness.ts';
import { releasePort } from './ports.ts';
import { applyNetworkPolicy, checkMayReplacePolicy, defaultPolicyOf } from './qos-use.ts';
import type { ResourceType } from './resource-type.ts';
import { deprivedProject } from './usage.ts';

/** Most floating IPs that go with a network: the commit must stay short. */
const FLOATING_IPS_MAX = 400;

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

  create: (draft, request) => {
    const given = withSegment(request);
    const { type, physical, segmentation } = carriageOf(given);
    if (segmentation !== null) {
      draft.name([
        isTunnelled(type) ? vniClaim(segmentation) : vlanClaim(physical ?? '', segmentation),
      ]);
    }
    checkZones(given.availability_zone_hints);
    const network = freshNetwork(withPolicy(draft, given), draft.birth(), draft);
    if (given.is_default) takeDefault(draft, network.id);
    ensureDefaultGroup(draft, network.project_id);
    if (given.shared) openToAll(draft, 'network', network);
    if (network['router:external']) openToAll(draft, 'network', network, 'access_as_external');
    applyNetworkPolicy(draft, network);
    return network;
  },

  update: (draft, before, { shared, ...given }) => {
    if (shared === true) openToAll(draft, 'network', before);
    if (shared === false) unshare(draft, before);
    const external = given['router:external'] ?? before['router:external'];
    if (external !== before['router:external']) setExternal(draft, before, external);
    const subnets = draft.topology.members('subnetsOfNetwork', before.id).values();
    const network = updatedNetwork(before, given, draft.at, subnets);
    if (given.is_default === true) takeDefault(draft, before.id);
    if (given.qos_policy_id !== undefined) {
      checkMayReplacePolicy(draft, before.qos_policy_id);
      if (network.qos_policy_id !== before.qos_policy_id) applyNetworkPolicy(draft, network);
    }
    return network;
  },

  remove: (draft, { id }) => {
    releaseFloatingIps(draft, id);
    checkNetworkDelete(draft.topology, id);
    for (const port of draft.topology.members('portsOfNetwork', id).values()) {
      releasePort(draft, port);
      draft.delete('port', port.id);
    }
    for (const subnetId of draft.topology.members('subnetsOfNetwork', id).keys()) {
      draft.delete('subnet', subnetId);
    }
    for (const projectId of draft.topology.members('topologiesOfNetwork', id).keys()) {
      draft.delete('auto_allocated_topology', projectId);
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

/** That another network is the default one already is for the client to know. */
function takeDefault(draft: Draft, id: string): void {
  checkOnlyDefault(draft.topology, id);
  draft.name([DEFAULT_EXTERNAL_CLAIM]);
}

/** Floating IPs that stand for nothing go with their network. */
function releaseFloatingIps(draft: Draft, networkId: string): void {
  const fips = [...draft.topology.members('floatingIpsOfNetwork', networkId).values()];
  const free = fips.filter(({ port_id }) => port_id === null);
  // The ports that are left then tell that the network is in use.
  for (const fip of free.slice(0, FLOATING_IPS_MAX)) deleteFloatingIp(draft, fip);
}

/** Every project may have routers in an external network; one that has some stays external. */
function setExternal(draft: Draft, network: Network, external: boolean): void {
  if (external) return openToAll(draft, 'network', network, 'access_as_external');
  checkNoGateways(draft.topology, network.id);
  for (const policy of externalPolicies(draft.topology, network.id)) {
    draft.delete('rbac_policy', policy.id);
  }
}

/** A request that names no QoS policy means the default one of the project, if there is one. */
function withPolicy(draft: Draft, given: NetworkCreate): NetworkCreate {
  if (given.qos_policy_id !== null) return given;
  const owner = given.project_id ?? draft.requester.projectId;
  return { ...given, qos_policy_id: defaultPolicyOf(draft, owner) };
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
