/**
 * The replica of intent in memory: every record of the region and the indexes over them.
 * It does no I/O: the store's subscriber feeds it, everybody reads it.
 *
 * A record may come before or after those it refers to, and may go before or after them, so no
 * index asks whether the other record is there; only what `Joins` keeps is of several records.
 */
import { assert } from '../lib/assert.ts';
import type { AddressValue } from './address.ts';
import type { Binding } from './binding.ts';
import { NO_MEMBERS } from './group-index.ts';
import type { GroupPlace, GroupPlaces } from './group-places.ts';
import { INDEXES, type IndexName, type Member } from './indexes.ts';
import { groupPlacesOf, isSamePlace, Joins, plugged } from './joins.ts';
import { growthsOf, type RecordChange } from './load/growth.ts';
import { HostLoads, type LoadSource } from './load/host-loads.ts';
import type { ByVersion } from './load/port-flows.ts';
import type { PortSums } from './load/port-sums.ts';
import type { Network } from './network.ts';
import type { Port } from './port.ts';
import { PortFinder } from './port-finder.ts';
import {
  type AnyRecord,
  type Change,
  type Identity,
  identify,
  type Kind,
  type RecordByKind,
  type RecordKey,
  splitKey,
} from './records.ts';
import { type Clauses, clausesOf } from './security-clauses.ts';
import type { SecurityGroupRule } from './security-group-rule.ts';
import type { SortedAddresses } from './sorted-addresses.ts';
import { Tables } from './tables.ts';

export class Topology implements LoadSource {
  #revision = 0;
  #tables = new Tables();
  #ports = new PortFinder(() => this.list('port'));
  /** Undefined while nobody has asked. */
  #joins: Joins | undefined;
  /** What hosts bear, for who must know whether it is too much. */
  readonly hostLoads: HostLoads = new HostLoads(this);
  /** Made when somebody asks, and forgotten when the group or one of its rules changes. */
  readonly #clauses = new Map<string, Clauses>();

  /** Revision of the last change applied; 0 when empty. */
  get revision(): number {
    return this.#revision;
  }

  /** Replaces everything by a snapshot, which is the replica's own from then on. */
  load(revision: number, records: Tables): void {
    this.#revision = revision;
    this.#tables = records;
    this.#ports = new PortFinder(() => this.list('port'));
    this.#joins = undefined;
    this.hostLoads.reset();
    this.#clauses.clear();
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
    return this.#tables.of(kind)?.get(id) as RecordByKind[K] | undefined;
  }

  /** Every record of a kind, in order of creation since the last load. */
  list<K extends Kind>(kind: K): IterableIterator<RecordByKind[K]> {
    const records = this.#tables.of(kind)?.records() ?? NO_MEMBERS.values();
    return records as IterableIterator<RecordByKind[K]>;
  }

  count(kind: Kind): number {
    return this.#tables.of(kind)?.size ?? 0;
  }

  /** Revision of the commit that wrote the record last: what `expect` of a commit wants. */
  modRevision(key: RecordKey): number | undefined {
    const { kind, id } = splitKey(key);
    return this.#tables.of(kind)?.revisionOf(id);
  }

  /** The members, by id, of one group of an index. */
  members<N extends IndexName>(index: N, group: string): ReadonlyMap<string, Member<N>> {
    const { kind } = INDEXES[index];
    const members = this.#tables.of(kind)?.members(index, group) ?? NO_MEMBERS;
    return members as ReadonlyMap<string, unknown> as ReadonlyMap<string, Member<N>>;
  }

  /** The records of a kind that a project owns, by id. */
  ofProject<K extends Kind>(kind: K, projectId: string): ReadonlyMap<string, RecordByKind[K]> {
    const owned = this.#tables.of(kind)?.ofProject(projectId) ?? NO_MEMBERS;
    return owned as ReadonlyMap<string, RecordByKind[K]>;
  }

  countOfProject(kind: Kind, projectId: string): number {
    return this.ofProject(kind, projectId).size;
  }

  /** The port that has a MAC address, in canonical text, in a network. */
  portByMac(networkId: string, mac: string): Port | undefined {
    return this.#ports.byMac(networkId, mac);
  }

  /** Addresses given out in a subnet, with the id of the port that has each. */
  addressesOfSubnet(subnetId: string): ReadonlyMap<AddressValue, string> {
    return this.#ports.addressesOf(subnetId);
  }

  /** The same addresses in order, kept so from the first time on that they are asked for. */
  sortedAddresses(subnetId: string): SortedAddresses {
    return this.#ports.sortedAddressesOf(subnetId);
  }

