/** Subnets: from a checked request to a record, and what forbids a change. */
import { defined } from '../../lib/assert.ts';
import {
  type AddressValue,
  type Cidr,
  cidrContains,
  cidrsOverlap,
  formatAddress,
  isLoopback,
  isMulticast,
  parseAddress,
  parseCidr,
  versionOf,
} from '../address.ts';
import type { Intent } from '../intent.ts';
import { intentError, invalidInput } from '../intent-error.ts';
import type { Network } from '../network.ts';
import {
  checkGatewayOutside,
  checkPools,
  defaultPools,
  hostRange,
  rangesOf,
  toPool,
} from '../pools.ts';
import { isAutoAddressed, type PlacedSubnet, type Subnet, type SubnetUpdate } from '../subnet.ts';
import { type Birth, born, touched } from './birth.ts';
import { checkMtu } from './network.ts';

/** Neutron's defaults of `max_dns_nameservers` and `max_subnet_host_routes`. */
const NAMESERVERS_MAX = 5;
const HOST_ROUTES_MAX = 20;
/** A network goes together with its subnets, in one commit, which must stay short. */
const SUBNETS_MAX = 1000;
/** Longest prefixes that leave a DHCP server an address besides the gateway. */
const DHCP_PREFIX_MAX = { 4: 30, 6: 126 };

/**
 * Two subnets made at once could overlap without either request seeing it, so the commit must
 * expect the network's revision and write the network too (`touchedNetwork`).
 * @param siblings the network's other subnets
 */
export function freshSubnet(
  given: PlacedSubnet,
  birth: Birth,
  network: Network,
  siblings: Iterable<Subnet>,
): Subnet {
  const cidr = defined(parseCidr(given.cidr), 'cidr that was read');
  checkVersion('cidr', given.cidr, cidr.version, given.ip_version);
  checkCidr(cidr, given);
  checkModes(given, cidr);
  checkLists(given, given.ip_version, 'new subnet');
  const gateway = chooseGateway(given, cidr);
  const pools = choosePools(given, cidr, gateway);
  const subnet: Subnet = {
    network_id: network.id,
    name: given.name,
    description: given.description,
    ip_version: given.ip_version,
    cidr: given.cidr,
    gateway_ip: gateway === undefined ? null : formatAddress(gateway),
    subnetpool_id: given.subnetpool_id,
    allocation_pools: pools.map(toPool),
    enable_dhcp: given.enable_dhcp,
    dns_nameservers: given.dns_nameservers,
    host_routes: given.host_routes,
    ipv6_address_mode: given.ipv6_address_mode,
    ipv6_ra_mode: given.ipv6_ra_mode,
    service_types: given.service_types,
    dns_publish_fixed_ip: given.dns_publish_fixed_ip,
    segment_id: given.segment_id,
    ...born(birth, given),
  };
  checkMtu(network.id, network.mtu, [subnet]);
  checkSiblings(subnet, cidr, [...siblings]);
  return subnet;
}

export function updatedSubnet(
  subnet: Subnet,
  given: SubnetUpdate,
  at: string,
  topology: Intent,
): Subnet {
  const cidr = defined(parseCidr(subnet.cidr), 'cidr of a subnet');
  checkLists(given, subnet.ip_version, subnet.id);
  if (given.enable_dhcp === true && !subnet.enable_dhcp) checkDhcp(cidr);
  if (given.enable_dhcp === false && (subnet.ipv6_ra_mode ?? subnet.ipv6_address_mode) !== null) {
    throw invalidInput('Cannot disable enable_dhcp with ipv6 attributes set');
  }
  const pools =
    given.allocation_pools === undefined
      ? rangesOf(subnet)
      : checkPools(given.allocation_pools, cidr, subnet.cidr);
  // A subnet may cease to have a gateway while a router has its address, as with Neutron.
  if (typeof given.gateway_ip === 'string' && given.gateway_ip !== subnet.gateway_ip) {
    checkGatewayFree(subnet, topology);
    checkGateway(given.gateway_ip, cidr);
  }
  const after = { ...subnet, ...given, ...touched(subnet, at) };
  if (after.gateway_ip !== null) checkGatewayOutside(addressOf(after.gateway_ip), pools);
  return after;
}

/** A subnet that a subnet pool has taken in. */
export function onboardedSubnet(subnet: Subnet, poolId: string, at: string): Subnet {
  return { ...subnet, subnetpool_id: poolId, ...touched(subnet, at) };
}

function checkCidr(cidr: Cidr, given: PlacedSubnet): void {
  if (cidr.prefix === 0) throw invalidInput('0 is not allowed as CIDR prefix length');
  if (cidr.version === 6 && cidr.first === 0n)
    throw invalidInput("IPv6 subnet '::' is not supported");
  if (given.enable_dhcp) checkDhcp(cidr);
}

function checkDhcp(cidr: Cidr): void {
  if (cidr.prefix > DHCP_PREFIX_MAX[cidr.version]) {
    throw invalidInput('Subnet has a prefix length that is incompatible with DHCP service enabled');
  }
  if (isMulticast(cidr.first)) {
    throw invalidInput('Multicast IP subnet is not supported if enable_dhcp is True');
  }
  if (isLoopback(cidr.first)) {
    throw invalidInput('Loopback IP subnet is not supported if enable_dhcp is True');
  }
  if (cidr.first === 0) {
    throw invalidInput("First IP '0.0.0.0' of network is not supported if enable_dhcp is True.");
  }
}

