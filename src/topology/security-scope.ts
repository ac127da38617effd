/**
 * Which units of security groups a change touches (scope.ts). A host has the units of a group while
 * one of its ports is in it, and those of each member of a group that such a group refers to.
 */
import type { AddressGroup } from './address-group.ts';
import { type GroupPlace, groupsOfSet, NO_GROUPS } from './group-places.ts';
import type { Port } from './port.ts';
import { type AnyRecord, type Change, type RecordKey, splitKey } from './records.ts';
import type { Clause, Clauses, Remote } from './security-clauses.ts';
import type { SecurityGroup } from './security-group.ts';
import type { SecurityGroupRule } from './security-group-rule.ts';
import { type SecurityUnitKey, securityKeysOf } from './security-keys.ts';
import type { Topology } from './topology.ts';

/** Where the touched units are put down. */
interface Sink {
  add(hostId: string, key: SecurityUnitKey): void;
}

export class SecurityScope {
  readonly #topology: Topology;
  readonly #scope: Sink;
  /** Ports that the change may plug, unplug or put into other groups, with where they were. */
  readonly #places = new Map<string, readonly GroupPlace[]>();
  /** Ports that are members with other addresses, or of other groups, than before. */
  readonly #members = new Set<string>();
  readonly #addressGroups = new Set<string>();
  /** Groups that let through other things: what they let through before, and where. */
  readonly #groups = new Map<string, { clauses: Clauses; hosts: ReadonlySet<string> }>();
  /** Hosts that come or go, with all that they have. */
  readonly #hosts = new Set<string>();
  /** Rules, with their groups. */
  readonly #rules = new Map<string, string>();

  /** Looks at the state before the change. */
  constructor(topology: Topology, change: Change, scope: Sink) {
    this.#topology = topology;
    this.#scope = scope;
    for (const key of change.deletes) this.#note(key, undefined);
    for (const { key, value } of change.puts) this.#note(key, value);
    this.#collect();
  }

  /** Looks at the state after it. */
  finish(): void {
    this.#collect();
    for (const [groupId, before] of this.#groups) {
      const hosts = new Set([...before.hosts, ...this.#hostsOf(groupId)]);
      this.#compareClauses(before.clauses, this.#topology.clausesOf(groupId), hosts);
    }
    this.#comparePlaces();
  }

  #note(key: RecordKey, after: AnyRecord | undefined): void {
    const { kind, id } = splitKey(key);
    switch (kind) {
      case 'port':
        this.#places.set(id, this.#topology.groupPlacesOf(id));
        if (!sameMember(this.#topology.get('port', id), after as Port)) this.#members.add(id);
        return;
      case 'binding':
        return this.#noteBinding(id, after);
      case 'security_group_rule':
        return this.#noteRule(id, after as SecurityGroupRule | undefined);
      case 'security_group':
        if (!sameGroup(this.#topology.get('security_group', id), after as SecurityGroup)) {
          this.#noteGroup(id);
        }
        return;
      case 'address_group':
        if (!sameAddresses(this.#topology.get('address_group', id), after as AddressGroup)) {
          this.#addressGroups.add(id);
        }
        return;
      case 'host':
        if (this.#topology.get('host', id) === undefined || after === undefined)
          this.#hosts.add(id);
        return;
      default:
        return;
    }
  }

  #noteBinding(id: string, after: AnyRecord | undefined): void {
    this.#places.set(id, this.#topology.groupPlacesOf(id));
    const before = this.#topology.get('binding', id);
    // It is a member while it is plugged.
    if ((before === undefined) !== (after === undefined)) this.#members.add(id);
  }

  #noteRule(id: string, after: SecurityGroupRule | undefined): void {
    for (const rule of [this.#topology.get('security_group_rule', id), after]) {
      if (rule === undefined) continue;
      this.#rules.set(id, rule.security_group_id);
      this.#noteGroup(rule.security_group_id);
    }
  }

  #noteGroup(id: string): void {
    const hosts = new Set(this.#hostsOf(id));
    this.#groups.set(id, { clauses: this.#topology.clausesOf(id), hosts });
  }

  /** What hangs on the touched records in the present state. */
  #collect(): void {
    for (const portId of this.#members) this.#collectMember(portId);
    for (const id of this.#addressGroups) this.#collectAddressGroup(id);
    for (const groupId of this.#groups.keys()) this.#collectGroup(groupId);
    for (const hostId of this.#hosts) {
      for (const key of securityKeysOf(this.#topology, hostId)) this.#scope.add(hostId, key);
    }
    for (const [ruleId, groupId] of this.#rules) {
      this.#addOnHostsOf(groupId, `security-group-rule/${ruleId}`);
    }
  }

  #collectMember(portId: string): void {
    const port = this.#topology.get('port', portId);
    if (port === undefined || !this.#topology.isMember(port)) return;
    for (const groupId of port.security_groups) {
      const rules = this.#topology.members('rulesToGroup', groupId).values();
      for (const rule of rules) {
        this.#addOnHostsOf(rule.security_group_id, `group-member/${portId}`);
      }
    }
  }

  #collectAddressGroup(id: string): void {
    for (const rule of this.#topology.members('rulesToAddressGroup', id).values()) {
      this.#addOnHostsOf(rule.security_group_id, `address-group/${id}`);
    }
  }

  #collectGroup(groupId: string): void {
    for (const hostId of this.#hostsOf(groupId)) {
      this.#scope.add(hostId, `security-group/${groupId}`);
      for (const set of this.#topology.groupPlaces.setsOf(hostId).keys()) {
        if (groupsOfSet(set).includes(groupId)) this.#scope.add(hostId, `group-set/${set}`);
      }
    }
  }

  /** Clauses that came, went, have another number or other rules: all that carries the number. */
  #compareClauses(before: Clauses, after: Clauses, hosts: ReadonlySet<string>): void {
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const clauses = [before.get(key), after.get(key)] as const;
      if (sameClause(...clauses)) continue;
      for (const hostId of hosts) this.#touchClauses(hostId, clauses);
    }
  }

  #touchClauses(hostId: string, clauses: readonly [Clause | undefined, Clause | undefined]): void {
    const there = clauses.filter((clause) => clause !== undefined);
    for (const clause of there) this.#touchRules(hostId, clause);
    if (!sameConjunction(...clauses)) {
      for (const { remote } of there) this.#touchRemote(hostId, remote);
    }
  }

  #touchRules(hostId: string, { rules }: Clause): void {
    for (const { id } of rules) this.#scope.add(hostId, `security-group-rule/${id}`);
  }

  #touchRemote(hostId: string, remote: Remote): void {
    if (remote.type === 'address-group') {
      this.#scope.add(hostId, `address-group/${remote.id}`);
    } else if (remote.type === 'group') {
      for (const portId of this.#topology.members('portsOfGroup', remote.id).keys()) {
        this.#scope.add(hostId, `group-member/${portId}`);
      }
    }
  }

  /** Sets and groups that a host has now and had not before, or the other way round. */
  #comparePlaces(): void {
    const { groupPlaces } = this.#topology;
    const [sets, groups] = [new Moves(), new Moves()];
    for (const [portId, before] of this.#places) {
      for (const place of before) countPlace(sets, groups, place, -1);
      for (const place of this.#topology.groupPlacesOf(portId)) countPlace(sets, groups, place, 1);
    }
    for (const { hostId, name } of sets.turns((host) => groupPlaces.setsOf(host))) {
      this.#scope.add(hostId, `group-set/${name}`);
    }
    for (const { hostId, name } of groups.turns((host) => groupPlaces.groupsOf(host))) {
      this.#touchWholeGroup(hostId, name);
    }
  }

  #touchWholeGroup(hostId: string, groupId: string): void {
    this.#scope.add(hostId, `security-group/${groupId}`);
    for (const clause of this.#topology.clausesOf(groupId).values()) {
      this.#touchRules(hostId, clause);
      this.#touchRemote(hostId, clause.remote);
    }
  }

  #hostsOf(groupId: string): Iterable<string> {
    return this.#topology.groupPlaces.hostsOf(groupId).keys();
  }

