/**
 * Which addresses a port gets: those it names, checked; a random free one where it names a subnet;
 * one of each version where it names nothing; and the EUI-64 address of every auto-addressed
 * subnet.
 * The replica may lag behind the store, so the claims of the commit decide, not this.
 */
import { defined } from '../lib/assert.ts';
import type { Random } from '../lib/clock.ts';
import {
  type AddressValue,
  cidrContains,
  eui64Address,
  formatAddress,
  formatMac,
  parseAddress,
  parseCidr,
  parseMac,
} from './address.ts';
import { addressClaim, macClaim } from './claims.ts';
import { isRouterInterface, isRouterPort } from './device-owner.ts';
import type { Intent } from './intent.ts';
import { intentError, invalidInput } from './intent-error.ts';
import { hostRange, pickFree, rangesOf } from './pools.ts';
import type { FixedIp, Port } from './port.ts';
import { isAutoAddressed, type Subnet } from './subnet.ts';
import type { FixedIpRequest } from './validate/port-values.ts';

/** Neutron's `base_mac`: its first three octets, the other three are random. */
const MAC_PREFIX = 0xfa163e;
const MAC_TRIES_MAX = 16;

export interface IpamContext {
  readonly topology: Intent;
  /** Claims promised to requests under way, that the replica does not show yet. */
  readonly reservations: { has(claim: string): boolean };
  readonly random: Random;
}

/** The port that wants addresses. */
export interface AddressSeeker {
  readonly network_id: string;
  readonly mac_address: string;
  readonly device_owner: string;
}

/** A MAC address that no port of the network has, as far as the replica knows. */
export function generateMac(context: IpamContext, networkId: string): string {
  for (let i = 0; i < MAC_TRIES_MAX; i++) {
    const mac = formatMac(MAC_PREFIX * 2 ** 24 + context.random.integer(2 ** 24));
    const owner = context.topology.portByMac(networkId, mac);
    if (owner === undefined && !context.reservations.has(macClaim(networkId, mac))) return mac;
  }
  throw intentError('NetworkMacAddressGenerationFailure', { net_id: networkId });
}

/** The addresses of a new port. `requested` is undefined when the request did not say. */
export function allocateAddresses(
  context: IpamContext,
  seeker: AddressSeeker,
  requested: readonly FixedIpRequest[] | undefined,
): FixedIp[] {
  const subnets = [...context.topology.members('subnetsOfNetwork', seeker.network_id).values()];
  const taking = new Taking(context, seeker);
  if (requested === undefined) takeOneOfEachVersion(taking, subnets);
  else takeRequested(taking, subnets, requested);
  if (!isRouterInterface(seeker.device_owner)) taking.takeAuto(subnets);
  return taking.taken;
}

/**
 * The addresses of a port after an update. An address or a subnet that is named again keeps what
 * the port has; auto-addressed subnets are always there, recomputed when the MAC address changed.
 */
export function reallocateAddresses(
  context: IpamContext,
  port: Port,
  seeker: AddressSeeker,
  requested: readonly FixedIpRequest[] | undefined,
): FixedIp[] {
  const subnets = [...context.topology.members('subnetsOfNetwork', port.network_id).values()];
  const auto = new Set(subnets.filter(isAutoAddressed).map((subnet) => subnet.id));
  const recompute =
    !isRouterInterface(seeker.device_owner) && port.mac_address !== seeker.mac_address;
  const owned = port.fixed_ips.filter((fixed) => !(recompute && auto.has(fixed.subnet_id)));
  const taking = new Taking(context, seeker, port.id);
  takeRequested(taking, subnets, requested === undefined ? owned : resolve(requested, owned));
  if (!isRouterInterface(seeker.device_owner)) taking.takeAuto(subnets);
  return taking.taken;
}

/** Fills in, for a subnet named without an address, an address that the port has there already. */
function resolve(
  requested: readonly FixedIpRequest[],
  owned: readonly FixedIp[],
): FixedIpRequest[] {
  const named = new Set(requested.map((item) => item.ip_address));
  const spare = owned.filter((fixed) => !named.has(fixed.ip_address));
  return requested.map((item) => {
    if (item.ip_address !== undefined) return item;
    const at = spare.findIndex((fixed) => fixed.subnet_id === item.subnet_id);
    return at < 0 ? item : defined(spare.splice(at, 1)[0], 'spare address');
  });
}

function takeRequested(
  taking: Taking,
  subnets: readonly Subnet[],
  requested: readonly FixedIpRequest[],
): void {
  // Addresses that are named come first, so that a random pick cannot take one of them.
  for (const item of requested) {
    if (item.ip_address === undefined) continue;
    taking.takeNamed(subnetFor(taking, subnets, item), item.ip_address);
  }
  for (const item of requested) {
    if (item.ip_address !== undefined) continue;
    const subnet = subnetFor(taking, subnets, item);
    if (isAutoAddressed(subnet) && !isRouterInterface(taking.seeker.device_owner)) continue;
    if (!taking.takeAny(subnet)) {
      throw intentError('IpAddressGenerationFailure', { net_id: taking.seeker.network_id });
    }
  }
}

