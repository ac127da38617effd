/** A subnet: one range of addresses of a network, in the wire shape of Neutron v2.0. */
import { intentError } from './intent-error.ts';
import type { Standard } from './standard.ts';
import {
  BOOLEAN,
  badRequest,
  type Created,
  changeable,
  derived,
  NAME,
  once,
  required,
  STANDARD,
  STRINGS,
  type Updated,
} from './validate/attributes.ts';
import {
  boolean,
  checkCount,
  cidr,
  distinct,
  exactly,
  integer,
  ipAddress,
  list,
  nonNegative,
  nullAs,
  nullable,
  oneOf,
  orNull,
  type Read,
  reader,
  show,
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

export interface Subnet extends Standard {
  readonly network_id: string;
  readonly name: string;
  readonly description: string;
  readonly ip_version: 4 | 6;
  /** Canonical: host bits are zero, an IPv6 address is compressed (RFC 5952). */
  readonly cidr: string;
  readonly gateway_ip: string | null;
  readonly subnetpool_id: string | null;
  readonly allocation_pools: readonly AllocationPool[];
  readonly enable_dhcp: boolean;
  readonly dns_nameservers: readonly string[];
  readonly host_routes: readonly HostRoute[];
  readonly ipv6_address_mode: Ipv6Mode | null;
  readonly ipv6_ra_mode: Ipv6Mode | null;
  readonly service_types: readonly string[];
  readonly dns_publish_fixed_ip: boolean;
  readonly segment_id: null;
}

const readPools = list('IP pool', exactly<AllocationPool>({ start: ipAddress, end: ipAddress }));
const readRoutes = list('hostroute', exactly<HostRoute>({ destination: cidr, nexthop: ipAddress }));
/** What the owners of ports begin with. */
const OWNER_PREFIXES = ['network:', 'neutron:', 'compute:'];

const readServiceTypes: Read<readonly string[]> = reader(STRINGS, (value) => {
  if (value === null) return [];
  if (!Array.isArray(value)) throw badRequest('Subnet service types must be a list.');
  checkCount('service type', value);
  return value.map((item: unknown) => {
    if (typeof item !== 'string') {
      throw intentError('InvalidInputSubnetServiceType', { service_type: show(item) });
    }
    if (!OWNER_PREFIXES.some((prefix) => item.startsWith(prefix)) || item.length > 255) {
      throw intentError('InvalidSubnetServiceType', { service_type: show(item) });
    }
    return item;
  });
});

/** Networks have one segment each, and it is no subnet's in particular. */
const noSegment: Read<null> = reader(orNull(uuid.schema), (value) => {
  if (value === null) return null;
  throw intentError('SegmentNotFound', { segment_id: uuid(value) });
});

const readMode = nullable(oneOf(IPV6_MODES, text(32)));

export const SUBNET_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  network_id: required(uuid, { enforced: true }),
  ip_version: required(oneOf([4, 6], integer), { enforced: true }),
  /** Left out: the subnet pool says. */
  cidr: once(nullable(cidr), {
    enforced: true,
    about: 'addresses of ports lie in it; no two of a network overlap',
  }),
  /** Null is "no gateway"; left out is "the first address". */
  gateway_ip: changeable(nullable(ipAddress), {
    enforced: true,
    about: 'kept out of the pools; told by DHCP; no router answers at it yet',
  }),
  allocation_pools: changeable(nullAs([], readPools), {
    enforced: true,
    about: 'addresses are chosen from them, at random',
  }),
  enable_dhcp: changeable(boolean, {
    initial: true,
    enforced: true,
    about: 'the controller answers, whichever owns the host; of IPv6 as `ipv6_address_mode` says',
  }),
  dns_nameservers: changeable(nullAs([], distinct('nameserver', list('nameserver', ipAddress))), {
    initial: [],
    enforced: true,
    about:
      'told by DHCP and router advertisements; where none is, and ports have names, DHCP of IPv4 ' +
      'gives the address of services; 0.0.0.0 and :: say that there is none',
  }),
  host_routes: changeable(nullAs([], distinct('hostroute', readRoutes)), {
    initial: [],
    enforced: true,
    about: 'told by DHCP, with the default route among them (RFC 3442)',
  }),
  ipv6_address_mode: once(readMode, {
    initial: null,
    enforced: true,
    about:
      'slaac and dhcpv6-stateless: addresses follow from the MAC address (EUI-64); with dhcpv6: ' +
      'DHCPv6 is answered',
  }),
  ipv6_ra_mode: once(readMode, {
    initial: null,
    enforced: true,
    about: 'as `ipv6_address_mode`; router solicitations are answered, null: are not',
  }),
  service_types: changeable(readServiceTypes, {
    initial: [],
    enforced: true,
    about: 'ports of these owners alone get addresses of it; empty: all do',
  }),
  dns_publish_fixed_ip: changeable(boolean, {
    initial: false,
    about: 'addresses of ports are published even inside; nothing publishes yet',
  }),
  segment_id: changeable(noSegment, { initial: null, about: 'null' }),
  'router:external': derived(BOOLEAN, { about: 'of the network' }),
  subnetpool_id: once(nullable(uuid), {
    initial: null,
    enforced: true,
    about: 'out of whose prefixes the subnet got its `cidr`',
  }),
  use_default_subnetpool: once(boolean, { initial: false, input: true }),
  prefixlen: once(nonNegative, { input: true }),
} as const;

export type SubnetCreate = Created<typeof SUBNET_ATTRIBUTES>;
/** A request whose CIDR is known. */
export type PlacedSubnet = SubnetCreate & { readonly cidr: string };
export type SubnetUpdate = Updated<typeof SUBNET_ATTRIBUTES>;

/** True where a port's address follows from its MAC address (RFC 4862), not from a pool. */
export function isAutoAddressed(
  subnet: Pick<Subnet, 'ipv6_address_mode' | 'ipv6_ra_mode'>,
): boolean {
  return [subnet.ipv6_address_mode, subnet.ipv6_ra_mode].some(
    (mode) => mode === 'slaac' || mode === 'dhcpv6-stateless',
  );
}

type Modes = Pick<Subnet, 'ip_version' | 'enable_dhcp' | 'ipv6_address_mode' | 'ipv6_ra_mode'>;

/** Whether DHCP of its own version is answered in it; with IPv6, for addresses or for the rest. */
export function hasDhcp({ ip_version, enable_dhcp, ipv6_address_mode: mode }: Modes): boolean {
  if (ip_version === 4) return enable_dhcp;
  return enable_dhcp && (mode === 'dhcpv6-stateful' || mode === 'dhcpv6-stateless');
}

/** Whether router advertisements speak of it. */
export function isAdvertised({ ip_version, ipv6_ra_mode }: Modes): boolean {
  return ip_version === 6 && ipv6_ra_mode !== null;
}
