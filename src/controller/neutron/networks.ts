/** Use cases of networks. A network goes together with its subnets, and not while it has ports. */
import {
  checkNetworkDelete,
  freshNetwork,
  type Network,
  type NetworkCreate,
  pickVni,
  readNetworkCreate,
  readNetworkUpdate,
  updatedNetwork,
  vniClaim,
} from '../../topology/index.ts';
import { Catalog, type View } from './catalog.ts';
import { commitDraft, type NeutronContext, now, type Requester, type Written } from './context.ts';
import type { Draft } from './draft.ts';
import type { Filters } from './filters.ts';
import { NETWORK_VIEW } from './views.ts';

export class Networks {
  readonly #context: NeutronContext;
  readonly #catalog: Catalog<'network'>;

  constructor(context: NeutronContext) {
    this.#context = context;
    this.#catalog = new Catalog(context.topology, NETWORK_VIEW);
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
    const requests = bodies.map(readNetworkCreate);
    return commitDraft(this.#context, (draft) => {
      const networks = requests.map((request) => this.#add(draft, request, requester));
      return () => networks.map((network) => this.#catalog.view(network));
    });
  }

  async update(id: string, body: unknown): Promise<Written<View>> {
    const request = readNetworkUpdate(body);
    const { topology } = this.#context;
    return commitDraft(this.#context, (draft) => {
      const before = this.#catalog.read(id);
      const subnets = topology.subnetsOfNetwork(id).values();
      const network = updatedNetwork(before, request, now(this.#context), subnets);
      draft.expect('network', id);
      draft.put('network', id, network);
      return () => this.#catalog.view(network);
    });
  }

  async delete(id: string): Promise<Written<undefined>> {
    const { topology } = this.#context;
    return commitDraft(this.#context, (draft) => {
      const network = this.#catalog.read(id);
      checkNetworkDelete(topology, id);
      for (const subnetId of topology.subnetsOfNetwork(id).keys()) {
        draft.deleteIfAny('subnet', subnetId);
      }
      draft.deleteIfAny('network', id);
      draft.release([vniClaim(network['provider:segmentation_id'])], id);
      return () => undefined;
    });
  }

  #add(draft: Draft, request: NetworkCreate, { projectId }: Requester): Network {
    const { random } = this.#context;
    const birth = { id: random.uuid(), projectId, at: now(this.#context) };
    const asked = request['provider:segmentation_id'];
    const vni = asked ?? pickVni(this.#context);
    const network = freshNetwork(request, birth, vni);
    draft.take([vniClaim(vni)], network.id, asked === undefined ? [] : [vniClaim(vni)]);
    draft.put('network', network.id, network);
    return network;
  }
}
