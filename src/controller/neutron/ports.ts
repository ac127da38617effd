/**
 * Ports. A port owns its MAC address and its addresses by claims, and holds its network and subnets
 * by references: the commit decides both, whatever other requests do.
 */
import {
  addressClaim,
  checkGroupsOfPort,
  checkPortOfTrunk,
  checkServicePortDelete,
  checkServicePortUpdate,
  dnsAssignment,
  FLOATING_IP,
  freshPort,
  type Intent,
  intentError,
  isAutoAddressed,
  isRouterInterface,
  keptNames,
  macClaim,
  PORT_ATTRIBUTES,
  type Port,
  type PortUpdate,
  type Topology,
  updatedPort,
} from '../../topology/index.ts';
import { ensureDefaultGroup } from './default-group.ts';
import type { Draft } from './draft.ts';
import { networkNotFound, portNotFound } from './errors.ts';
import { type Filters, valuesAfter } from './filters.ts';
import { union } from './narrow.ts';
import { deleteLogs } from './network-logs.ts';
import { isAllowed } from './policy.ts';
import { applyPortPolicy, checkMayReplacePolicy } from './qos-use.ts';
import { resourceRequest } from './resource-request.ts';
import type { ResourceType } from './resource-type.ts';
import { endTranslations } from './translations.ts';
import { trunkDetails } from './trunk-details.ts';
import { checkVifName, vifDetails, vifType } from './vif.ts';

const NO_STRINGS: readonly string[] = [];

export const PORTS: ResourceType<'port', typeof PORT_ATTRIBUTES> = {
  kind: 'port',
  singular: 'port',
  plural: 'ports',
  attributes: PORT_ATTRIBUTES,
  quota: 'port',
  notFound: portNotFound,

  derive: (port, { topology }) => {
    const type = vifType(port, topology);
    const network = topology.get('network', port.network_id);
    return {
      status: portStatus(port, topology),
      'binding:vif_type': type,
      'binding:vif_details': vifDetails(type),
      qos_network_policy_id: network?.qos_policy_id ?? null,
      trunk_details: trunkDetails(topology, port.id),
      resource_request: resourceRequest(topology, port, network),
    };
  },

  follow: (port, { dnsDomain }) => ({
    tenant_id: port.project_id,
    dns_assignment: dnsAssignment(port, dnsDomain),
  }),

  create: (draft, given) => {
    ensureDefaultGroup(draft, given.project_id ?? draft.requester.projectId);
    const network = draft.topology.get('network', given.network_id);
    if (network === undefined) throw networkNotFound(given.network_id);
    const port = freshPort(keptNames(given, draft.dnsDomain), draft.birth(), network, draft);
    checkGroups(draft, port.security_groups);
    checkDeviceOwner(draft, port);
    // The network's revision stands for its set of subnets, from which the addresses were chosen.
    draft.expect('network', network.id);
    draft.name(namedClaims(draft.topology, port, given));
    checkVifName(draft, port);
    applyPortPolicy(draft, port);
    return port;
  },

  update: (draft, before, given) => {
    const port = updatedPort(before, keptNames(given, draft.dnsDomain), draft.at, draft);
    checkServicePortUpdate(draft.topology, before, port);
    if (given.device_id !== undefined || given.device_owner !== undefined) {
      checkDeviceOwner(draft, port);
    }
    checkMacChange(draft, before, port);
    checkVifName(draft, port, before);
    if (!sameMembers(before.security_groups, port.security_groups)) {
      checkGroups(draft, port.security_groups);
    }
    if (given.numa_affinity_policy !== undefined) checkNumaChange(draft, port);
    draft.name(namedClaims(draft.topology, port, given));
    if (given.qos_policy_id !== undefined) {
      checkMayReplacePolicy(draft, before.qos_policy_id);
      if (port.qos_policy_id !== before.qos_policy_id) applyPortPolicy(draft, port);
    }
    const kept = new Set(port.fixed_ips.map((fixed) => fixed.ip_address));
    endTranslations(draft, port, kept);
    return port;
  },

  remove: (draft, port) => {
    checkPortOfTrunk(draft.topology, port.id);
    checkServicePortDelete(draft.topology, port);
    releasePort(draft, port);
  },

  ofProject: portsOfProject,
  narrow: narrowPorts,
};

/** A project's own ports, and whosever are in networks of its own. */
function* portsOfProject(projectId: string, topology: Topology): Iterable<Port> {
  yield* topology.ofProject('port', projectId).values();
  for (const network of topology.ofProject('network', projectId).keys()) {
    for (const port of topology.members('portsOfNetwork', network).values()) {
      if (port.project_id !== projectId) yield port;
    }
  }
}

