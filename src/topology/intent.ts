/** The reading side of intent, whoever holds it. */
import type { AddressValue } from './address.ts';
import type { IndexName, Member } from './indexes.ts';
import type { ByVersion } from './load/port-flows.ts';
import type { Network } from './network.ts';
import type { Port } from './port.ts';
import type { Kind, RecordByKind } from './records.ts';
import type { SortedAddresses } from './sorted-addresses.ts';

/** What the rules of a request read: the replica, or a draft over it. */
export interface Intent {
  get<K extends Kind>(kind: K, id: string): RecordByKind[K] | undefined;
  members<N extends IndexName>(index: N, group: string): ReadonlyMap<string, Member<N>>;
  ofProject<K extends Kind>(kind: K, projectId: string): ReadonlyMap<string, RecordByKind[K]>;
  countOfProject(kind: Kind, projectId: string): number;
  portByMac(networkId: string, mac: string): Port | undefined;
  networkByVni(vni: number): Network | undefined;
  /** Addresses given out in a subnet, with the id of the port that has each. */
  addressesOfSubnet(subnetId: string): ReadonlyMap<AddressValue, string>;
  /** The same addresses in order, but for some that were given out in the draft that reads. */
  sortedAddresses(subnetId: string): SortedAddresses;
  /** Matches of the members of a group, for each clause that names it; at most, of a draft. */
  memberFlows(groupId: string): ByVersion;
  /** The id of the port that has an address of a subnet. */
  addressOwner(subnetId: string, address: AddressValue): string | undefined;
}
