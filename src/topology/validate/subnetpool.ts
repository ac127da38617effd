/** Subnet pools: from a checked request to a record, and what forbids a change. */
import { defined } from '../../lib/assert.ts';
import { type Cidr, formatCidr, parseCidr } from '../address.ts';
import type { AddressScope } from '../address-scope.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import { isSubset, join, overlap, subtract, toCidrs } from '../prefixes.ts';
import type { Range } from '../sorted-addresses.ts';
import type { Subnetpool, SubnetpoolCreate, SubnetpoolUpdate } from '../subnetpool.ts';
import { type Birth, born, touched } from './birth.ts';

const VERSIONS = {
  4: { bits: 32, min_prefixlen: '8' },
  6: { bits: 128, min_prefixlen: '64' },
} as const;

export function freshSubnetpool(given: SubnetpoolCreate, birth: Birth): Subnetpool {
  const version = versionOf(given.prefixes);
  const min_prefixlen = given.min_prefixlen ?? VERSIONS[version].min_prefixlen;
  const pool: Subnetpool = {
    name: given.name,
    description: given.description,
    ip_version: version,
    prefixes: compact(given.prefixes),
    min_prefixlen,
    default_prefixlen: given.default_prefixlen ?? min_prefixlen,
    max_prefixlen: given.max_prefixlen ?? String(VERSIONS[version].bits),
    address_scope_id: given.address_scope_id,
    is_default: given.is_default,
    default_quota: given.default_quota ?? null,
    ...born(birth, given),
  };
  checkBounds(pool);
  return pool;
}

export function updatedSubnetpool(
  pool: Subnetpool,
  given: SubnetpoolUpdate,
  at: string,
): Subnetpool {
  const { prefixes = pool.prefixes, ...plain } = given;
  versionOf([...pool.prefixes, ...prefixes]);
  if (!isSubset(rangesOf(pool.prefixes), rangesOf(prefixes))) {
    const msg = 'Existing prefixes must be a subset of the new prefixes';
    throw intentError('IllegalSubnetPoolPrefixUpdate', { msg });
  }
  const after = { ...pool, ...plain, prefixes: compact(prefixes), ...touched(pool, at) };
  checkBounds(after);
  return after;
}

/** A pool with fewer prefixes; those of subnets cannot go. */
export function shrunkSubnetpool(
  topology: Intent,
  pool: Subnetpool,
  prefixes: readonly string[],
  at: string,
): Subnetpool {
  const [all, removed] = [rangesOf(pool.prefixes), rangesOf(prefixes)];
  if (!overlap(all, removed)) return pool;
  if (overlap(allocatedOf(topology, pool.id), removed)) {
    const msg = 'One or more the prefixes to be removed is in use by a subnet';
    throw intentError('IllegalSubnetPoolPrefixUpdate', { msg });
  }
  const left = toCidrs(subtract(all, removed)).map(formatCidr);
  return { ...pool, prefixes: left, ...touched(pool, at) };
}

/** What the subnets of a pool have of it. */
export function allocatedOf(topology: Intent, poolId: string): Range[] {
  const subnets = topology.members('subnetsOfPool', poolId).values();
  return rangesOf([...subnets].map(({ cidr }) => cidr));
}

export function rangesOf(prefixes: Iterable<string>): Range[] {
  return join([...prefixes].map(cidrOf));
}

/** Whether a pool may be in an address scope: of its version, and with nothing of other pools. */
export function checkScope(topology: Intent, pool: Subnetpool, scope: AddressScope): void {
  const names = { subnetpool_id: pool.id, address_scope_id: scope.id };
  if (scope.ip_version !== pool.ip_version) {
    throw intentError('IllegalSubnetPoolIpVersionAssociationToAddressScope', {
      ...names,
      ip_version: scope.ip_version,
    });
  }
  const own = rangesOf(pool.prefixes);
  for (const other of topology.members('poolsOfScope', scope.id).values()) {
    if (other.id === pool.id || !overlap(own, rangesOf(other.prefixes))) continue;
    throw intentError('AddressScopePrefixConflict', {});
  }
}

/** The networks in which a pool has subnets; all of their version must be of it to be re-scoped. */
export function checkRescope(topology: Intent, pool: Subnetpool): ReadonlySet<string> {
  const networks = new Set<string>();
  for (const { network_id } of topology.members('subnetsOfPool', pool.id).values()) {
    networks.add(network_id);
  }
  for (const networkId of networks) {
    for (const subnet of topology.members('subnetsOfNetwork', networkId).values()) {
      if (subnet.ip_version !== pool.ip_version || subnet.subnetpool_id === pool.id) continue;
      throw intentError('NetworkAddressScopeAffinityError', {});
    }
  }
  return networks;
}

function versionOf(prefixes: readonly string[]): 4 | 6 {
  const [first, ...others] = prefixes.map(cidrOf);
  if (first === undefined) throw intentError('EmptySubnetPoolPrefixList', {});
  if (others.some(({ version }) => version !== first.version)) {
    throw intentError('PrefixVersionMismatch', {});
  }
  return first.version;
}

function compact(prefixes: readonly string[]): string[] {
  return toCidrs(rangesOf(prefixes)).map(formatCidr);
}

function cidrOf(prefix: string): Cidr {
  return defined(parseCidr(prefix), 'prefix that was read');
}

function checkBounds(pool: Subnetpool): void {
  const { min_prefixlen: min, default_prefixlen: preset, max_prefixlen: max } = pool;
  const { bits } = VERSIONS[pool.ip_version];
  const rules = [
    [Number(min) <= Number(max), 'min_prefixlen', min, 'max_prefixlen', max],
    [Number(max) <= bits, 'max_prefixlen', max, 'ip_version_max', bits],
    [Number(preset) >= Number(min), 'default_prefixlen', preset, 'min_prefixlen', min],
    [Number(preset) <= Number(max), 'default_prefixlen', preset, 'max_prefixlen', max],
  ] as const;
  for (const [holds, prefix_type, prefixlen, base_prefix_type, base_prefixlen] of rules) {
    if (holds) continue;
    const names = { prefix_type, prefixlen, base_prefix_type, base_prefixlen };
    throw intentError('IllegalSubnetPoolPrefixBounds', names);
  }
}
