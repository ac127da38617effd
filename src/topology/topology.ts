/**
 * The replica of intent in memory: every record of the region and the indexes over them.
 * It does no I/O: the store's subscriber feeds it, everybody reads it.
 *
 * A record may come before or after those it refers to, and may go before or after them, so no
 * index asks whether the other record is there; only `hostsOfNetwork` joins, and says so.
 *
 * An empty one is cheap, because every draft of a write is one: it has tables of the kinds that it
 * was given alone.
 */
import { assert } from '../lib/assert.ts';
import type { AddressValue } from './address.ts';
import { type Binding, hostsOf } from './binding.ts';
import { Carriers, type Place } from './carriers.ts';
import { NO_MEMBERS } from './group-index.ts';
import { type GroupPlace, GroupPlaces, groupSetOf } from './group-places.ts';
import { INDEXES, type IndexName, type Member } from './indexes.ts';
import { growthsOf, type RecordChange } from './load/growth.ts';
import { HostLoads, type LoadSource } from './load/host-loads.ts';
import type { ByVersion } from './load/port-flows.ts';
import { type Plugged, PortSums } from './load/port-sums.ts';
import type { Network } from './network.ts';
import type { Port } from './port.ts';
import { PortFinder } from './port-finder.ts';
import {
  type AnyRecord,
  type Change,
  type Kind,
  type RecordByKind,
  type RecordKey,
  type StoredRecord,
  splitKey,
} from './records.ts';
import { type Clauses, clausesOf } from './security-clauses.ts';
import type { SecurityGroupRule } from './security-group-rule.ts';
import type { SortedAddresses } from './sorted-addresses.ts';
import { Table } from './table.ts';

export class Topology implements LoadSource {
  #revision = 0;
  readonly #tables = new Map<Kind, Table>();
  readonly #ports = new PortFinder(() => this.list('port'));
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
    for (const [kind, table] of this.#tables) {
      for (const id of table.ids()) this.#remove(`${kind}/${id}`);
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
    return this.#tables.get(kind)?.get(id) as RecordByKind[K] | undefined;
  }

  /** Every record of a kind, in order of creation since the last load. */
  list<K extends Kind>(kind: K): IterableIterator<RecordByKind[K]> {
    const records = this.#tables.get(kind)?.records() ?? NO_MEMBERS.values();
    return records as IterableIterator<RecordByKind[K]>;
  }

  count(kind: Kind): number {
    return this.#tables.get(kind)?.size ?? 0;
  }

  /** Revision of the commit that wrote the record last: what `expect` of a commit wants. */
  modRevision(key: RecordKey): number | undefined {
    const { kind, id } = splitKey(key);
    return this.#tables.get(kind)?.revisionOf(id);
  }

  /** The members, by id, of one group of an index. */
  members<N extends IndexName>(index: N, group: string): ReadonlyMap<string, Member<N>> {
    const { kind } = INDEXES[index];
    const members = this.#tables.get(kind)?.members(index, group) ?? NO_MEMBERS;
    return members as ReadonlyMap<string, unknown> as ReadonlyMap<string, Member<N>>;
  }

