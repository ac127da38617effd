/** Routers: from a checked request to a record, and what forbids a change. */
import { type AddressValue, type Cidr, cidrContains } from '../address.ts';
import type { Intent } from '../intent.ts';
import { type IntentError, intentError } from '../intent-error.ts';
import type { Port } from '../port.ts';
import { ZONE } from '../read-only.ts';
import type { Router, RouterCreate, RouterUpdate } from '../router.ts';
import { addressValue, cidrOfSubnet, gatewayOf, interfacesOf, subnetsOfPort } from '../routing.ts';
import type { HostRoute, Subnet } from '../subnet.ts';
import { badResource } from './bad-resource.ts';
import { type Birth, born, touched } from './birth.ts';

/** Neutron's default of `max_routes`. */
const ROUTES_MAX = 30;

/** A router without ports: the gateway that a request names is set afterwards. */
export function freshRouter(
  given: Omit<RouterCreate, 'external_gateway_info'>,
  birth: Birth,
): Router {
  if (typeof given.flavor_id === 'string') {
    throw intentError('FlavorNotFound', { flavor_id: given.flavor_id });
  }
  const zone = given.availability_zone_hints.find((hint) => hint !== ZONE);
  if (zone !== undefined) {
    throw intentError('AvailabilityZoneNotFound', { availability_zone: zone });
  }
  if (given.enable_ndp_proxy === true) throw noNdpProxy(birth.id);
  return {
    name: given.name,
    description: given.description,
    admin_state_up: given.admin_state_up,
    distributed: given.distributed ?? false,
    ha: given.ha ?? false,
    availability_zone_hints: given.availability_zone_hints,
    enable_snat: true,
    qos_policy_id: null,
    gateway_port_id: null,
    interface_port_ids: [],
    routes: [],
    ...born(birth, given),
  };
}

/** Everything but the gateway; routes are held against the gateway that the router has now. */
export function updatedRouter(
  router: Router,
  given: Omit<RouterUpdate, 'external_gateway_info'>,
  at: string,
  topology: Intent,
): Router {
  const { distributed, ha, enable_ndp_proxy: proxy, ...plain } = given;
  if (given.routes !== undefined) checkRoutes(router, given.routes, reachOf(topology, router));
  if (proxy === true) throw noNdpProxy(router.id);
  const isUp = router.admin_state_up || given.admin_state_up === true;
  if (isUp && (distributed ?? router.distributed) !== router.distributed) {
    throw stillActive("the 'distributed' attribute");
  }
  if (isUp && (ha ?? router.ha) !== router.ha) throw stillActive('HA attribute');
  return {
    ...router,
    ...plain,
    distributed: distributed ?? router.distributed,
    ha: ha ?? router.ha,
    ...touched(router, at),
  };
}

/** A router's record after one of its ports came, changed or went. */
export function touchedRouter(router: Router, ports: Partial<Router>, at: string): Router {
  return { ...router, ...ports, ...touched(router, at) };
}

function stillActive(what: string): IntentError {
  const rule = 'Please set router admin_state_up to False prior to upgrade';
  return badResource('router', `Cannot change ${what} of active routers. ${rule}`);
}

/** Nothing answers for addresses inside yet: said in the one way that clients expect. */
function noNdpProxy(routerId: string): IntentError {
  const what = 'the external gateway port has no IPv6 address or IPv6 address scope';
  const reason = `The router has no external gateway or ${what}`;
  return intentError('RouterGatewayNotValid', { router_id: routerId, reason });
}

/** What a router can send to directly, and the addresses that are its own. */
export interface Reach {
  readonly cidrs: readonly Cidr[];
  readonly addresses: ReadonlySet<AddressValue>;
}

function reachOf(topology: Intent, router: Router): Reach {
  const gateway = gatewayOf(topology, router);
  const ports = [...(gateway ? [gateway] : []), ...interfacesOf(topology, router)];
  return reachOfPorts(topology, ports);
}

/** The reach of a router that is about to have a gateway on these subnets, or none. */
export function reachWithGateway(
  topology: Intent,
  router: Router,
  subnets: Iterable<Subnet>,
): Reach {
  const { cidrs, addresses } = reachOfPorts(topology, interfacesOf(topology, router));
  return { cidrs: [...cidrs, ...[...subnets].map(cidrOfSubnet)], addresses };
}

function reachOfPorts(topology: Intent, ports: readonly Port[]): Reach {
  return {
    cidrs: ports.flatMap((port) => subnetsOfPort(topology, port).map(cidrOfSubnet)),
    addresses: new Set(
      ports.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => addressValue(ip_address))),
    ),
  };
}

/** Every next hop must be a neighbour. */
export function checkRoutes(
  { id }: Router,
  routes: readonly HostRoute[],
  { cidrs, addresses }: Reach,
): void {
  if (routes.length > ROUTES_MAX) {
    throw intentError('RoutesExhausted', { router_id: id, quota: ROUTES_MAX });
  }
  for (const { nexthop } of routes) {
    const hop = addressValue(nexthop);
    if (!cidrs.some((cidr) => cidrContains(cidr, hop))) {
      throw badRoutes(routes, 'the nexthop is not connected with router');
    }
    if (addresses.has(hop)) throw badRoutes(routes, 'the nexthop is used by router');
  }
}

function badRoutes(routes: readonly HostRoute[], reason: string): IntentError {
  const shown = routes.map(
    ({ destination, nexthop }) => `{'destination': '${destination}', 'nexthop': '${nexthop}'}`,
  );
  return intentError('InvalidRoutes', { routes: `[${shown.join(', ')}]`, reason });
}

/** A router goes when nothing is attached to it inside; its gateway goes with it. */
export function checkRouterDelete({ id, interface_port_ids: ports }: Router): void {
  if (ports.length === 0) return;
  const reason = `has ports still attached: ${ports.join(', ')}`;
  throw intentError('RouterInUse', { router_id: id, reason });
}