function takeOneOfEachVersion(taking: Taking, subnets: readonly Subnet[]): void {
  for (const version of [4, 6]) {
    const candidates = subnets.filter(
      (subnet) => subnet.ip_version === version && !isAutoAddressed(subnet),
    );
    if (candidates.length > 0 && !candidates.some((subnet) => taking.takeAny(subnet))) {
      throw intentError('IpAddressGenerationFailure', { net_id: taking.seeker.network_id });
    }
  }
}

function subnetFor(taking: Taking, subnets: readonly Subnet[], item: FixedIpRequest): Subnet {
  const { topology } = taking.context;
  const networkId = taking.seeker.network_id;
  if (subnets.length === 0) throw invalidInput('IP allocation requires subnets for network');
  if (item.subnet_id !== undefined) {
    const subnet = subnets.find((candidate) => candidate.id === item.subnet_id);
    if (subnet !== undefined) return subnet;
    if (topology.get('subnet', item.subnet_id) === undefined) {
      throw intentError('SubnetNotFound', { subnet_id: item.subnet_id });
    }
    const what = `fixed_ips included invalid subnet ${item.subnet_id}`;
    throw invalidInput(`Failed to create port on network ${networkId}, because ${what}`);
  }
  const address = item.ip_address;
  if (address === undefined) throw invalidInput('IP allocation requires subnet_id or ip_address');
  const subnet = subnets.find((candidate) => fits(candidate, address, taking.seeker));
  if (subnet === undefined) throw intentError('InvalidIpForNetwork', { ip_address: address });
  return subnet;
}

/** Inside, and not the network's own or broadcast address (an IPv6 router may have the former). */
function fits(subnet: Subnet, address: string, seeker: AddressSeeker): boolean {
  const cidr = defined(parseCidr(subnet.cidr), 'cidr of a subnet');
  const value = valueOf(address);
  if (!cidrContains(cidr, value)) return false;
  if (cidr.version === 6 && isRouterPort(seeker.device_owner)) return true;
  const host = hostRange(cidr);
  return host.first <= value && value <= host.last;
}

function valueOf(address: string): AddressValue {
  return defined(parseAddress(address), `address ${address}`);
}

/** The addresses being gathered for one port. */
class Taking {
  readonly taken: FixedIp[] = [];
  readonly context: IpamContext;
  readonly seeker: AddressSeeker;
  readonly #portId: string | undefined;

  constructor(context: IpamContext, seeker: AddressSeeker, portId?: string) {
    this.context = context;
    this.seeker = seeker;
    this.#portId = portId;
  }

  takeNamed(subnet: Subnet, address: string): void {
    if (!fits(subnet, address, this.seeker)) {
      throw intentError('InvalidIpForSubnet', { ip_address: address });
    }
    if (isAutoAddressed(subnet) && !isRouterInterface(this.seeker.device_owner)) {
      if (formatAddress(this.#eui64(subnet)) !== address) {
        throw intentError('AllocationOnAutoAddressSubnet', { ip: address, subnet_id: subnet.id });
      }
    }
    this.#takeChecked(subnet, address);
  }

  /** False when the pools of the subnet have nothing left. */
  takeAny(subnet: Subnet): boolean {
    const { topology, reservations, random } = this.context;
    const isFree = (value: AddressValue): boolean => {
      if (topology.addressOwner(subnet.id, value) !== undefined) return false;
      const address = formatAddress(value);
      return !this.#has(subnet, address) && !reservations.has(addressClaim(subnet.id, address));
    };
    const value = pickFree(rangesOf(subnet), isFree, random);
    if (value === undefined) return false;
    this.#add(subnet, formatAddress(value));
    return true;
  }

  takeAuto(subnets: readonly Subnet[]): void {
    for (const subnet of subnets) {
      if (!isAutoAddressed(subnet)) continue;
      const address = formatAddress(this.#eui64(subnet));
      if (!this.#has(subnet, address)) this.#takeChecked(subnet, address);
    }
  }

  #has(subnet: Subnet, address: string): boolean {
    return this.taken.some((item) => item.subnet_id === subnet.id && item.ip_address === address);
  }

  #takeChecked(subnet: Subnet, address: string): void {
    const owner = this.context.topology.addressOwner(subnet.id, valueOf(address));
    if (owner !== undefined && owner !== this.#portId) {
      throw intentError('IpAddressAlreadyAllocated', { ip: address, subnet_id: subnet.id });
    }
    this.#add(subnet, address);
  }

  #eui64(subnet: Subnet): bigint {
    const mac = defined(parseMac(this.seeker.mac_address), 'MAC address of a port');
    return eui64Address(defined(parseCidr(subnet.cidr), 'cidr of a subnet'), mac);
  }

  #add(subnet: Subnet, address: string): void {
    this.taken.push({ subnet_id: subnet.id, ip_address: address });
  }
}
