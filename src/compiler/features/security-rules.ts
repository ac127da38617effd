/**
 * Tables IngressRules to PacketRuleHits: the rules of security groups as conjunctive matches.
 *
 *     group set ─┐
 *     remote    ─┼─▶ clause ─▶ rule, counted, Allowed
 *     service   ─┘
 *
 * A clause that takes everybody has no dimension for remotes, and one that takes everything of
 * everybody is a plain flow for each group set. Stateful rules match the original tuple of the
 * packet's connection, stateless ones the packet itself.
 */
import { hashText } from '../../lib/hash.ts';
import type { Match } from '../../openflow/oxm/index.ts';
import {
  Allowed,
  Clause as ClauseField,
  type ConjunctionDraft,
  EgressPacketRules,
  EgressRules,
  type FlowDraft,
  fieldIn,
  GroupSet,
  IngressPacketRules,
  IngressRules,
  PacketRuleHits,
  PRIORITY,
  Rule,
  RuleHits,
  type Table,
  type UnitContent,
} from '../../pipeline/index.ts';
import { type Clause, isOpen, type SecurityGroupRule } from '../../topology/index.ts';
import { type AddressRange, readRange } from '../addresses.ts';
import { IPV4, IPV6, TRACKED } from '../protocols.ts';
import { remoteMatches, servicesOf } from './security-matches.ts';

/** Dimensions of a conjunction, counted from 1. */
const GROUP_SET = 1;
const SERVICE = 2;
const REMOTE = 3;

/** What the groups of a port let through together. */
export function groupSetContent(set: bigint, clauses: readonly Clause[]): UnitContent {
  const match: Match = { [GroupSet.field]: set };
  return {
    flows: clauses
      .filter(isOpen)
      .map((clause) =>
        rulesTable(clause)
          .flow(PRIORITY.exception)
          .match(ipOf(clause), match)
          .load(ClauseField, clause.id)
          .goto(hitsTable(clause)),
      ),
    conjunctions: clauses
      .filter((clause) => !isOpen(clause))
      .map((clause) => inDimension(clause, GROUP_SET, match)),
  };
}

/** What a group's clauses lead to, and the remotes of those that name a prefix. */
export function groupContent(clauses: readonly Clause[]): UnitContent {
  return {
    flows: clauses.filter((clause) => !isOpen(clause)).map(enterClause),
    conjunctions: clauses.flatMap((clause) =>
      clause.remote.type === 'prefix'
        ? fromRemote(clause, readRange(clause.remote.cidr).range)
        : [],
    ),
  };
}

function enterClause(clause: Clause): FlowDraft {
  return rulesTable(clause)
    .flow(PRIORITY.normal)
    .match({ conj_id: clause.id })
    .load(ClauseField, clause.id)
    .goto(hitsTable(clause));
}

export function ruleContent(rule: SecurityGroupRule, clause: Clause): UnitContent {
  const services = servicesOf(rule, clause.stateful);
  const isPrecise = rule.protocol !== null;
  return {
    flows: services.map((service) =>
      hitsTable(clause)
        .flow(isPrecise ? PRIORITY.normal : PRIORITY.rest)
        .match({ [ClauseField.register]: clause.id }, ipOf(clause), service)
        .mark(Allowed)
        .load(Rule, ruleMark(rule.id))
        .done(),
    ),
    conjunctions: isOpen(clause)
      ? []
      : services.map((service) =>
          inDimension(clause, SERVICE, { ...stateOf(clause), ...ipOf(clause), ...service }),
        ),
  };
}

/** An address, or many, as the remote of a clause. */
export function fromRemote(clause: Clause, range: AddressRange): ConjunctionDraft[] {
  return remoteMatches(clause, range).map((match) =>
    inDimension(clause, REMOTE, { ...stateOf(clause), ...ipOf(clause), ...match }),
  );
}

function inDimension(clause: Clause, dimension: number, match: Match): ConjunctionDraft {
  return {
    table: rulesTable(clause),
    priority: PRIORITY.normal,
    match,
    id: clause.id,
    clause: dimension,
    clauses: clause.remote.type === 'any' ? SERVICE : REMOTE,
  };
}

/** What the flows of a rule write into the register Rule. */
export function ruleMark(ruleId: string): number {
  return hashText(ruleId).lo >>> 0;
}

/** What a packet's metadata says there; 0 before any rule. */
export function ruleMarkIn(metadata: Match): number {
  return fieldIn(metadata, Rule);
}

function ipOf({ ethertype }: Clause): Match {
  return ethertype === 'IPv4' ? IPV4 : IPV6;
}

/** What the fields of the original tuple presuppose. */
function stateOf({ stateful }: Clause): Match {
  return stateful ? TRACKED : {};
}

function rulesTable({ stateful, direction }: Clause): Table {
  if (stateful) return direction === 'ingress' ? IngressRules : EgressRules;
  return direction === 'ingress' ? IngressPacketRules : EgressPacketRules;
}

function hitsTable({ stateful }: Clause): Table {
  return stateful ? RuleHits : PacketRuleHits;
}
