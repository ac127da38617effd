/**
 * The replica of intent in memory: every record of the region and the indexes over them.
 * It does no I/O: the store's subscriber feeds it, everybody reads it.
 */
import type { Binding } from './binding.ts';
import type { Network } from './network.ts';
import type { Port } from './port.ts';
import type { Change, Kind, RecordByKind, RecordKey, StoredRecord } from './records.ts';
import type { Subnet } from './subnet.ts';

const NO_SET: ReadonlySet<string> = new Set();
const NO_MAP: ReadonlyMap<never, never> = new Map<never, never>();

/** An address inside: a number (uint32) for IPv4, a bigint for IPv6. */
export type AddressValue = number | bigint;

export class Topology {
  #revision = 0;

  /** Revision of the last change applied; 0 when empty. */
  get revision(): number {
    return this.#revision;
  }

  /** Replaces everything by a snapshot. */
  load(revision: number, records: Iterable<StoredRecord>): void {
    void records;
    this.#revision = revision;
  }

  /** Applies the next change. Cost grows with the change, not with what exists. */
  apply(change: Change): void {
    this.#revision = change.revision;
  }

  get<K extends Kind>(kind: K, id: string): RecordByKind[K] | undefined {
    void [kind, id];
    return undefined;
  }

  /** Every record of a kind, in order of creation since the last load. */
  list<K extends Kind>(kind: K): IterableIterator<RecordByKind[K]> {
    void kind;
    return [].values();
  }

  count(kind: Kind): number {
    void kind;
    return 0;
  }

  /** Revision of the commit that wrote the record last: what `expect` of a commit wants. */
  modRevision(key: RecordKey): number | undefined {
    void key;
    return undefined;
  }

  portsOfNetwork(networkId: string): ReadonlyMap<string, Port> {
    void networkId;
    return NO_MAP;
  }

  subnetsOfNetwork(networkId: string): ReadonlyMap<string, Subnet> {
    void networkId;
    return NO_MAP;
  }

  /** Ports whose `device_id` is this (a Nova instance, mostly). */
  portsOfDevice(deviceId: string): ReadonlyMap<string, Port> {
    void deviceId;
    return NO_MAP;
  }

  portByMac(networkId: string, mac: string): Port | undefined {
    void [networkId, mac];
    return undefined;
  }

  /** Addresses given out in a subnet, with the port that has each. */
  addressesOfSubnet(subnetId: string): ReadonlyMap<AddressValue, string> {
    void subnetId;
    return NO_MAP;
  }

  networkByVni(vni: number): Network | undefined {
    void vni;
    return undefined;
  }

  /** Bindings by port id. */
  bindingsOfHost(hostId: string): ReadonlyMap<string, Binding> {
    void hostId;
    return NO_MAP;
  }

  /** Hosts that carry the network: a bound, admin-up port in it, and it is admin-up itself. */
  hostsOfNetwork(networkId: string): ReadonlySet<string> {
    void networkId;
    return NO_SET;
  }

  networksOfHost(hostId: string): ReadonlySet<string> {
    void hostId;
    return NO_SET;
  }
}
