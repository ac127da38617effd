/** What forbids a router to have, change or lose its gateway. */
import { cidrsOverlap } from '../address.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import type { Network } from '../network.ts';
import type { Port } from '../port.ts';
import type { Router } from '../router.ts';
import { cidrOfSubnet, gatewayOf, interfacesOf, subnetsOfPort } from '../routing.ts';
import type { Subnet } from '../subnet.ts';
import { badResource } from './bad-resource.ts';
import type { FixedIpRequest } from './port-values.ts';

/** The network must be external, and its own gateway's address is not for routers of tenants. */
export function checkGateway(
  network: Network,
  subnets: Iterable<Subnet>,
  wishes: readonly FixedIpRequest[],
): void {
  if (!network['router:external']) {
    throw badResource('router', `Network ${network.id} is not an external network`);
  }
  for (const { gateway_ip: gateway } of subnets) {
    if (gateway === null || !wishes.some((wish) => wish.ip_address === gateway)) continue;
    throw badResource('router', `External IP ${gateway} is the same as the gateway IP`);
  }
}

/** Whether a request asks for other addresses than the gateway has. */
export function wantsOtherAddresses(gateway: Port, wishes: readonly FixedIpRequest[]): boolean {
  if (wishes.length === 0) return false;
  const [has, wants] = [gateway.fixed_ips, wishes];
  return (
    differ(has, wants, ({ subnet_id }) => subnet_id) ||
    differ(has, wants, ({ ip_address }) => ip_address)
  );
}

function differ(
  one: readonly FixedIpRequest[],
  other: readonly FixedIpRequest[],
  part: (fixed: FixedIpRequest) => string | undefined,
): boolean {
  const [a, b] = [one, other].map((list) => new Set(list.map(part).filter(Boolean)));
  return a?.size !== b?.size || [...(a ?? [])].some((item) => b?.has(item) !== true);
}

/** Floating IPs of the network must not lose the way to their ports. */
export function checkGatewayUnused(topology: Intent, router: Router, gateway: Port): void {
  if (topology.members('floatingIpsOfRouter', router.id).size === 0) return;
  const { network_id: net_id } = gateway;
  throw intentError('RouterExternalGatewayInUseByFloatingIp', { router_id: router.id, net_id });
}

/**
 * A router could not tell where a packet belongs whose destination is on two of its subnets.
 * Outside it reaches all subnets of the network, whichever its gateway has an address of.
 */
export function checkOverlap(topology: Intent, router: Router, subnets: readonly Subnet[]): void {
  const fresh = new Set(subnets.map((subnet) => subnet.id));
  for (const other of subnetsInReach(topology, router)) {
    if (fresh.has(other.id)) {
      throw badResource('router', `Router already has a port on subnet ${other.id}`);
    }
    for (const subnet of subnets) {
      if (!cidrsOverlap(cidrOfSubnet(subnet), cidrOfSubnet(other))) continue;
      const what = `Cidr ${subnet.cidr} of subnet ${subnet.id}`;
      throw badResource('router', `${what} overlaps with cidr ${other.cidr} of subnet ${other.id}`);
    }
  }
}

function subnetsInReach(topology: Intent, router: Router): Subnet[] {
  const gateway = gatewayOf(topology, router);
  const outside = gateway && topology.members('subnetsOfNetwork', gateway.network_id).values();
  const inside = interfacesOf(topology, router).flatMap((port) => subnetsOfPort(topology, port));
  return [...(outside ?? []), ...inside];
}
