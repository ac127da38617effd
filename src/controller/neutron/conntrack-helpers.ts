/** Conntrack helpers of a router. Each write of one writes the router as well, which has them. */
import {
  CONNTRACK_HELPER_ATTRIBUTES,
  type ConntrackHelper,
  checkConntrackHelper,
  intentError,
  touchedRouter,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { ResourceType } from './resource-type.ts';
import { visible } from './visible.ts';

const NO_CHANGE = {};

export const CONNTRACK_HELPERS: ResourceType<
  'conntrack_helper',
  typeof CONNTRACK_HELPER_ATTRIBUTES
> = {
  kind: 'conntrack_helper',
  singular: 'conntrack_helper',
  plural: 'conntrack_helpers',
  path: '/v2.0/routers/:parent/conntrack_helpers',
  parent: 'router_id',
  attributes: CONNTRACK_HELPER_ATTRIBUTES,
  notFound: (id) => intentError('ConntrackHelperNotFound', { id }),

  derive: () => NO_CHANGE,

  create: (draft, { protocol, port, helper }, parentId) => {
    const { id, project_id } = visible('router', parentId, draft);
    const record = { id: draft.birth().id, project_id, router_id: id, protocol, port, helper };
    checkConntrackHelper(draft.topology, record);
    touchRouter(draft, record);
    return record;
  },

  update: (draft, before, given) => {
    const record = { ...before, ...given };
    checkConntrackHelper(draft.topology, record);
    touchRouter(draft, record);
    return record;
  },

  remove: touchRouter,

  narrow: (_, topology, parentId) => topology.members('helpersOfRouter', parentId).values(),
};

function touchRouter(draft: Draft, { router_id: id }: ConntrackHelper): void {
  const router = visible('router', id, draft);
  draft.put('router', id, touchedRouter(router, NO_CHANGE, draft.at));
}
