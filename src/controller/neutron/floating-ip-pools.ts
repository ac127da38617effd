/** `floatingip_pools`: the IPv4 subnets of the external networks that the requester may use. */
import {
  FLOATING_IP_POOL_ATTRIBUTES,
  filtersOf,
  type Network,
  type Topology,
} from '../../topology/index.ts';
import { compileFilters, type Filters } from './filters.ts';
import { isAllowed } from './policy.ts';
import type { Requester } from './requester.ts';
import type { View } from './resource-type.ts';

export class FloatingIpPools {
  readonly plural = 'floatingip_pools';
  readonly path = '/v2.0/floatingip_pools';
  readonly attributes = FLOATING_IP_POOL_ATTRIBUTES;
  readonly #topology: Topology;

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  list(filters: Filters, { requester }: { readonly requester: Requester }): readonly View[] {
    const matches = compileFilters(filtersOf(this.attributes), filters);
    return [...this.#topology.list('network')]
      .filter((network) => this.#isUsable(network, requester))
      .flatMap(({ id }) => this.#poolsOf(id, requester))
      .filter((pool) => matches((name) => pool[name]));
  }

  #isUsable(network: Network, requester: Requester): boolean {
    if (!network['router:external']) return false;
    return isAllowed('get_network', requester, network, this.#topology);
  }

  #poolsOf(networkId: string, { projectId }: Requester): View[] {
    const subnets = [...this.#topology.members('subnetsOfNetwork', networkId).values()];
    return subnets
      .filter(({ ip_version }) => ip_version === 4)
      .map(({ id, name, cidr }) => ({
        subnet_id: id,
        subnet_name: name,
        network_id: networkId,
        cidr,
        project_id: projectId,
        tenant_id: projectId,
      }));
  }
}
