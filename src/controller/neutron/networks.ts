/** Networks. A network goes together with its subnets, and not while it has ports. */
import {
  checkNetworkDelete,
  checkNetworkRequest,
  freshNetwork,
  NETWORK_ATTRIBUTES,
  pickVni,
  updatedNetwork,
  vniClaim,
} from '../../topology/index.ts';
import { networkNotFound } from './errors.ts';
import type { ResourceType } from './resource-type.ts';

/** No zone is known yet. */
const NO_STRINGS: readonly string[] = [];

export const NETWORKS: ResourceType<'network', typeof NETWORK_ATTRIBUTES> = {
  kind: 'network',
  singular: 'network',
  plural: 'networks',
  attributes: NETWORK_ATTRIBUTES,
  notFound: networkNotFound,

  derive: ({ id, project_id }, { topology }) => ({
    tenant_id: project_id,
    // A network is logical: it has nothing that could be down. Ports tell what is realised.
    status: 'ACTIVE',
    subnets: [...topology.members('subnetsOfNetwork', id).keys()],
    'provider:physical_network': null,
    availability_zone_hints: NO_STRINGS,
    availability_zones: NO_STRINGS,
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    l2_adjacency: true,
  }),

  create: (draft, given) => {
    checkNetworkRequest(given);
    const asked = given['provider:segmentation_id'];
    if (asked !== undefined) draft.name([vniClaim(asked)]);
    return freshNetwork(given, draft.birth(), asked ?? pickVni(draft));
  },

  update: (draft, before, given) => {
    const subnets = draft.topology.members('subnetsOfNetwork', before.id).values();
    return updatedNetwork(before, given, draft.at, subnets);
  },

  remove: (draft, { id }) => {
    checkNetworkDelete(draft.topology, id);
    for (const subnetId of draft.topology.members('subnetsOfNetwork', id).keys()) {
      draft.delete('subnet', subnetId);
    }
  },
};
