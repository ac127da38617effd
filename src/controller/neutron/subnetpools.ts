/**
 * Subnet pools. Each allocation writes the pool, so that two subnets made at once never get the
 * same prefix; each pool of an address scope writes the scope, so that no two of it overlap.
 */
import {
  type AddressScope,
  allocatedOf,
  checkRescope,
  checkScope,
  DEFAULT_POOL_EXISTS,
  defaultPoolClaim,
  freshSubnetpool,
  type IntentError,
  intentError,
  invalidInput,
  isShared,
  onboardedSubnet,
  overlap,
  rangesOf,
  readNamed,
  readPrefixes,
  SUBNETPOOL_ATTRIBUTES,
  type Subnetpool,
  type SubnetpoolUpdate,
  shrunkSubnetpool,
  updatedSubnetpool,
} from '../../topology/index.ts';
import { scopeNotFound } from './address-scopes.ts';
import type { Draft } from './draft.ts';
import { networkNotFound } from './errors.ts';
import { touchNetwork } from './networks.ts';
import { openToAll } from './openness.ts';
import { isAllowed } from './policy.ts';
import type { Action, ResourceType, View } from './resource-type.ts';
import { checkOpening } from './usage.ts';

export const SUBNETPOOLS: ResourceType<'subnetpool', typeof SUBNETPOOL_ATTRIBUTES> = {
  kind: 'subnetpool',
  singular: 'subnetpool',
  plural: 'subnetpools',
  attributes: SUBNETPOOL_ATTRIBUTES,
  quota: 'subnetpool',
  notFound: poolNotFound,

  derive: ({ id, project_id }, { topology, requester }) => ({
    tenant_id: project_id,
    shared: isShared(topology, id, requester.projectId),
  }),

  create: (draft, given) => {
    const pool = freshSubnetpool(given, draft.birth());
    if (pool.is_default) takeDefault(draft, pool);
    enterScope(draft, pool);
    if (given.shared) {
      draft.put('subnetpool', pool.id, pool);
      checkOpening(draft.topology, 'subnetpool', pool.id, '*');
      openToAll(draft, 'subnetpool', pool);
    }
    return pool;
  },

  update: changePool,

  remove: ({ topology }, { id }) => {
    if (topology.members('subnetsOfPool', id).size === 0) return;
    const reason = 'Subnet pool has existing allocations';
    throw intentError('SubnetPoolDeleteError', { reason });
  },

  actions: {
    add_prefixes: withPrefixes((draft, pool, prefixes) =>
      changePool(draft, pool, { prefixes: [...pool.prefixes, ...prefixes] }),
    ),
    remove_prefixes: withPrefixes((draft, pool, prefixes) =>
      shrunkSubnetpool(draft.topology, pool, prefixes, draft.at),
    ),
    onboard_network_subnets: onboard,
  },
};

function poolNotFound(id: string): IntentError {
  return intentError('SubnetPoolNotFound', { subnetpool_id: id });
}

/** A pool that the requester may use, of which the draft takes something. */
export function takeFrom(draft: Draft, id: string): Subnetpool {
  const pool = draft.topology.get('subnetpool', id);
  if (pool === undefined || !isAllowed('get_subnetpool', draft.requester, pool, draft.topology)) {
    throw poolNotFound(id);
  }
  draft.put('subnetpool', id, pool);
  return pool;
}

function changePool(draft: Draft, before: Subnetpool, given: SubnetpoolUpdate): Subnetpool {
  const pool = updatedSubnetpool(before, given, draft.at);
  if (pool.is_default && !before.is_default) takeDefault(draft, pool);
  if (before.address_scope_id !== null) checkScopeOwned(draft, before.id, before.address_scope_id);
  if (pool.address_scope_id !== before.address_scope_id) {
    for (const id of checkRescope(draft.topology, pool)) draft.expect('network', id);
  }
  enterScope(draft, pool);
  return pool;
}

