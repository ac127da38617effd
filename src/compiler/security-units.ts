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
  type SecurityUnitKey,
  type Topology,
  type UnitKey,
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

interface SecurityUnit {
  /** What the unit is made of: the same on whatever host it has the same parts. */
  readonly parts: (topology: Topology, host: Host, id: string) => readonly unknown[] | undefined;
  readonly content: Content;
}

function unit<Parts extends readonly unknown[]>(
  parts: (topology: Topology, host: Host, id: string) => Parts | undefined,
  content: (parts: Parts, id: string) => UnitContent | undefined,
): SecurityUnit {
  const compile: Content = (topology, host, id) => {
    const found = parts(topology, host, id);
    return found && content(found, id);
  };
  return { parts, content: compile };
}

const UNITS: Readonly<Record<SecurityKind, SecurityUnit>> = {
  'group-set': unit(
    (topology, host, set) => {
      if (!topology.groupPlaces.setsOf(host.id).has(set)) return undefined;
      return groupsOfSet(set).flatMap((id) => [...topology.clausesOf(id).values()]);
    },
    (clauses, set) => groupSetContent(hashToBigint(hashText(set)), clauses),
  ),

  'security-group': unit((topology, host, id) => {
    if (!topology.groupPlaces.groupsOf(host.id).has(id)) return undefined;
    return [...topology.clausesOf(id).values()];
  }, groupContent),

  'security-group-rule': unit(
    (topology, host, id) => {
      const rule = topology.get('security_group_rule', id);
      const clause = rule && clauseOn(topology, host, rule);
      return rule && clause && ([rule, clause] as const);
    },
    ([rule, clause]) => ruleContent(rule, clause),
  ),

  'group-member': unit(
    (topology, host, id) => {
      const port = topology.get('port', id);
      if (port === undefined || !topology.isMember(port)) return undefined;
      const rules = port.security_groups.flatMap((groupId) => [
        ...topology.members('rulesToGroup', groupId).values(),
      ]);
      return withClauses(port, clausesOn(topology, host, rules));
    },
    ([port, ...clauses]) => {
      const addresses = [...port.fixed_ips, ...port.allowed_address_pairs];
      return asRemote(
        clauses,
        addresses.map(({ ip_address }) => readRange(ip_address)),
      );
    },
  ),

  'address-group': unit(
    (topology, host, id) => {
      const group = topology.get('address_group', id);
      if (group === undefined) return undefined;
      const rules = topology.members('rulesToAddressGroup', id).values();
      return withClauses(group, clausesOn(topology, host, rules));
    },
    ([{ addresses }, ...clauses]) => asRemote(clauses, addresses.map(readRange)),
  ),
};

export const SECURITY_CONTENT: Readonly<Record<SecurityKind, Content>> = {
  'group-set': UNITS['group-set'].content,
  'security-group': UNITS['security-group'].content,
  'security-group-rule': UNITS['security-group-rule'].content,
  'group-member': UNITS['group-member'].content,
  'address-group': UNITS['address-group'].content,
};

export function isSecurityKey(key: UnitKey): key is SecurityUnitKey {
  return Object.hasOwn(UNITS, key.slice(0, key.indexOf('/')));
}

/** What a unit is made of on a host, records and clauses; undefined: the host has none. */
export function securityParts(
  topology: Topology,
  host: Host,
  key: SecurityUnitKey,
): readonly unknown[] | undefined {
  const slash = key.indexOf('/');
  const kind = key.slice(0, slash) as SecurityKind;
  return UNITS[kind].parts(topology, host, key.slice(slash + 1));
}

/** Who is no remote of any clause on the host has no unit there. */
function withClauses<Remote>(remote: Remote, clauses: readonly Clause[]) {
  return clauses.length === 0 ? undefined : ([remote, ...clauses] as const);
}

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
