/**
 * Auto-allocated topologies: who needs a network and has none gets one, with subnets of the default
 * pools and a router to the default external network, by the rules of a request for each, in one
 * commit. The project's id is the record's, so that whoever asks at once gets the same.
 */
import {
  type AttributeTable,
  type AutoAllocatedTopology,
  badRequest,
  type Intent,
  IntentError,
  intentError,
  type Network,
  type RecordByKind,
  type Router,
  readCreate,
  type Subnetpool,
} from '../../topology/index.ts';
import { commitDraft, decideUpToDate, type NeutronContext, type Written } from './context.ts';
import type { Draft } from './draft.ts';
import { NETWORKS } from './networks.ts';
import { authorize, isAllowed } from './policy.ts';
import { checkQuota } from './quota-book.ts';
import type { Requester } from './requester.ts';
import type { ResourceKind, ResourceType, View, Viewer } from './resource-type.ts';
import { addRouterInterface, removeRouterInterface } from './router-interfaces.ts';
import { ROUTERS } from './routers.ts';
import { SUBNETS } from './subnets.ts';

const KIND = 'auto_allocated_topology';

/** What clients write that do not know their project: the one that asks is meant. */
const OWN = ['None', 'null'];

const CHECK = 'dry-run';
const VERSIONS = [4, 6] as const;

/** What a call gave, and whether it has made it. */
export interface Given extends Written<View> {
  readonly isNew: boolean;
}

export class AutoTopologies {
  readonly #context: NeutronContext;

  constructor(context: NeutronContext) {
    this.#context = context;
  }

  /** The project's topology, made if there is none; asked for `dry-run`, whether it could be. */
  async give(projectId: string, fields: readonly string[], requester: Requester): Promise<Given> {
    const owner = ownerOf(projectId, requester);
    const { topology } = this.#context;
    authorize(`get_${KIND}`, [], { who: requester, target: { project_id: owner } }, topology);
    if (fields.includes(CHECK)) {
      await decideUpToDate(this.#context, () => checkRequirements({ topology, requester }));
      return this.#given(viewOf(`${CHECK}=pass`, owner));
    }
    if (fields.length > 0) {
      throw intentError('BadRequest', { resource: 'auto_allocate', msg: 'Unrecognized field' });
    }
    const found = topology.get(KIND, owner);
    if (found !== undefined) return this.#given(viewOf(found.network_id, owner));
    return this.#make(owner, requester);
  }

  async #make(owner: string, requester: Requester): Promise<Given> {
    let isNew = false;
    const written = await commitDraft(this.#context, requester, (draft) => {
      // Somebody may have been faster.
      const found = draft.topology.get(KIND, owner);
      isNew = found === undefined;
      const { network_id } = found ?? build(draft, owner);
      return () => viewOf(network_id, owner);
    });
    return { ...written, isNew };
  }

  /** Takes the project's topology away, if it has one and nothing else uses it. */
  delete(projectId: string, requester: Requester): Promise<Written<undefined>> {
    const owner = ownerOf(projectId, requester);
    return commitDraft(this.#context, requester, (draft) => {
      const asked = { who: requester, target: { project_id: owner } };
      authorize(`delete_${KIND}`, [], asked, draft.topology);
      const made = draft.topology.get(KIND, owner);
      if (made !== undefined) takeDown(draft, made);
      return () => undefined;
    });
  }

  #given(value: View): Given {
    return { revision: this.#context.topology.revision, value, isNew: false };
  }
}

function viewOf(id: string, owner: string): View {
  return { id, tenant_id: owner, project_id: owner };
}

/** Only operators ask for others. */
function ownerOf(projectId: string, requester: Requester): string {
  const owner = OWN.includes(projectId) ? requester.projectId : projectId;
  if (!requester.isAdmin && owner !== requester.projectId) throw intentError('NotAuthorized', {});
  if (owner === '') throw badRequest('It is not known which project this is for');
  return owner;
}

function checkRequirements(viewer: Pick<Viewer, 'topology' | 'requester'>): void {
  defaultExternal(viewer.topology);
  if (poolsFor(viewer).length === 0) throw failure('No default subnetpools defined');
}

function defaultExternal(topology: Intent): Network {
  const [network] = topology.members('defaultExternalNetworks', 'all').values();
  if (network === undefined) throw failure('No default router:external network');
  return network;
}

