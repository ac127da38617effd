/** What is asked for when a router gets or loses a port inside, and what forbids it. */
import { cidrContains } from '../address.ts';
import type { Intent } from '../intent.ts';
import { type IntentError, intentError } from '../intent-error.ts';
import { rangesOf } from '../pools.ts';
import type { FixedIp, Port } from '../port.ts';
import type { Router } from '../router.ts';
import { addressValue, cidrOfSubnet, interfacesOf } from '../routing.ts';
import type { Subnet } from '../subnet.ts';
import { badResource } from './bad-resource.ts';
import { isObject, Rejected, uuid } from './values.ts';

/** A port, or the subnet that one is made for; both only to name a port of several subnets. */
export interface InterfaceRequest {
  readonly port_id?: string;
  readonly subnet_id?: string;
}

export function readInterface(body: unknown): InterfaceRequest {
  const { port_id: port, subnet_id: subnet } = isObject(body) ? body : {};
  if (port === undefined && subnet === undefined) {
    throw badRouter('Either subnet_id or port_id must be specified');
  }
  return {
    ...(port === undefined ? {} : { port_id: readId(port) }),
    ...(subnet === undefined ? {} : { subnet_id: readId(subnet) }),
  };
}

function readId(value: unknown): string {
  try {
    return uuid(value);
  } catch (error) {
    throw error instanceof Rejected ? badRouter(error.message) : error;
  }
}

/** The subnet whose gateway the router is to be. */
export function checkInterfaceSubnet(subnet: Subnet): string {
  if (subnet.gateway_ip === null) {
    throw badRouter('Subnet for router interface must have a gateway IP');
  }
  checkAddressMode(subnet);
  return subnet.gateway_ip;
}

/** Hosts of such a subnet listen to a router that is not ours. */
function checkAddressMode(subnet: Subnet): void {
  if (subnet.ip_version === 4 || subnet.ipv6_ra_mode !== null) return;
  if (subnet.ipv6_address_mode === null) return;
  const what = `IPv6 subnet ${subnet.id} configured to receive RAs from an external router`;
  throw badRouter(`${what} cannot be added to Neutron Router.`);
}

/** A port that nobody uses, with addresses that a router can have. */
export function checkInterfacePort(
  topology: Intent,
  router: Router,
  port: Port,
  subnets: readonly Subnet[],
): void {
  if (port.device_id !== '') throw portInUse(port);
  if (subnets.length === 0) throw badRouter('Router port must have at least one fixed IP');
  for (const subnet of subnets) checkAddressMode(subnet);
  checkOneIpv6Port(topology, router, port);
}

export function portInUse({ id, network_id, device_id }: Port): IntentError {
  return intentError('PortInUse', { net_id: network_id, port_id: id, device_id });
}

/** Several IPv6 subnets of a network are on one port, which announces all of them. */
function checkOneIpv6Port(topology: Intent, router: Router, port: Port): void {
  const other = hasIpv6(port) ? ipv6PortOf(topology, router, port.network_id) : undefined;
  if (other === undefined) return;
  const rule = 'Cannot have multiple router ports with the same network id if both contain IPv6';
  const which = `Existing port ${other.id} has IPv6 subnet(s) and network id ${port.network_id}`;
  throw badRouter(`${rule} subnets. ${which}`);
}

/** The router's port that has the IPv6 subnets of a network. */
export function ipv6PortOf(topology: Intent, router: Router, networkId: string): Port | undefined {
  return interfacesOf(topology, router).find(
    (port) => port.network_id === networkId && hasIpv6(port),
  );
}

function hasIpv6({ fixed_ips }: Port): boolean {
  return fixed_ips.some(({ ip_address }) => ip_address.includes(':'));
}

export function checkOneIpv4Subnet(port: Port, subnets: readonly Subnet[]): void {
  const ids = new Set(subnets.filter(({ ip_version }) => ip_version === 4).map(({ id }) => id));
  const addresses = port.fixed_ips.filter(({ subnet_id }) => ids.has(subnet_id));
  if (addresses.length > 1) throw badRouter('Cannot have multiple IPv4 subnets on router port');
}

/** Who does not own a subnet gets of it what is meant to be given out. */
export function checkPools(port: Port, subnets: readonly Subnet[], projectId: string): void {
  for (const { subnet_id, ip_address } of port.fixed_ips) {
    const subnet = subnets.find(({ id }) => id === subnet_id);
    if (subnet === undefined || subnet.project_id === projectId) continue;
    const value = addressValue(ip_address);
    if (rangesOf(subnet).some(({ first, last }) => first <= value && value <= last)) continue;
    const what = `specified port ${port.id} has an IP address out of the allocation pool of subnet`;
    const rule = `${subnet_id}, which is not owned by the project making the request`;
    throw badRouter(`Cannot add interface to router because ${what} ${rule}`);
  }
}

/** Another's subnet must be shared with the project itself: shared with everybody is too little. */
export function checkSubnetOpen(topology: Intent, subnet: Subnet, projectId: string): void {
  if (subnet.project_id === projectId) return;
  for (const policy of topology.members('policiesOfObject', subnet.network_id).values()) {
    if (policy.action === 'access_as_shared' && policy.target_tenant === projectId) return;
  }
  const rule = `subnet ${subnet.id} is not owned by project making the request`;
  throw badRouter(`Cannot add interface to router because ${rule}`);
}

/** Floating IPs, port forwardings and routes that need the router on a subnet. */
export function checkInterfaceUnused(topology: Intent, router: Router, subnet: Subnet): void {
  const names = { router_id: router.id, subnet_id: subnet.id };
  for (const { portId, address } of translatedAddresses(topology, router)) {
    const isOn = (fixed: FixedIp): boolean =>
      fixed.subnet_id === subnet.id && fixed.ip_address === address;
    if (topology.get('port', portId)?.fixed_ips.some(isOn) === true) {
      throw intentError('RouterInterfaceInUseByFloatingIP', names);
    }
  }
  const cidr = cidrOfSubnet(subnet);
  if (router.routes.some(({ nexthop }) => cidrContains(cidr, addressValue(nexthop)))) {
    throw intentError('RouterInterfaceInUseByRoute', names);
  }
}

/** The inner addresses that a router translates to others. */
function* translatedAddresses(
  topology: Intent,
  router: Router,
): Iterable<{ readonly portId: string; readonly address: string }> {
  for (const fip of topology.members('floatingIpsOfRouter', router.id).values()) {
    if (fip.port_id !== null && fip.fixed_ip_address !== null) {
      yield { portId: fip.port_id, address: fip.fixed_ip_address };
    }
    for (const forwarding of topology.members('forwardingsOfFloatingIp', fip.id).values()) {
      yield { portId: forwarding.internal_port_id, address: forwarding.internal_ip_address };
    }
  }
}

function badRouter(msg: string): IntentError {
  return badResource('router', msg);
}
