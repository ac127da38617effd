/** The gateway of a router: a port in an external network, made, changed and deleted with it. */
import {
  checkGateway,
  checkGatewayUnused,
  checkOverlap,
  checkRoutes,
  type GatewayRequest,
  gatewayOf,
  type Network,
  type Port,
  ROUTER_GATEWAY,
  type Router,
  reachWithGateway,
  updatedPort,
  wantsOtherAddresses,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { namedClaims } from './ports.ts';
import { checkAddressPolicy } from './qos-use.ts';
import { addServicePort, NO_PROJECT, removeServicePort } from './service-ports.ts';
import { visible } from './visible.ts';

type Addresses = NonNullable<GatewayRequest['external_fixed_ips']>;

/** The router with the gateway that a request asks for, or without one. */
export function changeGateway(draft: Draft, router: Router, wish: GatewayRequest | null): Router {
  return wish === null ? clearGateway(draft, router) : setGateway(draft, router, wish);
}

function clearGateway(draft: Draft, router: Router): Router {
  checkRoutes(router, router.routes, reachWithGateway(draft.topology, router, []));
  removeGateway(draft, router);
  return { ...router, enable_snat: true, qos_policy_id: null, gateway_port_id: null };
}

function setGateway(draft: Draft, router: Router, wish: GatewayRequest): Router {
  const { topology } = draft;
  const {
    external_fixed_ips: addresses = [],
    enable_snat = true,
    qos_policy_id = router.qos_policy_id,
  } = wish;
  const network = visible('network', wish.network_id, draft);
  checkAddressPolicy(draft, qos_policy_id, router.qos_policy_id);
  const subnets = [...topology.members('subnetsOfNetwork', network.id).values()];
  checkGateway(network, subnets, addresses);
  checkRoutes(router, router.routes, reachWithGateway(topology, router, subnets));
  const before = gatewayOf(topology, router);
  if (before?.network_id === network.id) {
    if (wantsOtherAddresses(before, addresses)) moveGateway(draft, before, addresses);
    return { ...router, enable_snat, qos_policy_id };
  }
  removeGateway(draft, router);
  checkOverlap(topology, { ...router, gateway_port_id: null }, subnets);
  const { id: gateway_port_id } = addGateway(draft, router, network, addresses);
  return { ...router, enable_snat, qos_policy_id, gateway_port_id };
}

function addGateway(draft: Draft, router: Router, network: Network, addresses: Addresses): Port {
  return addServicePort(draft, network, {
    project_id: NO_PROJECT,
    device_id: router.id,
    device_owner: ROUTER_GATEWAY,
    ...(addresses.length === 0 ? {} : { fixed_ips: addresses }),
  });
}

/** Other addresses for a gateway, in the same network. */
export function moveGateway(draft: Draft, gateway: Port, fixed_ips: Addresses): void {
  const port = updatedPort(gateway, { fixed_ips }, draft.at, draft);
  draft.name(namedClaims(draft.topology, port, { fixed_ips }));
  draft.expect('network', port.network_id);
  draft.put('port', port.id, port);
}

export function removeGateway(draft: Draft, router: Router): void {
  const gateway = gatewayOf(draft.topology, router);
  if (gateway === undefined) return;
  checkGatewayUnused(draft.topology, router, gateway);
  removeServicePort(draft, gateway);
}
