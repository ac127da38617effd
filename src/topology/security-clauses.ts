/**
 * A clause is what one security group lets through in one direction and IP version to or from one
 * remote: the unit in which its rules become conjunctive matches (ovs-fields(7), "Conjunctive Match
 * Fields"), so that a host's flows grow with remotes plus services and never with their product.
 *
 *      31                  12 11          0
 *     +----------------------+-------------+
 *     | number of the group  |    slot     |     the conjunction id of a clause
 *     +----------------------+-------------+
 */
import { hashText } from '../lib/hash.ts';
import type { SecurityGroup } from './security-group.ts';
import { normalizedCidr, type RuleMatch, type SecurityGroupRule } from './security-group-rule.ts';

const SLOT_BITS = 12;
/** Clauses that one group may have. */
export const CLAUSES_MAX = 2 ** SLOT_BITS;
export const GROUP_NUMBER_MAX = 2 ** (32 - SLOT_BITS) - 1;

export type Remote =
  | { readonly type: 'any' }
  | { readonly type: 'prefix'; readonly cidr: string }
  | { readonly type: 'group' | 'address-group'; readonly id: string };

export interface Clause extends Pick<RuleMatch, 'direction' | 'ethertype'> {
  /** Its own in the region, never 0. */
  readonly id: number;
  /** Whether answers need no rule of their own; if not, packets are judged one by one. */
  readonly stateful: boolean;
  readonly remote: Remote;
  /** In order of their ids. */
  readonly rules: readonly SecurityGroupRule[];
}

/** The clauses of a group by `clauseKey`. They depend on what is there, not on how it came. */
export type Clauses = ReadonlyMap<string, Clause>;

export function clausesOf(group: SecurityGroup, rules: Iterable<SecurityGroupRule>): Clauses {
  const clauses = new Map<string, Clause>();
  const taken = new Set<number>();
  for (const [key, together] of byClause(rules)) {
    const [rule] = together as [SecurityGroupRule];
    const slot = freeSlot(key, taken);
    // The API takes no more remotes than there are slots; what has none lets nothing through.
    if (slot === undefined) continue;
    clauses.set(key, {
      id: group.number * CLAUSES_MAX + slot,
      stateful: group.stateful,
      direction: rule.direction,
      ethertype: rule.ethertype,
      remote: remoteOf(rule),
      rules: together,
    });
  }
  return clauses;
}

export function clauseKey(rule: RuleMatch): string {
  const remote = remoteOf(rule);
  const name = remote.type === 'prefix' ? remote.cidr : remote.type === 'any' ? '' : remote.id;
  return `${rule.direction} ${rule.ethertype} ${remote.type} ${name}`;
}

/** Whether it lets through everything to and from everybody. */
export function isOpen({ remote, rules }: Clause): boolean {
  return remote.type === 'any' && rules.some(({ protocol }) => protocol === null);
}

const ANY: Remote = { type: 'any' };

function remoteOf(rule: RuleMatch): Remote {
  const { remote_group_id: group, remote_address_group_id: addresses } = rule;
  if (group !== null) return { type: 'group', id: group };
  if (addresses !== null) return { type: 'address-group', id: addresses };
  const cidr = normalizedCidr(rule);
  return cidr === null || cidr.endsWith('/0') ? ANY : { type: 'prefix', cidr };
}

/** The oldest clause first: one that comes later takes no number that another has. */
function byClause(rules: Iterable<SecurityGroupRule>): [string, SecurityGroupRule[]][] {
  const clauses = new Map<string, SecurityGroupRule[]>();
  for (const rule of [...rules].sort(byId)) {
    const key = clauseKey(rule);
    const others = clauses.get(key);
    if (others === undefined) clauses.set(key, [rule]);
    else others.push(rule);
  }
  return [...clauses]
    .map(([key, together]) => ({ key, together, since: oldest(together) }))
    .sort((one, other) => compare(one.since, other.since) || compare(one.key, other.key))
    .map(({ key, together }) => [key, together]);
}

function oldest(rules: readonly SecurityGroupRule[]): string {
  return rules.reduce((least, { created_at: at }) => (at < least ? at : least), '~');
}

function byId(one: SecurityGroupRule, other: SecurityGroupRule): number {
  return compare(one.id, other.id);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The slot that the key hashes to, or the next free one. */
function freeSlot(key: string, taken: Set<number>): number | undefined {
  const natural = hashText(key).lo >>> (32 - SLOT_BITS);
  for (let step = 0; step < CLAUSES_MAX; step++) {
    const slot = (natural + step) % CLAUSES_MAX;
    if (taken.has(slot)) continue;
    taken.add(slot);
    return slot;
  }
  return undefined;
}