  /** The records of a kind that a project owns, by id. */
  ofProject<K extends Kind>(kind: K, projectId: string): ReadonlyMap<string, RecordByKind[K]> {
    const owned = this.#tables.get(kind)?.ofProject(projectId) ?? NO_MEMBERS;
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
    const id = this.#networksByVni.get(vni);
    return id === undefined ? undefined : this.get('network', id);
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
  get groupPlaces(): Omit<GroupPlaces, 'move'> {
    return this.#places;
  }

  /** Where a port is judged; nowhere while it is not bound, down, or judged by nobody. */
  groupPlacesOf(portId: string): readonly GroupPlace[] {
    const [port, binding] = [this.get('port', portId), this.get('binding', portId)];
    return groupPlacesOf({ port, binding });
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
    return this.#sums;
  }

  /** Hosts that have ports, and those that are there. */
  hostIds(): Set<string> {
    const ids = new Set(this.#sums.hosts());
    for (const { id } of this.list('host')) ids.add(id);
    return ids;
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

  #write(key: RecordKey, value: AnyRecord, revision: number): void {
    const { kind, id: named } = splitKey(key);
    const id = ownText(named, value);
    const table = this.#tables.get(kind) ?? new Table();
    this.#tables.set(kind, table);
    if (this.hostLoads.isKept) this.#grow({ kind, id, before: table.get(id), after: value });
    this.#reindex(kind, id, table.put(id, value, revision), value);
  }

  #remove(key: RecordKey): void {
    const { kind, id } = splitKey(key);
    const table = this.#tables.get(kind);
    const known = table?.get(id);
    if (this.hostLoads.isKept) this.#grow({ kind, id, before: known, after: undefined });
    const before = table?.delete(id);
    if (before !== undefined) this.#reindex(kind, id, before, undefined);
  }

  #grow(change: RecordChange): void {
    for (const growth of growthsOf({ now: this, next: this }, change)) this.hostLoads.grow(growth);
  }

  /** `before` and `after` are records of `kind`: the table they come from says so. */
  #reindex(kind: Kind, id: string, before?: AnyRecord, after?: AnyRecord): void {
    switch (kind) {
      case 'network':
        return this.#reindexNetwork(id, before as Network, after as Network);
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

  #reindexNetwork(id: string, before?: Network, after?: Network): void {
    const oldVni = before?.vni;
    if (oldVni !== undefined && this.#networksByVni.get(oldVni) === id) {
      this.#networksByVni.delete(oldVni);
    }
    if (after !== undefined) this.#networksByVni.set(after.vni, id);
    this.#carriers.setNetwork(id, after?.admin_state_up === true);
  }

  #reindexPort(id: string, before?: Port, after?: Port): void {
    this.#ports.move(before, after);
    const binding = this.get('binding', id);
    this.#sums.setPort(before, after);
    this.#move(id, { port: before, binding }, { port: after, binding });
  }

  #reindexBinding(id: string, before?: Binding, after?: Binding): void {
    if (isSameHosts(before, after) && isSubport(before) === isSubport(after)) return;
    const port = this.get('port', id);
    this.#move(id, { port, binding: before }, { port, binding: after });
  }

  /** A port that was on hosts, or was not there, is on others, or is not. */
  #move(portId: string, before: Bound, after: Bound): void {
    this.#carriers.move(portId, localPlaces(before), localPlaces(after));
    this.#places.move(groupPlacesOf(before), groupPlacesOf(after));
    this.#sums.move(plugged(before), plugged(after));
  }
}

const NO_CLAUSES: Clauses = new Map();

/** The text of an id that the record holds already, where it does: so that one is kept, not two. */
function ownText(named: string, record: AnyRecord): string {
  const { id, port_id: portId } = record as { readonly id?: string; readonly port_id?: string };
  if (id === named) return id;
  return portId === named ? portId : named;
}

interface Bound {
  readonly port: Port | undefined;
  readonly binding: Binding | undefined;
}

/** Where a port is local: nowhere while it is down or not bound. */
function localPlaces({ port, binding }: Bound): readonly Place[] {
  if (port?.admin_state_up !== true) return [];
  return hostsOf(binding).map((hostId) => ({ networkId: port.network_id, hostId }));
}

function groupPlacesOf({ port, binding }: Bound): readonly GroupPlace[] {
  const set = groupSetOf(port);
  return set === undefined ? [] : hostsOf(binding).map((hostId) => ({ hostId, set }));
}

function plugged({ port, binding }: Bound): Plugged | undefined {
  return port && { port, hostIds: hostsOf(binding), isSubport: isSubport(binding) };
}

function isSameHosts(one: Binding | undefined, other: Binding | undefined): boolean {
  const [hosts, others] = [hostsOf(one), hostsOf(other)];
  return hosts.length === others.length && hosts.every((id, index) => id === others[index]);
}

function isSubport(binding: Binding | undefined): boolean {
  return binding?.wire !== undefined;
}
