/** A subnet: one range of addresses of a network, in the wire shape of Neutron v2.0. */

export interface AllocationPool {
  /** First and last address that may be given out, both included. */
  readonly start: string;
  readonly end: string;
}

export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

export type Ipv6Mode = 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless';

export interface Subnet {
  readonly id: string;
  readonly network_id: string;
  readonly project_id: string;
  readonly name: string;
  readonly description: string;
  readonly ip_version: 4 | 6;
  /** Canonical: host bits are zero, an IPv6 address is compressed (RFC 5952). */
  readonly cidr: string;
  readonly gateway_ip: string | null;
  readonly allocation_pools: readonly AllocationPool[];
  readonly enable_dhcp: boolean;
  readonly dns_nameservers: readonly string[];
  readonly host_routes: readonly HostRoute[];
  readonly ipv6_address_mode: Ipv6Mode | null;
  readonly ipv6_ra_mode: Ipv6Mode | null;
  readonly revision_number: number;
  readonly created_at: string;
  readonly updated_at: string;
}
