/** What the intent says to a DHCPv6 client: read from the records of its port. */
import { defined } from '../../lib/assert.ts';
import {
  type DhcpOption,
  hasDhcp,
  type PluggedPort,
  parseAddress,
  parseMac,
  type Topology,
} from '../../topology/index.ts';
import { nameserversOf } from '../router/facts.ts';
import { domainOf, type ServiceSettings } from '../settings.ts';

export interface Dhcp6Facts {
  readonly mac: number;
  /** Those that are given by DHCPv6. */
  readonly addresses: readonly bigint[];
  readonly nameservers: readonly bigint[];
  readonly domain: string;
  readonly leaseS: number;
  readonly extra: readonly DhcpOption[];
}

/** Undefined when no subnet of the port's addresses has a DHCPv6 server. */
export function dhcp6Facts(
  topology: Topology,
  { port, network }: PluggedPort,
  settings: ServiceSettings,
): Dhcp6Facts | undefined {
  const served = port.fixed_ips.flatMap(({ subnet_id, ip_address }) => {
    const subnet = topology.get('subnet', subnet_id);
    const isServed = subnet?.ip_version === 6 && hasDhcp(subnet);
    return isServed ? [{ subnet, ip_address }] : [];
  });
  if (served.length === 0) return undefined;
  return {
    mac: defined(parseMac(port.mac_address), `the MAC address of port ${port.id}`),
    addresses: served.flatMap(({ subnet, ip_address }) => {
      const address = parseAddress(ip_address);
      const isGiven = subnet.ipv6_address_mode === 'dhcpv6-stateful';
      return isGiven && typeof address === 'bigint' ? address : [];
    }),
    nameservers: [...new Set(served.flatMap(({ subnet }) => nameserversOf(subnet)))],
    domain: domainOf(network, settings),
    leaseS: settings.leaseS,
    extra: port.extra_dhcp_opts.filter(({ ip_version }) => ip_version === 6),
  };
}