/** The default pools that the requester may use. */
function poolsFor({ topology, requester }: Pick<Viewer, 'topology' | 'requester'>): Subnetpool[] {
  return VERSIONS.flatMap((version) => [
    ...topology.members('defaultSubnetpools', String(version)).values(),
  ]).filter((pool) => isAllowed('get_subnetpool', requester, pool, topology));
}

function failure(reason: string): IntentError {
  return intentError('AutoAllocationFailure', { reason });
}

function build(draft: Draft, owner: string): AutoAllocatedTopology {
  // Whoever may only look is not given what would have to be made.
  const asked = { who: draft.requester, target: { project_id: owner } };
  authorize(`create_${KIND}`, [], asked, draft.topology);
  const outside = defaultExternal(draft.topology);
  const network_id = makeInside(draft, owner);
  const router_id = makeRouter(draft, owner, { inside: network_id, outside: outside.id });
  const made = { id: owner, network_id, router_id };
  draft.expect(KIND, owner);
  draft.put(KIND, owner, made);
  return made;
}

/** The network with a subnet of each default pool. */
function makeInside(draft: Draft, project_id: string): string {
  try {
    const pools = poolsFor(draft);
    if (pools.length === 0) throw failure('Unable to provide tenant private network');
    const network = make(draft, NETWORKS, { name: 'auto_allocated_network', project_id });
    for (const { id, ip_version } of pools) {
      make(draft, SUBNETS, {
        name: `auto_allocated_subnet_v${ip_version}`,
        network_id: network.id,
        project_id,
        ip_version,
        subnetpool_id: id,
      });
    }
    return network.id;
  } catch (error) {
    throw isUnmet(error) ? failure('Unable to provide tenant private network') : error;
  }
}

/** A requirement that is not met; quotas, for one, are told as they are. */
function isUnmet(error: unknown): boolean {
  if (!(error instanceof IntentError)) return false;
  return [400, 404].includes(error.status) || error.type === 'SubnetAllocationError';
}

/** The router, with an interface on each subnet. */
function makeRouter(
  draft: Draft,
  project_id: string,
  { inside, outside }: { readonly inside: string; readonly outside: string },
): string {
  try {
    const { id } = make(draft, ROUTERS, {
      name: 'auto_allocated_router',
      project_id,
      external_gateway_info: { network_id: outside },
    });
    for (const subnet_id of draft.topology.members('subnetsOfNetwork', inside).keys()) {
      const router = draft.topology.get('router', id);
      if (router !== undefined) addRouterInterface(draft, router, { subnet_id }, () => ({}));
    }
    return id;
  } catch (error) {
    const isBad = error instanceof IntentError && error.status === 400;
    throw isBad ? failure('Unable to provide external connectivity') : error;
  }
}

/** What a POST of these attributes makes. */
function make<K extends ResourceKind, A extends AttributeTable>(
  draft: Draft,
  type: ResourceType<K, A>,
  attributes: { readonly project_id: string; readonly [name: string]: unknown },
): RecordByKind[K] {
  if (type.quota !== undefined) checkQuota(draft, type.quota, attributes.project_id);
  const record = type.create(draft, readCreate(type.attributes, attributes), '');
  draft.put(type.kind, record.id, record);
  return record;
}

function takeDown(draft: Draft, { id, network_id, router_id }: AutoAllocatedTopology): void {
  const { topology } = draft;
  draft.delete(KIND, id);
  if (router_id !== null) takeRouterDown(draft, router_id, network_id);
  const network = topology.get('network', network_id);
  if (network === undefined) return;
  void NETWORKS.remove(draft, network);
  for (const policyId of topology.members('policiesOfObject', network_id).keys()) {
    draft.delete('rbac_policy', policyId);
  }
  draft.delete('network', network_id);
}

/** The router with its ports inside; others than those of the network keep it. */
function takeRouterDown(draft: Draft, id: string, networkId: string): void {
  const { topology } = draft;
  const router = (): Router | undefined => topology.get('router', id);
  for (const port of topology.members('portsOfNetwork', networkId).values()) {
    const owner = router();
    if (owner?.interface_port_ids.includes(port.id) !== true) continue;
    removeRouterInterface(draft, owner, { port_id: port.id }, () => ({}));
  }
  const emptied = router();
  if (emptied === undefined) return;
  void ROUTERS.remove(draft, emptied);
  draft.delete('router', id);
}