type Modes = Pick<
  Subnet,
  'ip_version' | 'ipv6_ra_mode' | 'ipv6_address_mode' | 'enable_dhcp' | 'cidr'
>;

function checkModes(given: Modes, cidr: Cidr): void {
  const { ipv6_ra_mode: ra, ipv6_address_mode: address } = given;
  if (ra === null && address === null) return;
  if (given.ip_version === 4) {
    const name = ra === null ? 'ipv6_address_mode' : 'ipv6_ra_mode';
    throw invalidInput(`${name} is not valid when ip_version is 4`);
  }
  if (!given.enable_dhcp) {
    throw invalidInput(
      'ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False',
    );
  }
  if (ra !== null && address !== null && ra !== address) {
    const what = `ipv6_ra_mode set to '${ra}' with ipv6_address_mode set to '${address}'`;
    const rule = 'If both attributes are set, they must be the same value';
    throw invalidInput(`${what} is not valid. ${rule}`);
  }
  if (isAutoAddressed(given) && cidr.prefix !== 64) {
    const rule = 'the EUI-64 address format, which requires the prefix to be /64';
    throw invalidInput(`Invalid CIDR ${given.cidr} for IPv6 address mode. OpenStack uses ${rule}`);
  }
}

function checkLists(given: SubnetUpdate, version: 4 | 6, subnetId: string): void {
  const { dns_nameservers: servers = [], host_routes: routes = [] } = given;
  if (servers.length > NAMESERVERS_MAX) {
    throw intentError('DNSNameServersExhausted', { subnet_id: subnetId, quota: NAMESERVERS_MAX });
  }
  if (routes.length > HOST_ROUTES_MAX) {
    throw intentError('HostRoutesExhausted', { subnet_id: subnetId, quota: HOST_ROUTES_MAX });
  }
  for (const server of servers) {
    checkVersion('dns_nameserver', server, versionOf(addressOf(server)), version);
  }
  for (const { destination, nexthop } of routes) {
    checkVersion('nexthop', nexthop, versionOf(addressOf(nexthop)), version);
    checkVersion('destination', destination, parseCidr(destination)?.version, version);
  }
}

function checkVersion(name: string, text: string, found: 4 | 6 | undefined, version: 4 | 6): void {
  if (found === version) return;
  throw invalidInput(`${name} '${text}' does not match the ip_version '${version}'`);
}

/**
 * What the request names, or none; else what Neutron takes: the first address of a host, and of an
 * IPv6 subnet the subnet-router anycast address (RFC 4291 section 2.6.1).
 */
function chooseGateway(given: PlacedSubnet, cidr: Cidr): AddressValue | undefined {
  if (given.gateway_ip === null) return undefined;
  if (given.gateway_ip !== undefined) return checkGateway(given.gateway_ip, cidr);
  return cidr.version === 6 ? cidr.first : hostRange(cidr).first;
}

function checkGateway(text: string, cidr: Cidr): AddressValue {
  const gateway = addressOf(text);
  checkVersion('gateway_ip', text, versionOf(gateway), cidr.version);
  const host = hostRange(cidr);
  const atEdge = gateway < host.first || gateway > host.last;
  // A gateway outside of the subnet is an on-link route's, and allowed.
  if (cidr.version === 4 && cidrContains(cidr, gateway) && atEdge) {
    throw invalidInput('Gateway is not valid on subnet');
  }
  return gateway;
}

function choosePools(given: PlacedSubnet, cidr: Cidr, gateway: AddressValue | undefined) {
  if (given.allocation_pools === undefined) return defaultPools(cidr, gateway);
  const pools = checkPools(given.allocation_pools, cidr, given.cidr);
  if (gateway !== undefined) checkGatewayOutside(gateway, pools);
  return pools;
}

function checkSiblings(subnet: Subnet, cidr: Cidr, siblings: readonly Subnet[]): void {
  if (siblings.length >= SUBNETS_MAX) throw intentError('OverQuota', { overs: "['subnet']" });
  for (const sibling of siblings) {
    if (!cidrsOverlap(cidr, defined(parseCidr(sibling.cidr), 'cidr of a subnet'))) continue;
    const what = `cidr: ${subnet.cidr} for network: ${subnet.network_id}`;
    throw invalidInput(`Requested subnet with ${what} overlaps with another subnet`);
  }
}

/** A gateway that a router port has cannot be taken away from under it. */
function checkGatewayFree(subnet: Subnet, topology: Intent): void {
  if (subnet.gateway_ip === null) return;
  const portId = topology.addressOwner(subnet.id, addressOf(subnet.gateway_ip));
  const port = portId === undefined ? undefined : topology.get('port', portId);
  if (port?.device_owner.startsWith('network:router_') !== true) return;
  throw intentError('GatewayIpInUse', { ip_address: subnet.gateway_ip, port_id: port.id });
}

function addressOf(text: string): AddressValue {
  return defined(parseAddress(text), 'address that was read');
}
