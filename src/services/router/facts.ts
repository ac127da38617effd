/** Who advertises what in a network: read from its subnets, and from its ports of routers. */
import { defined } from '../../lib/assert.ts';
import {
  eui64Address,
  isAdvertised,
  isRouterInterface,
  type Network,
  parseAddress,
  parseCidr,
  parseMac,
  SERVICE_IPV6,
  SERVICE_MAC,
  type Subnet,
  type Topology,
} from '../../topology/index.ts';
import { domainOf, type ServiceSettings } from '../settings.ts';
import type { Advertiser, Prefix } from './advertisement.ts';

const LINK_LOCAL = defined(parseCidr('fe80::/64'), 'fe80::/64');

interface Sender {
  readonly mac: number;
  readonly address: bigint;
  readonly isRouter: boolean;
}

/** Where no router is: somebody has to say how addresses are made. */
const NO_ROUTER: Sender = { mac: SERVICE_MAC, address: SERVICE_IPV6, isRouter: false };

/** One for each router of the network, and one for the subnets that have none. */
export function advertisersOf(
  topology: Topology,
  network: Network,
  settings: Pick<ServiceSettings, 'dnsDomain'>,
): Advertiser[] {
  const domain = domainOf(network, settings);
  const bySender = new Map<number, { sender: Sender; subnets: Subnet[] }>();
  const senders = sendersOf(topology, network);
  for (const subnet of topology.members('subnetsOfNetwork', network.id).values()) {
    if (!isAdvertised(subnet)) continue;
    for (const sender of senders.get(subnet.id) ?? [NO_ROUTER]) {
      const entry = bySender.get(sender.mac) ?? { sender, subnets: [] };
      bySender.set(sender.mac, entry);
      entry.subnets.push(subnet);
    }
  }
  return [...bySender.values()].map(({ sender, subnets }) => ({
    ...sender,
    isManaged: subnets.some(({ ipv6_ra_mode }) => ipv6_ra_mode === 'dhcpv6-stateful'),
    hasOther: subnets.some(({ ipv6_ra_mode }) => ipv6_ra_mode === 'dhcpv6-stateless'),
    prefixes: subnets.map(prefixOf),
    nameservers: [...new Set(subnets.flatMap(nameserversOf))],
    domain,
    mtu: network.mtu,
  }));
}

/** The router interfaces on each subnet. */
function sendersOf(topology: Topology, network: Network): Map<string, Sender[]> {
  const senders = new Map<string, Sender[]>();
  for (const port of topology.members('routerPortsOfNetwork', network.id).values()) {
    if (!isRouterInterface(port.device_owner)) continue;
    const mac = defined(parseMac(port.mac_address), `the MAC address of port ${port.id}`);
    const sender = { mac, address: eui64Address(LINK_LOCAL, mac), isRouter: true };
    for (const { subnet_id } of port.fixed_ips) {
      senders.set(subnet_id, [...(senders.get(subnet_id) ?? []), sender]);
    }
  }
  return senders;
}

function prefixOf(subnet: Subnet): Prefix {
  const { first, prefix } = defined(parseCidr(subnet.cidr), `the CIDR of subnet ${subnet.id}`);
  const isAutonomous = subnet.ipv6_ra_mode !== 'dhcpv6-stateful';
  return { first: BigInt(first), length: prefix, isAutonomous };
}

/** "::" says that there are none, as in Neutron. */
const NO_SERVER = 0n;

export function nameserversOf({ dns_nameservers }: Subnet): bigint[] {
  return dns_nameservers.flatMap((text) => {
    const address = parseAddress(text);
    return typeof address === 'bigint' && address !== NO_SERVER ? address : [];
  });
}
