/** How many flows a security group costs each host that has a port in it. */
import { alignedBlocks } from '../aligned-blocks.ts';
import type { Intent } from '../intent.ts';
import { type Clause, type Clauses, isOpen } from '../security-clauses.ts';
import type { SecurityGroupRule } from '../security-group-rule.ts';
import { type ByVersion, matchesOf } from './port-flows.ts';

/** What a host bears; see `HOST_LIMITS`. */
export interface Load {
  readonly flows: number;
  readonly clauses: number;
}

/** A group of ports, or of addresses, that a clause lets through. */
interface Remote {
  readonly type: 'group' | 'address-group';
  readonly id: string;
  readonly ethertype: keyof ByVersion;
}

interface GroupFlows {
  /** Without those of members of other groups. */
  readonly own: number;
  readonly clauses: number;
  readonly remotes: readonly Remote[];
}

const known = new WeakMap<Clauses, GroupFlows>();

/** Several groups of a host that name one remote share its flows: this is the most that it is. */
export function groupLoad(intent: Intent, clauses: Clauses): Load {
  let counted = known.get(clauses);
  if (counted === undefined) {
    counted = count(clauses);
    known.set(clauses, counted);
  }
  let flows = counted.own;
  for (const remote of counted.remotes) flows += remoteFlows(intent, remote)[remote.ethertype];
  return { flows, clauses: counted.clauses };
}

/** How many clauses name one of some groups. */
export function namingsOf(clauses: Clauses, groupIds: readonly string[]): number {
  const names = ({ remote }: Clause): boolean =>
    remote.type === 'group' && groupIds.includes(remote.id);
  return [...clauses.values()].filter(names).length;
}

/** The matches of what a clause lets through. */
export function remoteFlows(intent: Intent, { type, id }: Omit<Remote, 'ethertype'>): ByVersion {
  if (type === 'group') return intent.memberFlows(id);
  return matchesOf(intent.get('address_group', id)?.addresses ?? []);
}

/** What the service of a rule takes: in the rules, and where hits are counted. */
export function ruleFlows(rule: SecurityGroupRule): number {
  return 2 * blocksOf(rule);
}

/** A shared flow in each table of rules, and one for each clause that takes everything. */
export function setFlows(groups: number): number {
  return RULE_TABLES + OPEN_CLAUSES_MAX * groups;
}

const RULE_TABLES = 4;
/** Of two directions and two IP versions. */
const OPEN_CLAUSES_MAX = 4;

function count(clauses: Clauses): GroupFlows {
  let own = 0;
  const sides = { ingress: 0, egress: 0 };
  const remotes: Remote[] = [];
  for (const clause of clauses.values()) {
    const { remote, rules, direction, ethertype } = clause;
    own += rules.reduce((sum, rule) => sum + ruleFlows(rule), 0);
    if (isOpen(clause)) continue;
    own += remote.type === 'prefix' ? 2 : 1;
    sides[direction] += 1;
    if (remote.type === 'group' || remote.type === 'address-group') {
      remotes.push({ type: remote.type, id: remote.id, ethertype });
    }
  }
  return { own, clauses: Math.max(sides.ingress, sides.egress), remotes };
}

/** A range of ports is matched by aligned blocks. */
function blocksOf({ port_range_min: first, port_range_max: last }: SecurityGroupRule): number {
  return first === null || last === null || last <= first ? 1 : alignedBlocks(first, last).length;
}