  #addOnHostsOf(groupId: string, key: SecurityUnitKey): void {
    for (const hostId of this.#hostsOf(groupId)) this.#scope.add(hostId, key);
  }
}

/** By how much the number of ports behind a name grew on each host. */
class Moves {
  readonly #moves = new Map<string, Move>();

  add(hostId: string, name: string, by: number): void {
    const key = `${hostId} ${name}`;
    const move = this.#moves.get(key) ?? { hostId, name, by: 0 };
    this.#moves.set(key, { ...move, by: move.by + by });
  }

  /** Names that a host has now and had not before, or the other way round. */
  turns(countsOf: (hostId: string) => ReadonlyMap<string, number>): Move[] {
    return [...this.#moves.values()].filter(({ hostId, name, by }) => {
      const now = countsOf(hostId).get(name) ?? 0;
      return now > 0 !== now - by > 0;
    });
  }
}

interface Move {
  readonly hostId: string;
  readonly name: string;
  readonly by: number;
}

function countPlace(sets: Moves, groups: Moves, place: GroupPlace, by: number): void {
  if (place.set === NO_GROUPS) return;
  sets.add(place.hostId, place.set, by);
  for (const groupId of groupsOfSet(place.set)) groups.add(place.hostId, groupId, by);
}

function sameClause(one: Clause | undefined, other: Clause | undefined): boolean {
  const [rules = [], others = []] = [one?.rules, other?.rules];
  return (
    sameConjunction(one, other) &&
    rules.length === others.length &&
    rules.every((rule, index) => rule === others[index])
  );
}

function sameConjunction(one: Clause | undefined, other: Clause | undefined): boolean {
  return one?.id === other?.id && one?.stateful === other?.stateful;
}

function sameMember(one: Port | undefined, other: Port | undefined): boolean {
  return (
    one?.['binding:host_id'] === other?.['binding:host_id'] &&
    sameJson(one?.security_groups, other?.security_groups) &&
    sameJson(one?.fixed_ips, other?.fixed_ips) &&
    sameJson(one?.allowed_address_pairs, other?.allowed_address_pairs)
  );
}

function sameGroup(one: SecurityGroup | undefined, other: SecurityGroup | undefined): boolean {
  return one?.number === other?.number && one?.stateful === other?.stateful;
}

function sameAddresses(one: AddressGroup | undefined, other: AddressGroup | undefined): boolean {
  return sameJson(one?.addresses, other?.addresses);
}

function sameJson(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
