/**
 * Which CIDR a subnet gets: the one that it names, or one out of a subnet pool. Two subnets made at
 * once could get the same, so the commit must expect the pool's revision and write the pool too.
 */
import { defined } from '../../lib/assert.ts';
import {
  addressPlus,
  type Cidr,
  cidrOf,
  formatAddress,
  formatCidr,
  parseAddress,
  parseCidr,
} from '../address.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import { isSubset, subtract, toCidrs } from '../prefixes.ts';
import type { PlacedSubnet, SubnetCreate } from '../subnet.ts';
import type { Subnetpool } from '../subnetpool.ts';
import { allocatedOf, rangesOf } from './subnetpool.ts';

/** A quota of IPv4 addresses, and of IPv6 /64s. */
const QUOTA_UNIT = { 4: 32, 6: 64 } as const;

/**
 * Where a subnet's CIDR comes from: a request that contradicts itself, or says too little, fails.
 */
export function poolOf(topology: Intent, given: SubnetCreate): string | undefined {
  const { cidr, prefixlen, ip_version: version } = given;
  if (cidr && prefixlen !== undefined) {
    throw badSubnet('cidr and prefixlen must not be supplied together');
  }
  if (given.use_default_subnetpool && given.subnetpool_id) {
    throw badSubnet('subnetpool_id and use_default_subnetpool cannot both be specified');
  }
  if (given.subnetpool_id) return given.subnetpool_id;
  if (!given.use_default_subnetpool) {
    if (!cidr) throw badSubnet('a subnetpool must be specified in the absence of a cidr');
    return undefined;
  }
  const [id] = topology.members('defaultSubnetpools', String(version)).keys();
  if (id === undefined) throw badSubnet(`No default subnetpool found for IPv${version}`);
  return id;
}

/** The request with the CIDR, and where that was chosen the gateway, that the pool gives it. */
export function allocatedFrom(
  topology: Intent,
  pool: Subnetpool,
  given: SubnetCreate,
  projectId: string,
): PlacedSubnet {
  if (!given.cidr && given.allocation_pools !== undefined) {
    throw badSubnet('allocation_pools allowed only for specific subnet requests');
  }
  if (given.ip_version !== pool.ip_version) {
    const versions = `IPv${given.ip_version} subnet from IPv${pool.ip_version} subnet pool`;
    throw badSubnet(`Cannot allocate ${versions}`);
  }
  const wanted = wantedCidr(pool, given);
  const prefix = wanted?.prefix ?? given.prefixlen ?? Number(pool.default_prefixlen);
  checkLength(pool, prefix);
  checkPoolQuota(topology, pool, prefix, projectId);
  const free = subtract(rangesOf(pool.prefixes), allocatedOf(topology, pool.id));
  if (wanted !== undefined) {
    if (!isSubset([wanted], free)) {
      const reason = 'Cannot allocate requested subnet from the available set of prefixes';
      throw intentError('SubnetAllocationError', { reason });
    }
    return { ...given, cidr: formatCidr(wanted), subnetpool_id: pool.id };
  }
  const cidr = smallestFit(toCidrs(free), prefix);
  if (cidr === undefined) {
    const reason = `Insufficient prefix space to allocate subnet size /${prefix}`;
    throw intentError('SubnetAllocationError', { reason });
  }
  // Of an IPv6 subnet, too, Neutron takes the second address here.
  const { gateway_ip = formatAddress(addressPlus(cidr.first, 1)) } = given;
  return { ...given, cidr: formatCidr(cidr), gateway_ip, subnetpool_id: pool.id };
}

/** The request of a subnet that names its CIDR and comes from no pool. */
export function placedAt(given: SubnetCreate): PlacedSubnet {
  return { ...given, cidr: defined(given.cidr ?? undefined, 'cidr of a subnet without a pool') };
}

/** All subnets of one version in a network come from one pool, or from pools of one scope. */
export function checkAffinity(
  topology: Intent,
  networkId: string,
  version: 4 | 6,
  pool: Subnetpool | undefined,
): void {
  const scope = scopeOfNetwork(topology, networkId, version);
  if (scope !== null && pool !== undefined && pool.address_scope_id !== scope) {
    throw intentError('NetworkAddressScopeAffinityError', {});
  }
  for (const subnet of topology.members('subnetsOfNetwork', networkId).values()) {
    if (subnet.ip_version !== version) continue;
    const isOther =
      pool === undefined
        ? subnet.subnetpool_id !== null
        : subnet.subnetpool_id !== pool.id && scope === null;
    if (isOther) throw intentError('NetworkSubnetPoolAffinityError', {});
  }
}

/** The address scope that the subnets of a version in a network are in. */
export function scopeOfNetwork(topology: Intent, networkId: string, version: 4 | 6): string | null {
  for (const subnet of topology.members('subnetsOfNetwork', networkId).values()) {
    if (subnet.ip_version !== version || subnet.subnetpool_id === null) continue;
    const scope = topology.get('subnetpool', subnet.subnetpool_id)?.address_scope_id;
    if (scope) return scope;
  }
  return null;
}

/** What the request leaves no choice about: it names the CIDR, or a gateway that lies in it. */
function wantedCidr(pool: Subnetpool, given: SubnetCreate): Cidr | undefined {
  if (given.cidr) return defined(parseCidr(given.cidr), 'cidr that was read');
  if (!given.gateway_ip) return undefined;
  const gateway = defined(parseAddress(given.gateway_ip), 'gateway that was read');
  return cidrOf(gateway, given.prefixlen ?? Number(pool.default_prefixlen));
}

function checkLength({ min_prefixlen, max_prefixlen }: Subnetpool, prefixlen: number): void {
  if (prefixlen > Number(max_prefixlen)) {
    throw intentError('MaxPrefixSubnetAllocationError', { prefixlen, max_prefixlen });
  }
  if (prefixlen < Number(min_prefixlen)) {
    throw intentError('MinPrefixSubnetAllocationError', { prefixlen, min_prefixlen });
  }
}

function checkPoolQuota(
  topology: Intent,
  pool: Subnetpool,
  prefix: number,
  projectId: string,
): void {
  // A quota of 0 is no quota, as in Neutron.
  if (!pool.default_quota) return;
  const unitsOf = (length: number): number => 2 ** (QUOTA_UNIT[pool.ip_version] - length);
  let used = unitsOf(prefix);
  for (const { cidr, project_id } of topology.members('subnetsOfPool', pool.id).values()) {
    if (project_id === projectId) used += unitsOf(parseCidr(cidr)?.prefix ?? 0);
  }
  if (used > pool.default_quota) throw intentError('SubnetPoolQuotaExceeded', {});
}

/** The beginning of the smallest free block that holds a block of a length; the first of equals. */
function smallestFit(free: readonly Cidr[], prefix: number): Cidr | undefined {
  let best: Cidr | undefined;
  for (const block of free) {
    if (block.prefix <= prefix && block.prefix > (best?.prefix ?? -1)) best = block;
  }
  return best && cidrOf(best.first, prefix);
}

function badSubnet(msg: string) {
  return intentError('BadRequest', { resource: 'subnets', msg });
}
