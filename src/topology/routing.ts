/** What routers join: lookups over routers, their ports and the subnets of these. */
import { defined } from '../lib/assert.ts';
import { type AddressValue, type Cidr, parseAddress, parseCidr } from './address.ts';
import { isRouterInterface } from './device-owner.ts';
import type { Intent } from './intent.ts';
import type { FixedIp, Port } from './port.ts';
import { type Router, routerPortIds } from './router.ts';
import type { Subnet } from './subnet.ts';

/** The router that a port is attached to, outside or inside. */
export function routerOfPort(topology: Intent, port: Port): Router | undefined {
  const router = topology.get('router', port.device_id);
  return router && routerPortIds(router).includes(port.id) ? router : undefined;
}

export function gatewayOf(topology: Intent, router: Router): Port | undefined {
  const { gateway_port_id: id } = router;
  return id === null ? undefined : topology.get('port', id);
}

export function interfacesOf(topology: Intent, router: Router): readonly Port[] {
  return router.interface_port_ids
    .map((id) => topology.get('port', id))
    .filter((port) => port !== undefined);
}

/** The subnets of a port's addresses, each once. */
export function subnetsOfPort(topology: Intent, { fixed_ips }: Pick<Port, 'fixed_ips'>): Subnet[] {
  return [...new Set(fixed_ips.map((fixed) => fixed.subnet_id))]
    .map((id) => topology.get('subnet', id))
    .filter((subnet) => subnet !== undefined);
}

/** The ports that are gateways of routers in an external network. */
export function gatewaysIn(topology: Intent, networkId: string): readonly Port[] {
  return [...topology.members('routerPortsOfNetwork', networkId).values()].filter(
    (port) => topology.get('router', port.device_id)?.gateway_port_id === port.id,
  );
}

/** The way from an address of a port to an external network. */
export interface Way {
  readonly router: Router;
  readonly gateway: Port;
  /** The router's port on the subnet of the address. */
  readonly inside: Port;
}

/**
 * The way out for an address: through the router that is the gateway of its subnet where there is
 * one, else through the first.
 */
export function wayOut(
  topology: Intent,
  { port, fixed }: { readonly port: Port; readonly fixed: FixedIp },
  externalNetworkId: string,
): Way | undefined {
  const gatewayIp = topology.get('subnet', fixed.subnet_id)?.gateway_ip;
  let first: Way | undefined;
  for (const inside of topology.members('routerPortsOfNetwork', port.network_id).values()) {
    const address = inside.fixed_ips.find(({ subnet_id }) => subnet_id === fixed.subnet_id);
    if (address === undefined || !isRouterInterface(inside.device_owner)) continue;
    const router = routerOfPort(topology, inside);
    const gateway = router && gatewayOf(topology, router);
    if (router === undefined || gateway?.network_id !== externalNetworkId) continue;
    const way = { router, gateway, inside };
    if (address.ip_address === gatewayIp) return way;
    first ??= way;
  }
  return first;
}

export function cidrOfSubnet(subnet: Subnet): Cidr {
  return defined(parseCidr(subnet.cidr), 'cidr of a subnet');
}

export function addressValue(text: string): AddressValue {
  return defined(parseAddress(text), `address ${text}`);
}
