/** Ports: from a checked request to a record, and what forbids a change. */
import { mergedOptions } from '../dhcp-options.ts';
import { intentError } from '../intent-error.ts';
import { allocateAddresses, generateMac, type IpamContext, reallocateAddresses } from '../ipam.ts';
import { isSetApart } from '../isolation.ts';
import type { Network } from '../network.ts';
import { type AddressPair, type Port, type PortCreate, type PortUpdate } from '../port.ts';
import { badRequest } from './attributes.ts';
import { type Birth, born, touched } from './birth.ts';
import { checkPortSecurity, firstGroups, isTrusted } from './port-groups.ts';
import type { AddressPairRequest } from './port-values.ts';

/** A new port with its MAC address and addresses chosen; the commit's claims make them its own. */
export function freshPort(
  given: PortCreate,
  birth: Birth,
  network: Network,
  ipam: IpamContext,
): Port {
  const mac = given.mac_address ?? generateMac(ipam, network.id);
  checkMac(ipam, network.id, mac, birth.id);
  const secured =
    !isTrusted(given) && (given.port_security_enabled ?? network.port_security_enabled);
  const projectId = given.project_id ?? birth.projectId;
  const seeker = { network_id: network.id, mac_address: mac, device_owner: given.device_owner };
  // Every member by name and the spread last: the other way about costs V8 tens of microseconds.
  const port: Port = {
    network_id: network.id,
    name: given.name,
    description: given.description,
    mac_address: mac,
    fixed_ips: allocateAddresses(ipam, seeker, given.fixed_ips),
    admin_state_up: given.admin_state_up,
    device_id: given.device_id,
    device_owner: given.device_owner,
    port_security_enabled: secured,
    mac_learning_enabled: given.mac_learning_enabled,
    security_groups: firstGroups(ipam.topology, given, { projectId, secured }),
    allowed_address_pairs: pairsWithMac(given.allowed_address_pairs, mac),
    'binding:host_id': given['binding:host_id'],
    'binding:vnic_type': given['binding:vnic_type'],
    'binding:profile': given['binding:profile'],
    extra_dhcp_opts: mergedOptions([], given.extra_dhcp_opts),
    dns_name: given.dns_name,
    dns_domain: given.dns_domain,
    ip_allocation: given.fixed_ips?.length === 0 ? 'none' : 'immediate',
    propagate_uplink_status: given.propagate_uplink_status,
    data_plane_status: null,
    device_profile: given.device_profile,
    numa_affinity_policy: given.numa_affinity_policy,
    qos_policy_id: given.qos_policy_id,
    isolation: given.isolation,
    isolation_community: given.isolation_community,
    ...born(birth, given),
  };
  checkPortSecurity(port, given);
  checkIsolation(port);
  return port;
}

export function updatedPort(port: Port, given: PortUpdate, at: string, ipam: IpamContext): Port {
  const { fixed_ips: requested, allowed_address_pairs: pairs, ...plain } = given;
  const mac_address = givenMac(port, given, ipam);
  const after = { ...port, ...plain, mac_address, ...touched(port, at) };
  if (after.mac_address !== port.mac_address) {
    checkMac(ipam, port.network_id, after.mac_address, port.id);
  }
  const moved = requested !== undefined || after.mac_address !== port.mac_address;
  const updated: Port = {
    ...after,
    fixed_ips: moved ? reallocateAddresses(ipam, port, after, requested) : port.fixed_ips,
    allowed_address_pairs:
      pairs === undefined ? port.allowed_address_pairs : pairsWithMac(pairs, after.mac_address),
    extra_dhcp_opts: mergedOptions(port.extra_dhcp_opts, given.extra_dhcp_opts ?? []),
    ...withoutBindingTo(after['binding:host_id'], port),
  };
  checkPortSecurity(updated, given);
  checkIsolation(updated);
  return updated;
}

/** The binding to a host that the port is said to be on is the active one. */
function withoutBindingTo(host: string, { inactive_bindings: bindings = [] }: Port): Partial<Port> {
  if (bindings.length === 0) return {};
  return { inactive_bindings: bindings.filter((binding) => binding.host !== host) };
}

/**
 * Other hosts know who sends by the source MAC address: so a port that is set apart has port
 * security, and no MAC address but its own. Its community has a name.
 */
function checkIsolation(port: Port): void {
  const { isolation, isolation_community: community } = port;
  if ((isolation === 'community') !== (community !== null && community !== '')) {
    throw badRequest("isolation_community goes with isolation of 'community', and that with it.");
  }
  if (!isSetApart(port)) return;
  if (!port.port_security_enabled) throw intentError('IsolationAndPortSecurityRequired', {});
  const foreign = port.allowed_address_pairs.find((pair) => pair.mac_address !== port.mac_address);
  if (foreign === undefined) return;
  throw intentError('IsolationAndForeignMac', { mac_address: foreign.mac_address });
}

/** The MAC address after an update: null asks for another one. */
function givenMac(port: Port, { mac_address: mac }: PortUpdate, ipam: IpamContext): string {
  if (mac === null) return generateMac(ipam, port.network_id);
  return mac ?? port.mac_address;
}

function pairsWithMac(pairs: readonly AddressPairRequest[], mac: string): AddressPair[] {
  return pairs.map((pair) => ({
    ip_address: pair.ip_address,
    mac_address: pair.mac_address ?? mac,
  }));
}

function checkMac(ipam: IpamContext, networkId: string, mac: string, portId: string): void {
  const owner = ipam.topology.portByMac(networkId, mac);
  if (owner !== undefined && owner.id !== portId) {
    throw intentError('MacAddressInUse', { net_id: networkId, mac });
  }
}
