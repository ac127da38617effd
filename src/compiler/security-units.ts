/** The units of security groups: what is in each. */
import { hashText, hashToBigint } from '../lib/hash.ts';
import type { ConjunctionDraft, UnitContent } from '../pipeline/index.ts';
import {
  type Clause,
  clauseKey,
  groupSetOf,
  groupsOfSet,
  type Host,
  type Port,
  type SecurityGroupRule,
  type Topology,
} from '../topology/index.ts';
import { readRange, type VersionedRange } from './addresses.ts';
import {
  fromRemote,
  groupContent,
  groupSetContent,
  ruleContent,
} from './features/security-rules.ts';
import type { CompilerSettings } from './settings.ts';

export type Content = (
  topology: Topology,
  host: Host,
  id: string,
  settings: CompilerSettings,
) => UnitContent | undefined;

type SecurityKind =
  | 'group-set'
  | 'security-group'
  | 'security-group-rule'
  | 'group-member'
  | 'address-group';

/** What the flows of a port call its security groups; undefined when it has none to obey. */
export function groupSetHash(port: Port): bigint | undefined {
  const set = groupSetOf(port);
  return set === undefined ? undefined : hashToBigint(hashText(set));
}

export const SECURITY_CONTENT: Readonly<Record<SecurityKind, Content>> = {
  'group-set': (topology, host, set) => {
    if (!topology.groupPlaces.setsOf(host.id).has(set)) return undefined;
    const clauses = groupsOfSet(set).flatMap((id) => [...topology.clausesOf(id).values()]);
    return groupSetContent(hashToBigint(hashText(set)), clauses);
  },

  'security-group': (topology, host, id) => {
    if (!topology.groupPlaces.groupsOf(host.id).has(id)) return undefined;
    return groupContent([...topology.clausesOf(id).values()]);
  },

  'security-group-rule': (topology, host, id) => {
    const rule = topology.get('security_group_rule', id);
    const clause = rule && clauseOn(topology, host, rule);
    return rule && clause && ruleContent(rule, clause);
  },

  'group-member': (topology, host, id) => {
    const port = topology.get('port', id);
    if (port === undefined || !topology.isMember(port)) return undefined;
    const rules = port.security_groups.flatMap((groupId) => [
      ...topology.members('rulesToGroup', groupId).values(),
    ]);
    const addresses = [...port.fixed_ips, ...port.allowed_address_pairs];
    const ranges = addresses.map(({ ip_address }) => readRange(ip_address));
    return asRemote(clausesOn(topology, host, rules), ranges);
  },

  'address-group': (topology, host, id) => {
    const addresses = topology.get('address_group', id)?.addresses;
    if (addresses === undefined) return undefined;
    const rules = topology.members('rulesToAddressGroup', id).values();
    return asRemote(clausesOn(topology, host, rules), addresses.map(readRange));
  },
};

function asRemote(
  clauses: readonly Clause[],
  ranges: readonly VersionedRange[],
): UnitContent | undefined {
  const conjunctions: ConjunctionDraft[] = [];
  for (const clause of clauses) {
    const version = clause.ethertype === 'IPv4' ? 4 : 6;
    for (const range of ranges) {
      if (range.version === version) conjunctions.push(...fromRemote(clause, range.range));
    }
  }
  return conjunctions.length === 0 ? undefined : { flows: [], conjunctions };
}

/** The clauses that rules belong to, of those that a host has; in order of their ids. */
function clausesOn(topology: Topology, host: Host, rules: Iterable<SecurityGroupRule>): Clause[] {
  const clauses = new Set<Clause>();
  for (const rule of rules) {
    const clause = clauseOn(topology, host, rule);
    if (clause !== undefined) clauses.add(clause);
  }
  return [...clauses].sort((one, other) => one.id - other.id);
}

function clauseOn(topology: Topology, host: Host, rule: SecurityGroupRule): Clause | undefined {
  const { security_group_id: groupId } = rule;
  if (!topology.groupPlaces.groupsOf(host.id).has(groupId)) return undefined;
  return topology.clausesOf(groupId).get(clauseKey(rule));
}
