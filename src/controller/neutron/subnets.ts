/**
 * Use cases of subnets. Each of them writes the network as well: its revision stands for the set of
 * its subnets, so that two subnets made at once cannot overlap and no port misses a new subnet.
 */
import {
  checkSubnetDelete,
  freshSubnet,
  readSubnetCreate,
  readSubnetUpdate,
  type Subnet,
  type SubnetCreate,
  touchedNetwork,
  updatedSubnet,
} from '../../topology/index.ts';
import { Catalog, type View } from './catalog.ts';
import { commitDraft, type NeutronContext, now, type Requester, type Written } from './context.ts';
import type { Draft } from './draft.ts';
import { networkNotFound } from './errors.ts';
import type { Filters } from './filters.ts';
import { SUBNET_VIEW } from './views.ts';

export class Subnets {
  readonly #context: NeutronContext;
  readonly #catalog: Catalog<'subnet'>;

  constructor(context: NeutronContext) {
    this.#context = context;
    this.#catalog = new Catalog(context.topology, SUBNET_VIEW);
  }

  show(id: string): View {
    return this.#catalog.show(id);
  }

  find(id: string): View | undefined {
    return this.#catalog.find(id);
  }

  list(filters: Filters): readonly View[] {
    return this.#catalog.list(filters);
  }

  async create(
    bodies: readonly unknown[],
    requester: Requester,
  ): Promise<Written<readonly View[]>> {
    const requests = bodies.map(readSubnetCreate);
    return commitDraft(this.#context, (draft) => {
      const made: Subnet[] = [];
      for (const request of requests) made.push(this.#add(draft, request, { requester, made }));
      return () => made.map((subnet) => this.#catalog.view(subnet));
    });
  }

  async update(id: string, body: unknown): Promise<Written<View>> {
    const request = readSubnetUpdate(body);
    return commitDraft(this.#context, (draft) => {
      const before = this.#catalog.read(id);
      const subnet = updatedSubnet(before, request, now(this.#context), this.#context.topology);
      draft.expect('subnet', id);
      draft.put('subnet', id, subnet);
      this.#touchNetwork(draft, subnet.network_id);
      return () => this.#catalog.view(subnet);
    });
  }

  async delete(id: string): Promise<Written<undefined>> {
    return commitDraft(this.#context, (draft) => {
      const subnet = this.#catalog.read(id);
      checkSubnetDelete(this.#context.topology, id);
      draft.deleteIfAny('subnet', id);
      this.#touchNetwork(draft, subnet.network_id);
      return () => undefined;
    });
  }

  #add(
    draft: Draft,
    request: SubnetCreate,
    { requester, made }: { requester: Requester; made: readonly Subnet[] },
  ): Subnet {
    const { topology, random } = this.#context;
    const networkId = request.network_id;
    const network = draft.read('network', networkId);
    if (network === undefined) throw networkNotFound(networkId);
    const siblings = [
      ...topology.subnetsOfNetwork(networkId).values(),
      ...made.filter((subnet) => subnet.network_id === networkId),
    ];
    const birth = { id: random.uuid(), projectId: requester.projectId, at: now(this.#context) };
    const subnet = freshSubnet(request, birth, network, siblings);
    draft.put('subnet', subnet.id, subnet);
    this.#touchNetwork(draft, networkId);
    return subnet;
  }

  #touchNetwork(draft: Draft, networkId: string): void {
    const network = draft.read('network', networkId);
    if (network === undefined) throw networkNotFound(networkId);
    draft.expect('network', networkId);
    draft.put('network', networkId, touchedNetwork(network, now(this.#context)));
  }
}
