/**
 * The intent as it will be after a commit that is being written: records put and deleted so far,
 * over the replica, or over what another commit will leave. Reading costs what was drafted, never
 * what exists.
 */
import type { AddressValue } from './address.ts';
import { INDEXES, type IndexName, type Member } from './indexes.ts';
import type { Intent } from './intent.ts';
import type { ByVersion } from './load/port-flows.ts';
import type { Network } from './network.ts';
import type { Port } from './port.ts';
import {
  type AnyRecord,
  type Kind,
  type RecordByKind,
  type RecordKey,
  recordKey,
  splitKey,
} from './records.ts';
import { SortedAddresses } from './sorted-addresses.ts';
import { Topology } from './topology.ts';

/**
 * How a record was read: at the revision that wrote it last, or as a commit of this id will leave
 * it, which is under way, so that nobody knows its revision yet.
 */
export type ReadVersion = number | string;

export class Overlay implements Intent {
  readonly #base: Topology | Overlay;
  /** The drafted records alone. */
  readonly #drafted = new Topology();
  /** Every record that was put or deleted. */
  readonly #touched = new Set<RecordKey>();

  readonly #commitId: string;

  /** @param commitId of the commit that will write what is put */
  constructor(base: Topology | Overlay, commitId: string) {
    this.#base = base;
    this.#commitId = commitId;
  }

  put<K extends Kind>(kind: K, id: string, value: RecordByKind[K]): void {
    this.#write([{ key: recordKey(kind, id), value }], []);
  }

  delete(kind: Kind, id: string): void {
    this.#write([], [recordKey(kind, id)]);
  }

  get<K extends Kind>(kind: K, id: string): RecordByKind[K] | undefined {
    return this.#source(kind, id).get(kind, id);
  }

  /** Undefined: there is none. */
  version(key: RecordKey): ReadVersion | undefined {
    const { kind, id } = splitKey(key);
    if (!this.#touched.has(key)) return versionIn(this.#base, key);
    return this.#drafted.get(kind, id) && this.#commitId;
  }

  members<N extends IndexName>(index: N, group: string): ReadonlyMap<string, Member<N>> {
    const { kind } = INDEXES[index];
    return this.#merged(
      kind,
      this.#base.members(index, group),
      this.#drafted.members(index, group),
    );
  }

  ofProject<K extends Kind>(kind: K, projectId: string): ReadonlyMap<string, RecordByKind[K]> {
    return this.#merged(
      kind,
      this.#base.ofProject(kind, projectId),
      this.#drafted.ofProject(kind, projectId),
    );
  }

  countOfProject(kind: Kind, projectId: string): number {
    let count =
      this.#base.countOfProject(kind, projectId) + this.#drafted.countOfProject(kind, projectId);
    const existing = this.#base.ofProject(kind, projectId);
    for (const key of this.#touched) {
      if (key.startsWith(`${kind}/`) && existing.has(key.slice(kind.length + 1))) count -= 1;
    }
    return count;
  }

  portByMac(networkId: string, mac: string): Port | undefined {
    const drafted = this.#drafted.portByMac(networkId, mac);
    return drafted ?? this.#untouched('port', this.#base.portByMac(networkId, mac));
  }

  networkByVni(vni: number): Network | undefined {
    const drafted = this.#drafted.networkByVni(vni);
    return drafted ?? this.#untouched('network', this.#base.networkByVni(vni));
  }

  addressesOfSubnet(subnetId: string): ReadonlyMap<AddressValue, string> {
    const base = this.#base.addressesOfSubnet(subnetId);
    if (this.#touched.size === 0) return base;
    const all = new Map(base);
    for (const [address, owner] of base)
      if (this.#touched.has(`port/${owner}`)) all.delete(address);
    for (const [address, owner] of this.#drafted.addressesOfSubnet(subnetId))
      all.set(address, owner);
    return all;
  }

  /** Members whose records are drafted may count twice. */
  memberFlows(groupId: string): ByVersion {
    const [base, drafted] = [this.#base.memberFlows(groupId), this.#drafted.memberFlows(groupId)];
    return { IPv4: base.IPv4 + drafted.IPv4, IPv6: base.IPv6 + drafted.IPv6 };
  }

  /** A draft that takes addresses from ports costs what exists; one that only adds does not. */
  sortedAddresses(subnetId: string): SortedAddresses {
    const isReleased = [...this.#touched].some((key) => this.#hadAddress(key, subnetId));
    if (!isReleased) return this.#base.sortedAddresses(subnetId);
    return SortedAddresses.of(this.addressesOfSubnet(subnetId).keys());
  }

  #hadAddress(key: RecordKey, subnetId: string): boolean {
    const { kind, id } = splitKey(key);
    const port = kind === 'port' ? this.#base.get('port', id) : undefined;
    return port?.fixed_ips.some((fixed) => fixed.subnet_id === subnetId) ?? false;
  }

  addressOwner(subnetId: string, address: AddressValue): string | undefined {
    const drafted = this.#drafted.addressOwner(subnetId, address);
    if (drafted !== undefined) return drafted;
    const owner = this.#base.addressOwner(subnetId, address);
    return owner === undefined || this.#touched.has(`port/${owner}`) ? undefined : owner;
  }

  #write(puts: { key: RecordKey; value: AnyRecord }[], deletes: RecordKey[]): void {
    for (const { key } of puts) this.#touched.add(key);
    for (const key of deletes) this.#touched.add(key);
    this.#drafted.apply({ revision: this.#drafted.revision + 1, at: '', puts, deletes });
  }

  #source(kind: Kind, id: string): Intent {
    return this.#touched.has(recordKey(kind, id)) ? this.#drafted : this.#base;
  }

  #untouched<R extends { readonly id: string }>(kind: Kind, record?: R): R | undefined {
    return record && this.#touched.has(recordKey(kind, record.id)) ? undefined : record;
  }

  #merged<R>(
    kind: Kind,
    base: ReadonlyMap<string, R>,
    drafted: ReadonlyMap<string, R>,
  ): ReadonlyMap<string, R> {
    if (this.#touched.size === 0) return base;
    const all = new Map<string, R>();
    for (const [id, record] of base)
      if (!this.#touched.has(recordKey(kind, id))) all.set(id, record);
    for (const [id, record] of drafted) all.set(id, record);
    return all;
  }
}

export function versionIn(base: Topology | Overlay, key: RecordKey): ReadVersion | undefined {
  return base instanceof Overlay ? base.version(key) : base.modRevision(key);
}
