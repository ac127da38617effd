/** What a port serves: the values of `device_owner` that rules ask for. */

export const ROUTER_INTERFACE = 'network:router_interface';
export const ROUTER_GATEWAY = 'network:router_gateway';
export const FLOATING_IP = 'network:floatingip';
export const DHCP = 'network:dhcp';

/** Interfaces of routers of every kind that Neutron knows; ours are of the first. */
const INTERFACES: ReadonlySet<string> = new Set([
  ROUTER_INTERFACE,
  'network:ha_router_replicated_interface',
  'network:router_interface_distributed',
  'network:router_centralized_snat',
]);

/** Inside: the router is what announces the subnet's addresses there, and forms none itself. */
export function isRouterInterface(deviceOwner: string): boolean {
  return INTERFACES.has(deviceOwner);
}

/** Any port of a router, inside or outside: it may have addresses that no host may have. */
export function isRouterPort(deviceOwner: string): boolean {
  return deviceOwner === ROUTER_GATEWAY || isRouterInterface(deviceOwner);
}
