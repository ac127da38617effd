/** Floating IPs: from a checked request to a record, and what one may stand for. */
import { DHCP } from '../device-owner.ts';
import type { FloatingIp, FloatingIpCreate } from '../floating-ip.ts';
import type { Intent } from '../intent.ts';
import { type IntentError, intentError } from '../intent-error.ts';
import type { Network } from '../network.ts';
import type { FixedIp, Port } from '../port.ts';
import { type Way, wayOut } from '../routing.ts';
import type { Subnet } from '../subnet.ts';
import { badResource } from './bad-resource.ts';
import { type Birth, born, touched } from './birth.ts';

/** The members of a floating IP that say what it stands for. */
export type Association = Pick<
  FloatingIp,
  'port_id' | 'fixed_ip_address' | 'router_id' | 'gateway_port_id' | 'interface_port_id'
>;

export const NO_ASSOCIATION: Association = {
  port_id: null,
  fixed_ip_address: null,
  router_id: null,
  gateway_port_id: null,
  interface_port_id: null,
};

/** Addresses come from networks that are external and have IPv4 subnets. */
export function checkFloatingNetwork(network: Network, subnets: Iterable<Subnet>): void {
  if (!network['router:external']) {
    throw badFloatingIp(`Network ${network.id} is not a valid external network`);
  }
  if (![...subnets].some((subnet) => subnet.ip_version === 4)) {
    throw badFloatingIp(`Network ${network.id} does not contain any IPv4 subnet`);
  }
}

/** A floating IP that stands for nothing yet; `port` is its own, in the external network. */
export function freshFloatingIp(given: FloatingIpCreate, birth: Birth, port: Port): FloatingIp {
  const address = port.fixed_ips.find(isIpv4)?.ip_address;
  if (address === undefined) {
    throw intentError('ExternalIpAddressExhausted', { net_id: port.network_id });
  }
  return {
    description: given.description,
    floating_network_id: port.network_id,
    floating_ip_address: address,
    floating_port_id: port.id,
    ...NO_ASSOCIATION,
    qos_policy_id: given.qos_policy_id,
    dns_name: given.dns_name,
    dns_domain: given.dns_domain,
    ...born(birth, given),
  };
}

/** What a request wants a floating IP to stand for: an address of a port. */
export interface AssociationRequest {
  readonly port: Port;
  /** Needed where the port has several IPv4 addresses. */
  readonly address: string | undefined;
}

/** The association that is asked for, with the way that it depends on. */
export function associate(
  topology: Intent,
  fip: FloatingIp,
  { port, address }: AssociationRequest,
): { readonly association: Association; readonly way: Way } {
  if (port.device_owner === DHCP) {
    throw badFloatingIp(`Port ${port.id} is unable to be assigned a floating IP`);
  }
  const fixed = chooseAddress(port, address);
  const net_id = fip.floating_network_id;
  const way = wayOut(topology, { port, fixed }, net_id);
  if (way === undefined) {
    throw intentError('ExternalGatewayForFloatingIPNotFound', {
      external_network_id: net_id,
      subnet_id: fixed.subnet_id,
      port_id: port.id,
    });
  }
  checkAddressIsFree(topology, fip, port, fixed);
  const association = {
    port_id: port.id,
    fixed_ip_address: fixed.ip_address,
    router_id: way.router.id,
    gateway_port_id: way.gateway.id,
    interface_port_id: way.inside.id,
  };
  return { association, way };
}

function chooseAddress(port: Port, address: string | undefined): FixedIp {
  if (address?.includes(':') === true) {
    const rule = 'since that is not an IPv4 address';
    throw badFloatingIp(`Cannot process floating IP association with ${address}, ${rule}`);
  }
  const own = port.fixed_ips.filter(isIpv4);
  const matching = address === undefined ? own : own.filter((it) => it.ip_address === address);
  const [fixed, second] = matching;
  if (address !== undefined && fixed === undefined) {
    throw badFloatingIp(`Port ${port.id} does not have fixed ip ${address}`);
  }
  if (fixed === undefined) {
    const rule = 'that has no fixed IPv4 addresses';
    throw badFloatingIp(`Cannot add floating IP to port ${port.id} ${rule}`);
  }
  if (second !== undefined) {
    const rule = 'Must provide a specific IPv4 address when assigning a floating IP';
    throw badFloatingIp(`Port ${port.id} has multiple fixed IPv4 addresses.  ${rule}`);
  }
  return fixed;
}

/** An address has one floating IP of each external network; and none beside port forwardings. */
function checkAddressIsFree(topology: Intent, fip: FloatingIp, port: Port, fixed: FixedIp): void {
  const net_id = fip.floating_network_id;
  for (const other of topology.members('floatingIpsOfPort', port.id).values()) {
    if (other.id === fip.id || other.floating_network_id !== net_id) continue;
    if (other.fixed_ip_address !== fixed.ip_address) continue;
    throw intentError('FloatingIPPortAlreadyAssociated', {
      floating_ip_address: fip.floating_ip_address,
      fip_id: fip.id,
      port_id: port.id,
      fixed_ip: fixed.ip_address,
      net_id,
    });
  }
  for (const { floatingip_id } of topology.members('forwardingsOfPort', port.id).values()) {
    const routerId = topology.get('floatingip', floatingip_id)?.router_id;
    // Neutron translates for distributed routers where the port is, for port forwardings elsewhere.
    if (routerId && topology.get('router', routerId)?.distributed === true) {
      throw intentError('PortHasPortForwarding', { port_id: port.id });
    }
  }
}

/** The record of a floating IP after a change: of what it stands for, mostly. */
export function touchedFloatingIp(
  fip: FloatingIp,
  change: Partial<Association>,
  at: string,
): FloatingIp {
  return { ...fip, ...change, ...touched(fip, at) };
}

/** A floating IP whose ports are forwarded stands for no port as a whole, and stays. */
export function checkNoForwardings(topology: Intent, id: string): void {
  if (topology.members('forwardingsOfFloatingIp', id).size === 0) return;
  throw intentError('FipInUseByPortForwarding', { id });
}

export function isIpv4({ ip_address }: FixedIp): boolean {
  return !ip_address.includes(':');
}

export function badFloatingIp(msg: string): IntentError {
  return badResource('floatingip', msg);
}
