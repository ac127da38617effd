/**
 * Ports by what is theirs alone: a MAC address in a network, an address in a subnet. As with the
 * indexes of a table, each is made when somebody first asks for it, and kept from then on: a cold
 * start asks for neither.
 */
import { type AddressValue, parseAddress } from './address.ts';
import { GroupIndex } from './group-index.ts';
import type { Port } from './port.ts';
import { SortedAddresses } from './sorted-addresses.ts';

/** By network and MAC address, in canonical text. */
type Macs = GroupIndex<string, string, Port>;
/** By subnet and address: the id of the port that has it. */
type Addresses = GroupIndex<string, AddressValue, string>;

export class PortFinder {
  readonly #ports: () => Iterable<Port>;
  #macs: Macs | undefined;
  #addresses: Addresses | undefined;
  /** The addresses of subnets for which somebody has asked: those that are nearly full. */
  readonly #sorted = new Map<string, SortedAddresses>();

  /** @param ports every port that there is, when it is called */
  constructor(ports: () => Iterable<Port>) {
    this.#ports = ports;
  }

  byMac(networkId: string, mac: string): Port | undefined {
    return this.#madeMacs().of(networkId).get(mac);
  }

  addressesOf(subnetId: string): ReadonlyMap<AddressValue, string> {
    return this.#madeAddresses().of(subnetId);
  }

  sortedAddressesOf(subnetId: string): SortedAddresses {
    const known = this.#sorted.get(subnetId);
    if (known !== undefined) return known;
    const sorted = SortedAddresses.of(this.addressesOf(subnetId).keys());
    if (!sorted.isEmpty) this.#sorted.set(subnetId, sorted);
    return sorted;
  }

  /** A port came, changed or went. */
  move(before: Port | undefined, after: Port | undefined): void {
    if (this.#macs !== undefined) {
      if (before !== undefined) {
        this.#macs.deleteOwn(before.network_id, before.mac_address, before);
      }
      if (after !== undefined) addMac(this.#macs, after);
    }
    if (this.#addresses === undefined) return;
    if (before !== undefined) this.#forgetAddresses(this.#addresses, before);
    if (after !== undefined) this.#learnAddresses(this.#addresses, after);
  }

  #madeMacs(): Macs {
    if (this.#macs !== undefined) return this.#macs;
    this.#macs = new GroupIndex();
    for (const port of this.#ports()) addMac(this.#macs, port);
    return this.#macs;
  }

  #madeAddresses(): Addresses {
    if (this.#addresses !== undefined) return this.#addresses;
    this.#addresses = new GroupIndex();
    for (const port of this.#ports()) this.#learnAddresses(this.#addresses, port);
    return this.#addresses;
  }

  #learnAddresses(addresses: Addresses, port: Port): void {
    for (const { subnet_id: subnetId, ip_address: text } of port.fixed_ips) {
      const value = parseAddress(text);
      if (value === undefined) continue;
      addresses.set(subnetId, value, port.id);
      this.#sorted.get(subnetId)?.add(value);
    }
  }

  #forgetAddresses(addresses: Addresses, port: Port): void {
    for (const { subnet_id: subnetId, ip_address: text } of port.fixed_ips) {
      const value = parseAddress(text);
      if (value === undefined) continue;
      addresses.deleteOwn(subnetId, value, port.id);
      const sorted = this.#sorted.get(subnetId);
      if (sorted === undefined || addresses.of(subnetId).has(value)) continue;
      sorted.delete(value);
      if (sorted.isEmpty) this.#sorted.delete(subnetId);
    }
  }
}

function addMac(macs: Macs, port: Port): void {
  macs.set(port.network_id, port.mac_address, port);
}
