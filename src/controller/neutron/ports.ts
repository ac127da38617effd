/**
 * Ports. A port owns its MAC address and its addresses by claims, and holds its network and subnets
 * by references: the commit decides both, whatever other requests do.
 */
import {
  addressClaim,
  checkPortOfTrunk,
  freshPort,
  type Intent,
  intentError,
  isAutoAddressed,
  macClaim,
  PORT_ATTRIBUTES,
  type Port,
  type PortCreate,
  type PortUpdate,
  type Topology,
  updatedPort,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { networkNotFound, portNotFound } from './errors.ts';
import { type Filters, valuesAfter } from './filters.ts';
import { union } from './narrow.ts';
import { applyPortPolicy, checkMayReplacePolicy } from './qos-use.ts';
import { resourceRequest } from './resource-request.ts';
import type { ResourceType } from './resource-type.ts';
import { trunkDetails } from './trunk-details.ts';

/** How a host plugs a bound port (os-vif's terms): the filter is ours, the bridge is known. */
const VIF_DETAILS = {
  port_filter: true,
  connectivity: 'l2',
  ovs_hybrid_plug: false,
  bridge_name: 'br-int',
} as const;

const NO_DETAILS = {};
const NO_OPTIONS: readonly unknown[] = [];
const NO_STRINGS: readonly string[] = [];

export const PORTS: ResourceType<'port', typeof PORT_ATTRIBUTES> = {
  kind: 'port',
  singular: 'port',
  plural: 'ports',
  attributes: PORT_ATTRIBUTES,
  quota: 'port',
  notFound: portNotFound,

  derive: (port, { topology }) => {
    const bound = isBound(port, topology);
    const network = topology.get('network', port.network_id);
    return {
      tenant_id: port.project_id,
      status: portStatus(port, topology),
      extra_dhcp_opts: NO_OPTIONS,
      'binding:vif_type': bound ? 'ovs' : 'unbound',
      'binding:vif_details': bound ? VIF_DETAILS : NO_DETAILS,
      qos_network_policy_id: network?.qos_policy_id ?? null,
      trunk_details: trunkDetails(topology, port.id),
      resource_request: resourceRequest(topology, port, network),
    };
  },

  create: (draft, given) => {
    const network = draft.topology.get('network', given.network_id);
    if (network === undefined) throw networkNotFound(given.network_id);
    const port = freshPort(given, draft.birth(), network, draft);
    // The network's revision stands for its set of subnets, from which the addresses were chosen.
    draft.expect('network', network.id);
    draft.name(namedClaims(draft.topology, port, given));
    applyPortPolicy(draft, port);
    return port;
  },

  update: (draft, before, given) => {
    const port = updatedPort(before, given, draft.at, draft);
    checkMacChange(draft, before, port);
    draft.name(namedClaims(draft.topology, port, given));
    if (given.qos_policy_id !== undefined) {
      checkMayReplacePolicy(draft, before.qos_policy_id);
      if (port.qos_policy_id !== before.qos_policy_id) applyPortPolicy(draft, port);
    }
    return port;
  },

  /** What was derived from a port goes with it. */
  remove: (draft, { id }) => {
    checkPortOfTrunk(draft.topology, id);
    draft.deleteIfAny('binding', id);
    draft.deleteIfAny('status', id);
  },

  narrow: narrowPorts,
};

function portStatus(port: Port, topology: Intent): 'ACTIVE' | 'DOWN' {
  return port.admin_state_up && topology.get('status', port.id)?.active ? 'ACTIVE' : 'DOWN';
}

/** Nova reads the answer to its own `binding:host_id` at once, before anything is plugged. */
function isBound(port: Port, topology: Intent): boolean {
  return port['binding:host_id'] !== '' || topology.get('binding', port.id) !== undefined;
}

/** Claims that the request leaves us no choice about. */
function namedClaims(
  topology: Intent,
  port: Port,
  request: PortCreate | PortUpdate,
): ReadonlySet<string> {
  const claims = new Set<string>();
  const givenMac = request.mac_address !== undefined;
  if (givenMac) claims.add(macClaim(port.network_id, port.mac_address));
  for (const { subnet_id, ip_address } of port.fixed_ips) {
    const asked = request.fixed_ips?.some((wish) => wish.ip_address === ip_address) ?? false;
    const subnet = topology.get('subnet', subnet_id);
    const follows = givenMac && subnet !== undefined && isAutoAddressed(subnet);
    if (asked || follows) claims.add(addressClaim(subnet_id, ip_address));
  }
  return claims;
}

/** The VM behind a plugged port would go on sending from its old MAC address. */
function checkMacChange(draft: Draft, before: Port, after: Port): void {
  if (before.mac_address === after.mac_address) return;
  if (draft.topology.get('binding', before.id) === undefined) return;
  throw intentError('PortBound', {
    port_id: before.id,
    vif_type: 'ovs',
    old_mac: before.mac_address,
    new_mac: after.mac_address,
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
