/** A subnet: one range of addresses of a network, in the wire shape of Neutron v2.0. */
import {
  type Attribute,
  COMMON_ATTRIBUTES,
  type Created,
  READ_ONLY,
  type Updated,
} from './validate/attributes.ts';
import {
  boolean,
  cidr,
  distinct,
  exactly,
  integer,
  ipAddress,
  list,
  nullAs,
  nullable,
  oneOf,
  text,
  uuid,
} from './validate/values.ts';

export interface AllocationPool {
  /** First and last address that may be given out, both included. */
  readonly start: string;
  readonly end: string;
}

export interface HostRoute {
  readonly destination: string;
  readonly nexthop: string;
}

const IPV6_MODES = ['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'] as const;

type Ipv6Mode = (typeof IPV6_MODES)[number];

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

const readPools = list('IP pool', exactly<AllocationPool>({ start: ipAddress, end: ipAddress }));
const readRoutes = list('hostroute', exactly<HostRoute>({ destination: cidr, nexthop: ipAddress }));
const readMode = nullable(oneOf(IPV6_MODES, text(32)));

export const SUBNET_ATTRIBUTES = {
  ...COMMON_ATTRIBUTES,
  network_id: { read: uuid, post: 'required', put: false },
  name: { read: text(255), post: 'optional', put: true, initial: '' },
  description: { read: text(255), post: 'optional', put: true, initial: '' },
  project_id: { read: text(255), post: 'optional', put: false },
  ip_version: { read: oneOf([4, 6], integer), post: 'required', put: false },
  cidr: { read: cidr, post: 'required', put: false },
  /** Null is "no gateway"; left out is "the first address". */
  gateway_ip: { read: nullable(ipAddress), post: 'optional', put: true },
  allocation_pools: { read: nullAs([], readPools), post: 'optional', put: true },
  enable_dhcp: { read: boolean, post: 'optional', put: true, initial: true },
  dns_nameservers: {
    read: nullAs([], distinct('nameserver', list('nameserver', ipAddress))),
    post: 'optional',
    put: true,
    initial: [],
  },
  host_routes: {
    read: nullAs([], distinct('hostroute', readRoutes)),
    post: 'optional',
    put: true,
    initial: [],
  },
  ipv6_address_mode: { read: readMode, post: 'optional', put: false, initial: null },
  ipv6_ra_mode: { read: readMode, post: 'optional', put: false, initial: null },
  shared: READ_ONLY,
} as const satisfies Record<string, Attribute>;

export type SubnetCreate = Created<typeof SUBNET_ATTRIBUTES>;
export type SubnetUpdate = Updated<typeof SUBNET_ATTRIBUTES>;

/** True where a port's address follows from its MAC address (RFC 4862), not from a pool. */
export function isAutoAddressed(
  subnet: Pick<Subnet, 'ipv6_address_mode' | 'ipv6_ra_mode'>,
): boolean {
  return [subnet.ipv6_address_mode, subnet.ipv6_ra_mode].some(
    (mode) => mode === 'slaac' || mode === 'dhcpv6-stateless',
  );
}
