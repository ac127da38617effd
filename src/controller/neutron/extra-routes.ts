/**
 * `add_extraroutes` and `remove_extraroutes`: routes of a router one by one, so that two clients
 * need not know each other's.
 */
import {
  badRequest,
  type HostRoute,
  ROUTER_ATTRIBUTES,
  type Router,
  readUpdate,
  updatedRouter,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { Action } from './resource-type.ts';

type Routes = readonly HostRoute[];

/** Routes that are there already are as wanted, and so are those to be removed that are not. */
export const addExtraRoutes: Action<Router> = (draft, router, body, show) => {
  const given = readRoutesOf(body).filter((route) => !router.routes.some(isSame(route)));
  return putRoutes(draft, router, [...router.routes, ...given], show);
};

export const removeExtraRoutes: Action<Router> = (draft, router, body, show) => {
  const given = readRoutesOf(body);
  const kept = router.routes.filter((route) => !given.some(isSame(route)));
  return putRoutes(draft, router, kept, show);
};

function putRoutes(
  draft: Draft,
  router: Router,
  routes: Routes,
  show: Parameters<Action<Router>>[3],
): ReturnType<Action<Router>> {
  const after = updatedRouter(router, { routes }, draft.at, draft.topology);
  draft.put('router', router.id, after);
  return () => ({ router: show(after) });
}

function readRoutesOf(body: unknown): Routes {
  const { router } = (body ?? {}) as { readonly router?: { readonly routes?: unknown } };
  if (router?.routes == null) throw badRequest("Unable to find 'routes' in request body");
  return readUpdate(ROUTER_ATTRIBUTES, { routes: router.routes }).routes ?? [];
}

function isSame(one: HostRoute): (other: HostRoute) => boolean {
  return ({ destination, nexthop }) => destination === one.destination && nexthop === one.nexthop;
}
