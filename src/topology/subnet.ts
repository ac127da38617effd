/** A subnet: one range of addresses of a network, in the wire shape of Neutron v2.0. */
import {
  type Created,
  changeable,
  derived,
  NAME,
  once,
  required,
  STANDARD,
  STRING,
  STRINGS,
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
  orNull,
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
  readonly tags: readonly string[];
  readonly revision_number: number;
  readonly created_at: string;
  readonly updated_at: string;
}

const readPools = list('IP pool', exactly<AllocationPool>({ start: ipAddress, end: ipAddress }));
const readRoutes = list('hostroute', exactly<HostRoute>({ destination: cidr, nexthop: ipAddress }));
const readMode = nullable(oneOf(IPV6_MODES, text(32)));

export const SUBNET_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  network_id: required(uuid, { enforced: true }),
  ip_version: required(oneOf([4, 6], integer), { enforced: true }),
  cidr: required(cidr, {
    enforced: true,
    about: 'addresses of ports lie in it; no two of a network overlap',
  }),
  /** Null is "no gateway"; left out is "the first address". */
  gateway_ip: changeable(nullable(ipAddress), {
    enforced: true,
    about: 'kept out of the pools; nothing answers at it before there are routers',
  }),
  allocation_pools: changeable(nullAs([], readPools), {
    enforced: true,
    about: 'addresses are chosen from them, at random',
  }),
  enable_dhcp: changeable(boolean, { initial: true, about: 'there is no DHCP server yet' }),
  dns_nameservers: changeable(nullAs([], distinct('nameserver', list('nameserver', ipAddress))), {
    initial: [],
  }),
  host_routes: changeable(nullAs([], distinct('hostroute', readRoutes)), { initial: [] }),
  ipv6_address_mode: once(readMode, {
    initial: null,
    enforced: true,
    about: 'slaac and dhcpv6-stateless: addresses follow from the MAC address (EUI-64)',
  }),
  ipv6_ra_mode: once(readMode, {
    initial: null,
    enforced: true,
    about: 'as `ipv6_address_mode`; no router advertisements are sent yet',
  }),
  service_types: derived(STRINGS, { about: 'empty' }),
  segment_id: derived(orNull(STRING), { about: 'null' }),
  subnetpool_id: derived(orNull(STRING), { about: 'null' }),
} as const;

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