function checkGroups({ requester, topology }: Draft, ids: readonly string[]): void {
  checkGroupsOfPort(topology, ids, (group) =>
    isAllowed('get_security_group', requester, group, topology),
  );
}

function sameMembers(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((id) => others.includes(id));
}

const NO_ADDRESSES: ReadonlySet<string> = new Set();

/** What was derived from a port, or is about it, goes with it, and what led to it ends. */
export function releasePort(draft: Draft, port: Port): void {
  draft.deleteIfAny('binding', port.id);
  draft.deleteIfAny('status', port.id);
  for (const id of draft.topology.members('learnedMacsOfPort', port.id).keys()) {
    draft.deleteIfAny('learned_mac', id);
  }
  draft.deleteIfAny('membership', port.id);
  deleteLogs(draft, 'logsOfPort', port.id);
  endTranslations(draft, port, NO_ADDRESSES);
}

/** Only operators make a port one of another project's router. */
export function checkDeviceOwner({ topology, requester }: Draft, port: Port): void {
  if (requester.isAdmin || !isRouterInterface(port.device_owner)) return;
  const router = topology.get('router', port.device_id);
  if (router === undefined || router.project_id === port.project_id) return;
  throw intentError('DeviceIDNotOwnedByTenant', { device_id: port.device_id });
}

/** A floating IP's own port is never plugged, so it has no status. */
export function portStatus(port: Port, topology: Intent): 'ACTIVE' | 'DOWN' | 'N/A' {
  if (port.device_owner === FLOATING_IP) return 'N/A';
  return port.admin_state_up && topology.get('status', port.id)?.active ? 'ACTIVE' : 'DOWN';
}

/** Claims that the request leaves us no choice about. */
export function namedClaims(
  topology: Intent,
  port: Port,
  request: Pick<PortUpdate, 'mac_address' | 'fixed_ips'>,
): ReadonlySet<string> {
  const claims = new Set<string>();
  const givenMac = typeof request.mac_address === 'string';
  if (givenMac) claims.add(macClaim(port.network_id, port.mac_address));
  for (const { subnet_id, ip_address } of port.fixed_ips) {
    const asked = request.fixed_ips?.some((wish) => wish.ip_address === ip_address) ?? false;
    const subnet = topology.get('subnet', subnet_id);
    const follows = givenMac && subnet !== undefined && isAutoAddressed(subnet);
    if (asked || follows) claims.add(addressClaim(subnet_id, ip_address));
  }
  return claims;
}

/** The VM behind a bound port would go on sending from its old MAC address. */
function checkMacChange(draft: Draft, before: Port, after: Port): void {
  const type = vifType(before, draft.topology);
  if (before.mac_address === after.mac_address || type !== 'ovs') return;
  throw intentError('PortBound', {
    port_id: before.id,
    vif_type: type,
    old_mac: before.mac_address,
    new_mac: after.mac_address,
  });
}

/** The host has placed the VM by now. */
function checkNumaChange(draft: Draft, port: Port): void {
  if (vifType(port, draft.topology) !== 'ovs') return;
  throw intentError('PortBoundNUMAAffinityPolicy', {
    port_id: port.id,
    host_id: port['binding:host_id'],
    numa_affinity_policy: port.numa_affinity_policy ?? 'None',
  });
}

/** The index that holds the fewest candidates for the usual questions about ports. */
function narrowPorts(filters: Filters, topology: Topology): Iterable<Port> | undefined {
  const devices = filters.get('device_id');
  const subnets = valuesAfter(filters.get('fixed_ips') ?? NO_STRINGS, 'subnet_id=');
  return (
    // Ports without a device are in no index.
    (devices?.includes('')
      ? undefined
      : union(devices, (id) => topology.members('portsOfDevice', id).values())) ??
    (subnets.length > 0 ? portsOfSubnets(subnets, topology) : undefined) ??
    portsOfGroups(filters.get('security_groups'), topology) ??
    union(filters.get('network_id'), (id) => topology.members('portsOfNetwork', id).values())
  );
}

function* portsOfSubnets(subnets: readonly string[], topology: Topology): Iterable<Port> {
  const ids = new Set(subnets.flatMap((id) => [...topology.addressesOfSubnet(id).values()]));
  for (const id of ids) {
    const port = topology.get('port', id);
    if (port) yield port;
  }
}

/** A port may be in several of the groups. */
function portsOfGroups(
  groups: readonly string[] | undefined,
  topology: Topology,
): Iterable<Port> | undefined {
  if (groups === undefined) return undefined;
  return new Set(groups.flatMap((id) => [...topology.members('portsOfGroup', id).values()]));
}
