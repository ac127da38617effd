/** A router: joins subnets with one another and with an external network (Neutron's `router`). */

import type { Standard } from './standard.ts';
import type { HostRoute } from './subnet.ts';
import {
  type Created,
  changeable,
  derived,
  NAME,
  once,
  STANDARD,
  STRING,
  STRINGS,
  type Updated,
} from './validate/attributes.ts';
import { CONNTRACK_SCHEMA, readGateway, readRoutes, readZones } from './validate/router-values.ts';
import { boolean, nullable, text } from './validate/values.ts';

export interface Router extends Standard {
  readonly name: string;
  readonly description: string;
  readonly admin_state_up: boolean;
  readonly distributed: boolean;
  readonly ha: boolean;
  readonly availability_zone_hints: readonly string[];
  /** Whether what leaves through the gateway is given the gateway's address. */
  readonly enable_snat: boolean;
  /** What holds for what passes its gateway; null without one. */
  readonly qos_policy_id: string | null;
  /** Its port in an external network. */
  readonly gateway_port_id: string | null;
  /**
   * Its ports in tenants' networks, in the order in which they were added. A port that only names
   * the router as its device is none of them.
   */
  readonly interface_port_ids: readonly string[];
  readonly routes: readonly HostRoute[];
}

export const ROUTER_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  admin_state_up: changeable(boolean, { initial: true }),
  status: derived(STRING, { filter: 'none', about: 'always ACTIVE' }),
  external_gateway_info: changeable(readGateway, {
    filter: 'none',
    about: 'a port with addresses of an external network; nothing is routed through it yet',
  }),
  routes: {
    ...changeable(readRoutes, { filter: 'none', about: 'at most 30, next hops on its subnets' }),
    post: 'never',
  },
  distributed: changeable(nullable(boolean), {
    filter: 'none',
    about: 'kept for clients that ask: every router is distributed over the hosts',
  }),
  ha: changeable(nullable(boolean), {
    filter: 'none',
    about: 'kept for clients that ask: no router depends on one host',
  }),
  flavor_id: once(nullable(text(255)), { filter: 'none', about: 'null: no flavor is for routers' }),
  availability_zone_hints: once(readZones, {
    initial: [],
    about: 'zones that there are: a region is one, `nova`',
  }),
  availability_zones: derived(STRINGS, { about: 'the hints' }),
  conntrack_helpers: derived(CONNTRACK_SCHEMA, { about: 'made under `conntrack_helpers`' }),
  enable_ndp_proxy: changeable(nullable(boolean), {
    about: 'false: nothing answers for addresses inside yet',
  }),
} as const;

export type RouterCreate = Created<typeof ROUTER_ATTRIBUTES>;
export type RouterUpdate = Updated<typeof ROUTER_ATTRIBUTES>;

/** All of its ports, the one outside first. */
export function routerPortIds(router: Router): readonly string[] {
  const { gateway_port_id: gateway, interface_port_ids: interfaces } = router;
  return gateway === null ? interfaces : [gateway, ...interfaces];
}
