/**
 * How many flows a port costs: what the compiler makes of it, counted without making it. Counts are
 * of switches that answer neighbour discovery; others have fewer (docs/pipeline.md).
 */
import { isSetApart } from '../isolation.ts';
import { learnsMacs } from '../mac-learning.ts';
import type { Port } from '../port.ts';

/** By IP version, as rules call it. */
export interface ByVersion {
  readonly IPv4: number;
  readonly IPv6: number;
}

export interface PortFlows {
  /** On the host that it is plugged into. */
  readonly local: number;
  /** More of that while its VM moves, on either host: one for each MAC address where it arrives. */
  readonly moving: number;
  /** On every other host of its network. */
  readonly remote: number;
}

export const NO_FLOWS: ByVersion = { IPv4: 0, IPv6: 0 };

/** As matches: every address of a version is two halves. */
export function matchesOf(addresses: Iterable<string>): ByVersion {
  const matches = { IPv4: 0, IPv6: 0 };
  for (const address of addresses) matches[versionOf(address)] += address.endsWith('/0') ? 2 : 1;
  return matches;
}

/** Cheap enough to be counted each time: a map of all ports would cost more. */
export function portFlows(port: Port): PortFlows {
  const own = port.fixed_ips;
  /** Forwarding, to what it may have as well; and answers for its addresses. */
  const forwarded = 1 + own.length + pairedMacs(port).size;
  const remote = forwarded + apartFlows(port, { each: 2, community: 1 + own.length });
  /** Copies that all ports need; and either IP version of the others. */
  const copied = apartFlows(port, { each: 1, community: 1 + 2 });
  /** A guest's questions for its own addresses go by the answers. */
  const { local: judged, moving } = port.port_security_enabled ? secured(port) : unsecured(port);
  const local = CLASSIFIED + own.length + remote + judged + copied;
  return { local, moving, remote };
}

/** For each clause of rules that names a group of the port. */
export function memberFlows({ fixed_ips, allowed_address_pairs }: Port): ByVersion {
  return matchesOf([...fixed_ips, ...allowed_address_pairs].map(({ ip_address }) => ip_address));
}

/** More of a subport: into its VLAN, and no copies of what it sends itself. */
export const SUBPORT_FLOWS = 2;

/** Its network, and its meters: of services, of metadata, and of what it sends to many. */
const CLASSIFIED = 4;
/** Both ways: the two IP versions, and the two sides of a connection. */
const JUDGED = 8;
/** What the three tables of port security count as forbidden. */
const RESTS = 4;

type Judged = Pick<PortFlows, 'local' | 'moving'>;

/** Past each check; one that learns has its addresses looked at. Its connections are nobody's. */
function unsecured(port: Port): Judged {
  return { local: 3 + (learnsMacs(port) ? 3 : 0), moving: 0 };
}

function secured(port: Port): Judged {
  const senders = new Map([[port.mac_address, port.fixed_ips.map(({ ip_address }) => ip_address)]]);
  for (const { mac_address: mac, ip_address: address } of port.allowed_address_pairs) {
    senders.set(mac, [...(senders.get(mac) ?? []), address]);
  }
  let flows = JUDGED + RESTS;
  for (const addresses of senders.values()) flows += sender(addresses);
  return { local: flows + announced(port), moving: senders.size };
}

/** What it takes that not everybody reaches it; and for its community, that this does. */
function apartFlows(port: Port, { each, community }: { each: number; community: number }): number {
  if (!isSetApart(port)) return 0;
  return each + (port.isolation === 'community' ? community : 0);
}

/** MAC addresses that it may have besides its own. */
function pairedMacs({ mac_address: own, allowed_address_pairs: pairs }: Port): Set<string> {
  return new Set(pairs.map(({ mac_address }) => mac_address).filter((mac) => mac !== own));
}

/** What it says of addresses that it may have, and has not. */
function announced({ mac_address: own, allowed_address_pairs: pairs }: Port): number {
  return pairs.filter(({ mac_address }) => mac_address !== own).length;
}

/** Its MAC address; ARP and IP of each address, and a probe; each target of solicitations. */
function sender(addresses: readonly string[]): number {
  const ipv4 = addresses.filter((address) => versionOf(address) === 'IPv4').length;
  const ipv6 = addresses.length - ipv4 + LINK_LOCAL;
  return 1 + (2 * ipv4 + 1 + ipv6) + (1 + 3 * ipv6);
}

const LINK_LOCAL = 1;

function versionOf(address: string): keyof ByVersion {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}