function takeDefault(draft: Draft, { id, ip_version: version }: Subnetpool): void {
  for (const other of draft.topology.members('defaultSubnetpools', String(version)).keys()) {
    if (other !== id) throw invalidInput(DEFAULT_POOL_EXISTS);
  }
  draft.name([defaultPoolClaim(version)]);
}

/** Checks a pool against its scope, and writes the scope: another pool may be entering as well. */
function enterScope(draft: Draft, pool: Subnetpool): void {
  if (pool.address_scope_id === null) return;
  const scope = draft.topology.get('address_scope', pool.address_scope_id);
  if (scope === undefined || !isVisible(draft, scope)) throw scopeNotFound(pool.address_scope_id);
  checkScope(draft.topology, pool, scope);
  draft.put('address_scope', scope.id, scope);
}

function isVisible({ requester, topology }: Draft, scope: AddressScope): boolean {
  return isAllowed('get_address_scope', requester, scope, topology);
}

/** A pool in a scope of somebody else's is that somebody's to change. */
function checkScopeOwned({ topology, requester }: Draft, poolId: string, scopeId: string): void {
  const owner = topology.get('address_scope', scopeId)?.project_id;
  if (requester.isAdmin || owner === requester.projectId) return;
  const what = `subnetpool ${poolId} cannot be updated when associated with`;
  const reason = `${what} shared address scope ${scopeId}`;
  throw intentError('IllegalSubnetPoolUpdate', { reason });
}

/** An action on the prefixes that its body names; it answers with those that the pool has then. */
function withPrefixes(
  change: (draft: Draft, pool: Subnetpool, prefixes: readonly string[]) => Subnetpool,
): Action<Subnetpool> {
  return (draft, pool, body) => {
    const { prefixes: given } = (body ?? {}) as { readonly prefixes?: unknown };
    if (!Array.isArray(given) || given.length === 0) {
      throw intentError('HTTPBadRequest', { msg: 'Request body contains invalid data' });
    }
    const prefixes = readNamed('prefixes', readPrefixes, given);
    const after = change(draft, pool, prefixes);
    draft.put('subnetpool', pool.id, after);
    return () => ({ prefixes: after.prefixes });
  };
}

/** Takes the subnets of a network, with their prefixes, into a pool. */
function onboard(draft: Draft, pool: Subnetpool, body: unknown): () => View {
  const { network_id: networkId } = (body ?? {}) as { readonly network_id?: unknown };
  if (typeof networkId !== 'string') throw invalidInput('network_id must be specified.');
  checkNetworkOwned(draft, networkId);
  const subnets = [...draft.topology.members('subnetsOfNetwork', networkId).values()].filter(
    ({ ip_version }) => ip_version === pool.ip_version,
  );
  const allocated = allocatedOf(draft.topology, pool.id);
  for (const { id, cidr } of subnets) {
    if (!overlap(rangesOf([cidr]), allocated)) continue;
    const what = `Onboarding subnet ${id}: ${cidr} conflicts with allocated prefixes`;
    const reason = `${what} in subnet pool ${pool.id}`;
    throw intentError('IllegalSubnetPoolUpdate', { reason });
  }
  const prefixes = [...pool.prefixes, ...subnets.map(({ cidr }) => cidr)];
  draft.put('subnetpool', pool.id, changePool(draft, pool, { prefixes }));
  touchNetwork(draft, networkId);
  for (const subnet of subnets) {
    draft.put('subnet', subnet.id, onboardedSubnet(subnet, pool.id, draft.at));
  }
  // The answer is a list, alone among those of actions.
  return () => subnets.map(({ id, cidr }) => ({ id, cidr })) as unknown as View;
}

function checkNetworkOwned({ topology, requester }: Draft, id: string): void {
  const network = topology.get('network', id);
  if (network === undefined || !isAllowed('get_network', requester, network, topology)) {
    throw networkNotFound(id);
  }
  if (requester.isAdmin || network.project_id === requester.projectId) return;
  throw intentError('NotAuthorized', {});
}
