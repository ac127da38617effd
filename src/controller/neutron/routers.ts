/**
 * Routers. A router's gateway port comes and goes with it, in the same commit. A router holds its
 * ports by references, so that no port goes without it.
 */
import {
  checkRouterDelete,
  freshRouter,
  gatewayOf,
  type Intent,
  type Port,
  ROUTER_ATTRIBUTES,
  type Router,
  updatedRouter,
} from '../../topology/index.ts';
import { routerNotFound } from './errors.ts';
import { addExtraRoutes, removeExtraRoutes } from './extra-routes.ts';
import type { ResourceType, View } from './resource-type.ts';
import { changeGateway, removeGateway } from './router-gateways.ts';
import { addRouterInterface, removeRouterInterface } from './router-interfaces.ts';

export const ROUTERS: ResourceType<'router', typeof ROUTER_ATTRIBUTES> = {
  kind: 'router',
  singular: 'router',
  plural: 'routers',
  attributes: ROUTER_ATTRIBUTES,
  quota: 'router',
  notFound: routerNotFound,

  derive: (router, { topology }) => {
    const gateway = gatewayOf(topology, router);
    const helpers = [...topology.members('helpersOfRouter', router.id).values()];
    return {
      tenant_id: router.project_id,
      status: 'ACTIVE',
      external_gateway_info: gateway === undefined ? null : gatewayInfo(router, gateway, topology),
      flavor_id: null,
      availability_zones: router.availability_zone_hints,
      conntrack_helpers: helpers.map(({ protocol, port, helper }) => ({ protocol, port, helper })),
      enable_ndp_proxy: false,
    };
  },

  create: (draft, { external_gateway_info: gateway, ...given }) => {
    const router = freshRouter(given, draft.birth());
    return gateway == null ? router : changeGateway(draft, router, gateway);
  },

  update: (draft, before, { external_gateway_info: gateway, ...given }) => {
    const router = updatedRouter(before, given, draft.at, draft.topology);
    return gateway === undefined ? router : changeGateway(draft, router, gateway);
  },

  remove: (draft, router) => {
    checkRouterDelete(router);
    removeGateway(draft, router);
    for (const id of draft.topology.members('helpersOfRouter', router.id).keys()) {
      draft.delete('conntrack_helper', id);
    }
    for (const made of draft.topology.members('topologiesOfRouter', router.id).values()) {
      draft.put('auto_allocated_topology', made.id, { ...made, router_id: null });
    }
  },

  actions: {
    add_router_interface: addRouterInterface,
    remove_router_interface: removeRouterInterface,
    add_extraroutes: addExtraRoutes,
    remove_extraroutes: removeExtraRoutes,
  },
};

/** As with Neutron, without a word about QoS where there is none. */
function gatewayInfo(router: Router, gateway: Port, topology: Intent): View {
  const { enable_snat, qos_policy_id } = router;
  const isLimited = qos_policy_id ?? topology.get('network', gateway.network_id)?.qos_policy_id;
  return {
    network_id: gateway.network_id,
    enable_snat,
    external_fixed_ips: gateway.fixed_ips,
    ...(isLimited ? { qos_policy_id } : {}),
  };
}
