/** A backend of one collection that holds nothing and takes everything, for tests of what is around. */
import type { ApiBackend, Collection } from '../../src/api/index.ts';
import { NETWORK_ATTRIBUTES } from '../../src/topology/index.ts';

export function stubBackend(
  changes: Partial<Collection> = {},
  operations: Partial<ApiBackend['operations']> = {},
): ApiBackend {
  const networks: Collection = {
    kind: 'network',
    singular: 'network',
    plural: 'networks',
    path: '/v2.0/networks',
    attributes: NETWORK_ATTRIBUTES,
    without: [],
    parent: undefined,
    actions: [],
    views: [],
    links: {},
    create: async (bodies) => ({ revision: 7, value: bodies.map((_, at) => ({ id: `n${at}` })) }),
    show: async (id) => ({ id }),
    find: () => undefined,
    list: async () => [],
    update: async (id) => ({ revision: 8, value: { id } }),
    delete: async () => ({ revision: 9, value: undefined }),
    act: async (id) => ({ revision: 10, value: { id } }),
    view: async () => ({}),
    link: async (id) => ({ revision: 12, value: { id } }),
    unlink: async () => ({ revision: 13, value: undefined }),
    tag: async () => ({ revision: 11, value: [] }),
    untag: async () => ({ revision: 14, value: [] }),
    checkTag: async () => {},
    ...changes,
  };
  return {
    collections: [networks],
    readings: [],
    ties: [],
    quotas: {} as ApiBackend['quotas'],
    autoTopologies: {} as ApiBackend['autoTopologies'],
    portBindings: {} as ApiBackend['portBindings'],
    topologies: {} as ApiBackend['topologies'],
    operations: {
      health: () => ({ storeReachable: true, revision: 7 }),
      hosts: () => [],
      trace: async () => ({}),
      waitRealized: async () => ({ realized: true, lagging: [] }),
      waitTouched: async () => ({ realized: true, lagging: [] }),
      watch: () => undefined,
      watchConnections: () => () => {},
      ...operations,
    },
    catchUp: async () => {},
    ruleStats: {} as ApiBackend['ruleStats'],
  };
}
