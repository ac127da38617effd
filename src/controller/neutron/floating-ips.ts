/**
 * Floating IPs. Each has a port of its own in the external network, which owns the address. One
 * that stands for a port holds, by references, that port and the two ports of the router between
 * them.
 */
import {
  type Association,
  associate,
  badFloatingIp,
  checkFloatingNetwork,
  checkNoForwardings,
  FLOATING_IP,
  FLOATING_IP_ATTRIBUTES,
  type FloatingIp,
  type FloatingIpCreate,
  type FloatingIpUpdate,
  freshFloatingIp,
  type Intent,
  NO_ASSOCIATION,
  singlePort,
  touchedFloatingIp,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { floatingIpNotFound } from './errors.ts';
import { union } from './narrow.ts';
import { portStatus } from './ports.ts';
import { checkAddressPolicy } from './qos-use.ts';
import type { ResourceType, View } from './resource-type.ts';
import { addServicePort, NO_PROJECT, removeServicePort } from './service-ports.ts';
import { keepWay } from './translations.ts';
import { visible } from './visible.ts';

export const FLOATING_IPS: ResourceType<'floatingip', typeof FLOATING_IP_ATTRIBUTES> = {
  kind: 'floatingip',
  singular: 'floatingip',
  plural: 'floatingips',
  attributes: FLOATING_IP_ATTRIBUTES,
  quota: 'floatingip',
  notFound: floatingIpNotFound,

  derive: (fip, { topology }) => ({
    tenant_id: fip.project_id,
    status: 'DOWN',
    qos_network_policy_id: topology.get('network', fip.floating_network_id)?.qos_policy_id ?? null,
    port_details: portDetails(fip, topology),
    port_forwardings: forwardingsOf(fip, topology),
  }),

  create: (draft, given) => {
    const network = visible('network', given.floating_network_id, draft);
    checkFloatingNetwork(network, draft.topology.members('subnetsOfNetwork', network.id).values());
    checkAddressPolicy(draft, given.qos_policy_id, null);
    const birth = draft.birth();
    const port = addServicePort(draft, network, {
      project_id: NO_PROJECT,
      device_id: birth.id,
      device_owner: FLOATING_IP,
      ...fixedIpsOf(given),
    });
    const fip = freshFloatingIp(given, birth, port);
    return { ...fip, ...association(draft, fip, given) };
  },

  update: (draft, before, given) => {
    const { port_id, fixed_ip_address, ...plain } = given;
    const fip = { ...before, ...plain };
    checkAddressPolicy(draft, fip.qos_policy_id, before.qos_policy_id);
    // As with Neutron, a body that names nothing ends the association, and one that names other
    // things alone leaves it as it is.
    const isMeant = port_id !== undefined || fixed_ip_address != null;
    const changes = isMeant || Object.keys(given).length === 0;
    return touchedFloatingIp(fip, changes ? association(draft, fip, given) : {}, draft.at);
  },

  remove: (draft, fip) => {
    checkNoForwardings(draft.topology, fip.id);
    removeOwnPort(draft, fip);
  },

  narrow: (filters, topology) =>
    union(filters.get('port_id'), (id) => topology.members('floatingIpsOfPort', id).values()) ??
    union(filters.get('router_id'), (id) => topology.members('floatingIpsOfRouter', id).values()) ??
    union(filters.get('floating_network_id'), (id) =>
      topology.members('floatingIpsOfNetwork', id).values(),
    ),
};

/** Where the request wants the address, if it says. */
function fixedIpsOf({ subnet_id: subnet, floating_ip_address: address }: FloatingIpCreate) {
  if (subnet == null && address == null) return {};
  const where = subnet == null ? {} : { subnet_id: subnet };
  const which = address == null ? {} : { ip_address: address };
  return { fixed_ips: [{ ...where, ...which }] };
}

/** What a request wants a floating IP to stand for; all that this leans on stays until then. */
function association(
  draft: Draft,
  fip: FloatingIp,
  { port_id, fixed_ip_address: address }: FloatingIpUpdate,
): Association {
  if (port_id == null) {
    if (address != null)
      throw badFloatingIp('fixed_ip_address cannot be specified without a port_id');
    // One whose ports are forwarded keeps its router.
    return fip.port_id === null ? fip : NO_ASSOCIATION;
  }
  const port = visible('port', port_id, draft);
  if (port.project_id !== fip.project_id && !draft.requester.isAdmin) {
    const rule = 'since that port is owned by a different tenant';
    throw badFloatingIp(`Cannot process floating IP association with Port ${port_id}, ${rule}`);
  }
  const wish = { port, address: address ?? undefined };
  const { association: found, way } = associate(draft.topology, fip, wish);
  checkNoForwardings(draft.topology, fip.id);
  keepWay(draft, port, way);
  return found;
}

function portDetails({ port_id }: FloatingIp, topology: Intent): View | null {
  const port = port_id === null ? undefined : topology.get('port', port_id);
  if (port === undefined) return null;
  return {
    name: port.name,
    network_id: port.network_id,
    mac_address: port.mac_address,
    admin_state_up: port.admin_state_up,
    status: portStatus(port, topology),
    device_id: port.device_id,
    device_owner: port.device_owner,
  };
}

function forwardingsOf({ id }: FloatingIp, topology: Intent): readonly View[] {
  return [...topology.members('forwardingsOfFloatingIp', id).values()].map((forwarding) => ({
    id: forwarding.id,
    protocol: forwarding.protocol,
    internal_port_id: forwarding.internal_port_id,
    internal_ip_address: forwarding.internal_ip_address,
    internal_port: singlePort(forwarding.internal_port_range),
    external_port: singlePort(forwarding.external_port_range),
  }));
}

/** Deletes a floating IP with its port, as when its network goes. */
export function deleteFloatingIp(draft: Draft, fip: FloatingIp): void {
  checkNoForwardings(draft.topology, fip.id);
  draft.delete('floatingip', fip.id);
  removeOwnPort(draft, fip);
}

function removeOwnPort(draft: Draft, { floating_port_id: id }: FloatingIp): void {
  const port = draft.topology.get('port', id);
  if (port !== undefined) removeServicePort(draft, port);
}