  /** The id of the port that has an address of a subnet. */
  addressOwner(subnetId: string, address: AddressValue): string | undefined {
    return this.addressesOfSubnet(subnetId).get(address);
  }

  networkByVni(vni: number): Network | undefined {
    const [network] = this.members('networksByVni', String(vni)).values();
    return network;
  }

  /** Hosts that carry the network: a bound, admin-up port in it, and it is admin-up itself. */
  hostsOfNetwork(networkId: string): ReadonlySet<string> {
    return this.#joined.carriers.hostsOf(networkId);
  }

  /** The networks that a host carries, in the same sense. */
  networksOfHost(hostId: string): ReadonlySet<string> {
    return this.#joined.carriers.networksOf(hostId);
  }

  /** The ids of the ports of a network that are up and bound to a host that carries it. */
  localPorts(networkId: string, hostId: string): ReadonlySet<string> {
    return this.#joined.carriers.portsOn(networkId, hostId);
  }

  /** Which hosts have ports of which security groups. */
  get groupPlaces(): Omit<GroupPlaces, 'move'> {
    return this.#joined.places;
  }

  /** Where a port is judged; nowhere while it is not bound, down, or judged by nobody. */
  groupPlacesOf(portId: string): readonly GroupPlace[] {
    const [port, binding] = [this.get('port', portId), this.get('binding', portId)];
    return groupPlacesOf(plugged({ port, binding }));
  }

  /**
   * Whether a port's addresses are those of a member of its security groups. One that a host was
   * named for is so while it is plugged, so that plugging it is the one change that hosts see. One
   * without a host, as a virtual address is held by, always is.
   */
  isMember(port: Port): boolean {
    return port['binding:host_id'] === '' || this.get('binding', port.id) !== undefined;
  }

  get portSums(): Omit<PortSums, 'setPort' | 'move'> {
    return this.#joined.sums;
  }

  /** Hosts that have ports, and those that are there. */
  hostIds(): Set<string> {
    const ids = new Set(this.#joined.sums.hosts());
    for (const { id } of this.list('host')) ids.add(id);
    return ids;
  }

  holdersOfNetwork(networkId: string): Iterable<string> {
    return this.#joined.carriers.holdersOf(networkId);
  }

  heldPorts(networkId: string, hostId: string): ReadonlySet<string> {
    return this.#joined.carriers.portsHeld(networkId, hostId);
  }

  memberFlows(groupId: string): ByVersion {
    return this.#joined.sums.ofGroup(groupId);
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

  get #joined(): Joins {
    this.#joins ??= new Joins(this.list('network'), this.#bound());
    return this.#joins;
  }

  *#bound() {
    for (const port of this.list('port')) yield { port, binding: this.get('binding', port.id) };
  }

  #write(key: RecordKey, value: AnyRecord, revision: number): void {
    const identity = identify(key, value);
    const { kind, id } = identity;
    if (this.hostLoads.isKept) this.#grow({ kind, id, before: this.get(kind, id), after: value });
    this.#reindex(identity, this.#tables.put(identity, value, revision), value);
  }

  #remove(key: RecordKey): void {
    const identity = splitKey(key);
    const { kind, id } = identity;
    const known = this.get(kind, id);
    if (this.hostLoads.isKept) this.#grow({ kind, id, before: known, after: undefined });
    const before = this.#tables.delete(identity);
    if (before !== undefined) this.#reindex(identity, before, undefined);
  }

  #grow(change: RecordChange): void {
    for (const growth of growthsOf({ now: this, next: this }, change)) this.hostLoads.grow(growth);
  }

  /** `before` and `after` are records of `kind`: the table they come from says so. */
  #reindex({ kind, id }: Identity, before?: AnyRecord, after?: AnyRecord): void {
    switch (kind) {
      case 'network':
        return this.#joins?.setNetwork(id, after as Network | undefined);
      case 'port':
        return this.#reindexPort(id, before as Port, after as Port);
      case 'binding':
        return this.#reindexBinding(id, before as Binding, after as Binding);
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

  #reindexPort(id: string, before?: Port, after?: Port): void {
    this.#ports.move(before, after);
    const binding = this.get('binding', id);
    this.#joins?.setPort(id, { port: before, binding }, { port: after, binding });
  }

  #reindexBinding(id: string, before?: Binding, after?: Binding): void {
    if (isSamePlace(before, after)) return;
    const port = this.get('port', id);
    this.#joins?.move(id, { port, binding: before }, { port, binding: after });
  }
}

const NO_CLAUSES: Clauses = new Map();
