/** What the intent says to a DHCP client: read from the records of its port. */
import { defined } from '../../lib/assert.ts';
import {
  type DhcpOption,
  dnsAssignment,
  type FixedIp,
  hasDhcp,
  hasNames,
  type PluggedPort,
  parseCidr,
  parseMac,
  SERVICE_IPV4,
  type Subnet,
  type Topology,
} from '../../topology/index.ts';
import { ipv4Of } from '../option-values.ts';
import { domainOf, type ServiceSettings } from '../settings.ts';

export interface Route {
  /** First address of the destination, and the length of its prefix. */
  readonly first: number;
  readonly prefix: number;
  /** 0: the destination is on the link itself. */
  readonly router: number;
}

/** One address that the port has by DHCP, with what its subnet says. */
export interface Lease {
  readonly address: number;
  readonly prefix: number;
  /** Undefined where nothing routes. */
  readonly router: number | undefined;
  readonly nameservers: readonly number[];
  /** Besides the one by the router. */
  readonly routes: readonly Route[];
}

export interface Dhcp4Facts {
  readonly mac: number;
  /** Never empty; the first is offered. */
  readonly leases: readonly [Lease, ...Lease[]];
  /** Every IPv4 address of the port. */
  readonly addresses: readonly number[];
  readonly hostname: string;
  readonly domain: string;
  readonly mtu: number;
  readonly leaseS: number;
  readonly extra: readonly DhcpOption[];
}

/** Undefined when the port has no address in a subnet with DHCP. */
export function dhcp4Facts(
  topology: Topology,
  { port, network }: PluggedPort,
  settings: ServiceSettings,
): Dhcp4Facts | undefined {
  const leased = port.fixed_ips.flatMap((fixed) => leaseOf(topology, fixed));
  const [first, ...others] = leased;
  if (first === undefined) return undefined;
  const domain = domainOf(network, settings);
  const fixed = port.fixed_ips.filter(({ ip_address }) => ipv4Of(ip_address) === first.address);
  const [name] = dnsAssignment({ dns_name: port.dns_name, fixed_ips: fixed }, domain);
  return {
    mac: defined(parseMac(port.mac_address), `the MAC address of port ${port.id}`),
    leases: [first, ...others],
    addresses: port.fixed_ips.flatMap(({ ip_address }) => ipv4Of(ip_address) ?? []),
    hostname: name?.hostname.split('.')[0] ?? '',
    domain,
    mtu: network.mtu,
    leaseS: settings.leaseS,
    extra: port.extra_dhcp_opts.filter(({ ip_version }) => ip_version === 4),
  };
}

function leaseOf(topology: Topology, fixed: FixedIp): Lease | [] {
  const subnet = topology.get('subnet', fixed.subnet_id);
  const address = ipv4Of(fixed.ip_address);
  if (subnet === undefined || !hasDhcp(subnet) || address === undefined) return [];
  const { prefix } = defined(parseCidr(subnet.cidr), `the CIDR of subnet ${subnet.id}`);
  const routes = subnet.host_routes.flatMap(routeOf);
  const isDefault = (route: Route): boolean => route.prefix === 0;
  return {
    address,
    prefix,
    router: gatewayOf(subnet) ?? routes.find(isDefault)?.router,
    nameservers: nameserversOf(topology, subnet),
    routes: [...routes.filter((route) => !isDefault(route)), ...serviceRoute(routes)],
  };
}

/** "0.0.0.0" says that there are none, as in Neutron. */
const NO_SERVER = 0;

/** The subnet's; where it has none, and its network has names, the one that knows them. */
function nameserversOf(topology: Topology, subnet: Subnet): number[] {
  const { dns_nameservers: given, network_id: networkId } = subnet;
  if (given.length === 0) return hasNames(topology, networkId) ? [SERVICE_IPV4] : [];
  return given.flatMap((text) => ipv4Of(text) ?? []).filter((server) => server !== NO_SERVER);
}

function gatewayOf({ gateway_ip }: Subnet): number | undefined {
  return gateway_ip === null ? undefined : ipv4Of(gateway_ip);
}

function routeOf({ destination, nexthop }: Subnet['host_routes'][number]): Route | [] {
  const range = parseCidr(destination);
  const router = ipv4Of(nexthop);
  if (range?.version !== 4 || router === undefined) return [];
  return { first: Number(range.first), prefix: range.prefix, router };
}

/**
 * To the address where services answer, on the link: so that renewals find it where nothing routes.
 * A route of the subnet's own says more.
 */
function serviceRoute(routes: readonly Route[]): Route[] {
  const isKnown = routes.some(
    ({ first, prefix }) =>
      prefix > 0 && first <= SERVICE_IPV4 && SERVICE_IPV4 < first + 2 ** (32 - prefix),
  );
  return isKnown ? [] : [{ first: SERVICE_IPV4, prefix: 32, router: 0 }];
}
