/**
 * The replica of intent in memory: every record of the region and the indexes over them.
 * It does no I/O: the store's subscriber feeds it, everybody reads it.
 *
 * A record may come before or after those it refers to, and may go before or after them, so no
 * index asks whether the other record is there; only `hostsOfNetwork` joins, and says so.
 */
import { assert } from '../lib/assert.ts';
import { type AddressValue, parseAddress } from './address.ts';
import type { Binding } from './binding.ts';
import { Carriers } from './carriers.ts';
import { GroupIndex } from './group-index.ts';
import { GroupPlaces, groupSetOf } from './group-places.ts';
import { INDEXES, type Index, type IndexName, indexesOf, type Member } from './indexes.ts';
import { growthsOf, type RecordChange } from './load/growth.ts';
import { HostLoads, type LoadSource } from './load/host-loads.ts';
import type { ByVersion } from './load/port-flows.ts';
import { PortSums } from './load/port-sums.ts';
import type { Network } from './network.ts';
import type { FixedIp, Port } from './port.ts';
import {
  type AnyRecord,
  type Change,
  KINDS,
  type Kind,
  type RecordByKind,
  type RecordKey,
  type StoredRecord,
  splitKey,
} from './records.ts';
import { type Clauses, clausesOf } from './security-clauses.ts';
import type { SecurityGroupRule } from './security-group-rule.ts';
import { SortedAddresses } from './sorted-addresses.ts';

type Tables = { readonly [K in Kind]: Map<string, RecordByKind[K]> };

/** A record of whatever kind, as indexes find it. */
type Owned = { readonly project_id?: string };

export class Topology implements LoadSource {
  #revision = 0;
  readonly #tables = Object.fromEntries(
    KINDS.map((kind) => [kind, new Map()]),
  ) as unknown as Tables;
  readonly #modRevisions = new Map<RecordKey, number>();
  readonly #members = indexEach(Object.keys(INDEXES) as IndexName[]);
  /** By the project that owns them. */
  readonly #owned = indexEach(KINDS);
  readonly #portsByMac = new GroupIndex<string, string, Port>();
  readonly #addresses = new GroupIndex<string, AddressValue, string>();
  /** The addresses of subnets for which somebody has asked: those that are nearly full. */
  readonly #sorted = new Map<string, SortedAddresses>();
  readonly #networksByVni = new Map<number, string>();
  readonly #carriers = new Carriers();
  readonly #places = new GroupPlaces();
  readonly #sums = new PortSums();
  /** What hosts bear, for who must know whether it is too much. */
  readonly hostLoads: HostLoads = new HostLoads(this);
  /** Made when somebody asks, and forgotten when the group or one of its rules changes. */
  readonly #clauses = new Map<string, Clauses>();

  /** Revision of the last change applied; 0 when empty. */
  get revision(): number {
    return this.#revision;
  }

  /** Replaces everything by a snapshot. */
  load(revision: number, records: Iterable<StoredRecord>): void {
    this.hostLoads.reset();
    for (const kind of KINDS) {
      for (const id of this.#tables[kind].keys()) this.#remove(`${kind}/${id}`);
    }
    for (const record of records) this.#write(record.key, record.value, record.revision);
    this.#revision = revision;
  }

  /** Applies the next change. Cost grows with the change, not with what exists. */
  apply(change: Change): void {
    assert(
      change.revision === this.#revision + 1,
      `change ${change.revision} applied to revision ${this.#revision}`,
    );
    for (const key of change.deletes) this.#remove(key);
    for (const put of change.puts) this.#write(put.key, put.value, change.revision);
    this.#revision = change.revision;
  }

  get<K extends Kind>(kind: K, id: string): RecordByKind[K] | undefined {
    return this.#table(kind).get(id);
  }

  /** Every record of a kind, in order of creation since the last load. */
  list<K extends Kind>(kind: K): IterableIterator<RecordByKind[K]> {
    return this.#table(kind).values();
  }

  count(kind: Kind): number {
    return this.#tables[kind].size;
  }

  /** Revision of the commit that wrote the record last: what `expect` of a commit wants. */
  modRevision(key: RecordKey): number | undefined {
    return this.#modRevisions.get(key);
  }

  /** The members, by id, of one group of an index. */
  members<N extends IndexName>(index: N, group: string): ReadonlyMap<string, Member<N>> {
    return this.#members[index].of(group) as ReadonlyMap<string, unknown> as ReadonlyMap<
      string,
      Member<N>
    >;
  }

  /** The records of a kind that a project owns, by id. */
  ofProject<K extends Kind>(kind: K, projectId: string): ReadonlyMap<string, RecordByKind[K]> {
    return this.#owned[kind].of(projectId) as ReadonlyMap<string, RecordByKind[K]>;
  }

  countOfProject(kind: Kind, projectId: string): number {
    return this.#owned[kind].of(projectId).size;
  }

  /** The port that has a MAC address, in canonical text, in a network. */
  portByMac(networkId: string, mac: string): Port | undefined {
    return this.#portsByMac.of(networkId).get(mac);
  }

  /** Addresses given out in a subnet, with the id of the port that has each. */
  addressesOfSubnet(subnetId: string): ReadonlyMap<AddressValue, string> {
    return this.#addresses.of(subnetId);
  }

  /** The same addresses in order, kept so from the first time on that they are asked for. */
  sortedAddresses(subnetId: string): SortedAddresses {
    const known = this.#sorted.get(subnetId);
    if (known !== undefined) return known;
    const sorted = SortedAddresses.of(this.#addresses.of(subnetId).keys());
    if (!sorted.isEmpty) this.#sorted.set(subnetId, sorted);
    return sorted;
  }

  /** The id of the port that has an address of a subnet. */
  addressOwner(subnetId: string, address: AddressValue): string | undefined {
    return this.#addresses.of(subnetId).get(address);
  }

  networkByVni(vni: number): Network | undefined {
    const id = this.#networksByVni.get(vni);
    return id === undefined ? undefined : this.#tables.network.get(id);
  }

  /** Hosts that carry the network: a bound, admin-up port in it, and it is admin-up itself. */
  hostsOfNetwork(networkId: string): ReadonlySet<string> {
    return this.#carriers.hostsOf(networkId);
  }

  /** The networks that a host carries, in the same sense. */
  networksOfHost(hostId: string): ReadonlySet<string> {
    return this.#carriers.networksOf(hostId);
  }

  /** The ids of the ports of a network that are up and bound to a host that carries it. */
  localPorts(networkId: string, hostId: string): ReadonlySet<string> {
    return this.#carriers.portsOn(networkId, hostId);
  }

  /** Which hosts have ports of which security groups. */
  get groupPlaces(): Omit<GroupPlaces, 'setPort' | 'setBinding'> {
    return this.#places;
  }

  get portSums(): Omit<PortSums, 'setPort' | 'setBinding'> {
    return this.#sums;
  }

  holdersOfNetwork(networkId: string): Iterable<string> {
    return this.#carriers.holdersOf(networkId);
  }

  heldPorts(networkId: string, hostId: string): ReadonlySet<string> {
    return this.#carriers.portsHeld(networkId, hostId);
  }

  memberFlows(groupId: string): ByVersion {
    return this.#sums.ofGroup(groupId);
  }

  /** What a security group lets through; nothing when it is not there. */
  clausesOf(groupId: string): Clauses {
    const known = this.#clauses.get(groupId);
    if (known !== undefined) return known;
    const group = this.get('security_group', groupId);
    if (group === undefined) return NO_CLAUSES;
    const clauses = clausesOf(group, this.members('rulesOfGroup', groupId).values());
    this.#clauses.set(groupId, clauses);
    return clauses;
  }

  #table<K extends Kind>(kind: K): Map<string, RecordByKind[K]> {
    return this.#tables[kind] as Map<string, RecordByKind[K]>;
  }

  #write(key: RecordKey, value: AnyRecord, revision: number): void {
    const { kind, id } = splitKey(key);
    const table = this.#table(kind) as Map<string, AnyRecord>;
    const before = table.get(id);
    this.#grow({ kind, id, before, after: value });
    table.set(id, value);
    this.#modRevisions.set(key, revision);
    this.#reindex(kind, id, before, value);
  }

  #remove(key: RecordKey): void {
    const { kind, id } = splitKey(key);
    const table = this.#table(kind) as Map<string, AnyRecord>;
    const before = table.get(id);
    this.#grow({ kind, id, before, after: undefined });
    table.delete(id);
    this.#modRevisions.delete(key);
    if (before !== undefined) this.#reindex(kind, id, before, undefined);
  }

  #grow(change: RecordChange): void {
    for (const growth of growthsOf({ now: this, next: this }, change)) this.hostLoads.grow(growth);
  }

  /** `before` and `after` are records of `kind`: the table they come from says so. */
  #reindex(kind: Kind, id: string, before?: AnyRecord, after?: AnyRecord): void {
    this.#regroup(kind, id, before, after);
    switch (kind) {
      case 'network':
        return this.#reindexNetwork(id, before as Network, after as Network);
      case 'port':
        return this.#reindexPort(id, before as Port, after as Port);
      case 'binding':
        return this.#reindexBinding(id, after as Binding | undefined);
      case 'security_group':
        return void this.#clauses.delete(id);
      case 'security_group_rule':
        for (const rule of [before, after] as (SecurityGroupRule | undefined)[]) {
          if (rule !== undefined) this.#clauses.delete(rule.security_group_id);
        }
        return;
      default:
        return;
    }
  }

  #regroup(kind: Kind, id: string, before?: AnyRecord, after?: AnyRecord): void {
    for (const name of indexesOf(kind)) {
      const { groupsOf } = INDEXES[name] as Index<Kind>;
      move(this.#members[name], { id, before, after }, groupsOf as GroupsOf);
    }
    move(this.#owned[kind], { id, before, after }, ownerOf);
  }

  #reindexNetwork(id: string, before?: Network, after?: Network): void {
    const oldVni = before?.vni;
    if (oldVni !== undefined && this.#networksByVni.get(oldVni) === id) {
      this.#networksByVni.delete(oldVni);
    }
    if (after !== undefined) this.#networksByVni.set(after.vni, id);
    this.#carriers.setNetwork(id, after?.admin_state_up === true);
  }

  #reindexPort(id: string, before?: Port, after?: Port): void {
    if (before !== undefined) {
      this.#portsByMac.deleteOwn(before.network_id, before.mac_address, before);
      for (const fixed of before.fixed_ips) this.#forgetAddress(fixed, id);
    }
    if (after !== undefined) {
      this.#portsByMac.set(after.network_id, after.mac_address, after);
      for (const fixed of after.fixed_ips) this.#learnAddress(fixed, id);
    }
    this.#carriers.setPort(id, after?.admin_state_up === true ? after.network_id : undefined);
    this.#places.setPort(id, groupSetOf(after));
    this.#sums.setPort(id, after);
  }

  #reindexBinding(id: string, after: Binding | undefined): void {
    this.#carriers.setBinding(id, after?.host_id);
    this.#places.setBinding(id, after?.host_id);
    this.#sums.setBinding(id, after?.host_id);
  }

  #learnAddress(fixed: FixedIp, portId: string): void {
    const value = parseAddress(fixed.ip_address);
    if (value === undefined) return;
    this.#addresses.set(fixed.subnet_id, value, portId);
    this.#sorted.get(fixed.subnet_id)?.add(value);
  }

  #forgetAddress(fixed: FixedIp, portId: string): void {
    const value = parseAddress(fixed.ip_address);
    if (value === undefined) return;
    this.#addresses.deleteOwn(fixed.subnet_id, value, portId);
    const sorted = this.#sorted.get(fixed.subnet_id);
    if (sorted === undefined || this.#addresses.of(fixed.subnet_id).has(value)) return;
    sorted.delete(value);
    if (sorted.isEmpty) this.#sorted.delete(fixed.subnet_id);
  }
}

const NO_CLAUSES: Clauses = new Map();

type Members = GroupIndex<string, string, AnyRecord>;

/** An index for each name, without one common map whose keys would have to be put together. */
function indexEach<N extends string>(names: readonly N[]): Readonly<Record<N, Members>> {
  return Object.fromEntries(names.map((name) => [name, new GroupIndex()])) as never;
}

/** A record as it was and as it is now, undefined where it was or is not. */
interface Move {
  readonly id: string;
  readonly before: AnyRecord | undefined;
  readonly after: AnyRecord | undefined;
}

/** Takes a record out of the groups that it was in, and puts it into those that it is in now. */
function move(members: Members, { id, before, after }: Move, groupsOf: GroupsOf): void {
  if (before !== undefined) for (const group of groupsOf(before)) members.delete(group, id);
  if (after !== undefined) for (const group of groupsOf(after)) members.set(group, id, after);
}

type GroupsOf = (record: AnyRecord) => readonly string[];

const NOBODY: readonly string[] = [];

/** The project that owns a record: facts about hosts have none. */
function ownerOf(record: AnyRecord): readonly string[] {
  const { project_id } = record as Owned;
  return project_id === undefined ? NOBODY : [project_id];
}
