/**
 * What security groups let through, from the topology alone: Neutron's rules, and what
 * docs/pipeline.md says of connections ("How a packet is judged").
 */
import type { PacketFields } from '../../src/simulator/index.ts';
import {
  cidrContains,
  type Port,
  parseAddress,
  parseCidr,
  protocolNumber,
  type SecurityGroupRule,
  type Topology,
} from '../../src/topology/index.ts';

type Direction = SecurityGroupRule['direction'];
type Address = number | bigint | undefined;

const ARP = 0x0806;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const [ICMP, TCP, UDP, ICMPV6, SCTP] = [1, 6, 17, 58, 132];
const SYN_ACK = 0x12;

/** What hosts remember: each of its own ports, for connections do not move with a port. */
export class Memory {
  readonly #hosts = new Map<string, PortMemory>();

  on(hostId: string): PortMemory {
    const ports = this.#hosts.get(hostId) ?? new PortMemory();
    this.#hosts.set(hostId, ports);
    return ports;
  }
}

/**
 * What ports remember: packets that opened a connection, by port. Nothing else, and no verdict
 * above all.
 */
export class PortMemory {
  readonly #openings = new Map<string, Map<string, PacketFields>>();

  /** The opening of the connection that a packet belongs to, and whether it comes from whom. */
  recall(portId: string, packet: PacketFields): Opening | undefined {
    const openings = this.#openings.get(portId);
    const [from, to] = sidesOf(packet) ?? sidesOfError(packet) ?? [];
    const [forward, backward] = [`${from} > ${to}`, `${to} > ${from}`].map((key) =>
      openings?.get(key),
    );
    if (forward !== undefined) return { packet: forward, isReply: false };
    return backward === undefined ? undefined : { packet: backward, isReply: true };
  }

  remember(portId: string, packet: PacketFields): void {
    const openings = this.#openings.get(portId) ?? new Map<string, PacketFields>();
    this.#openings.set(portId, openings.set((sidesOf(packet) ?? []).join(' > '), packet));
  }
}

interface Opening {
  readonly packet: PacketFields;
  /** The packet at hand is one of the other side. */
  readonly isReply: boolean;
}

export function letsOut(
  topology: Topology,
  port: Port,
  packet: PacketFields,
  memory: PortMemory,
): boolean {
  if (!port.port_security_enabled || isFree(packet, FREE_OUT)) return true;
  return judge({ topology, port, direction: 'egress' }, packet, memory);
}

export function letsIn(
  topology: Topology,
  port: Port,
  packet: PacketFields,
  memory: PortMemory,
): boolean {
  if (!port.port_security_enabled || isFree(packet, FREE_IN)) return true;
  const judged = { topology, port, direction: 'ingress' } as const;
  if (!isMulticast(packet)) return judge(judged, packet, memory);
  // Copies belong to no connection; what cannot be tracked needs a rule for everything.
  return (
    judge(judged, packet, new PortMemory()) || (isIp(packet) && rulesOf(judged).some(isOpenFor))
  );

  function isOpenFor(rule: SecurityGroupRule): boolean {
    const { remote_group_id, remote_address_group_id, remote_ip_prefix: prefix } = rule;
    const everybody = (prefix?.endsWith('/0') ?? true) && !remote_group_id;
    return everybody && !remote_address_group_id && rule.protocol === null && isOf(rule, packet);
  }
}

interface Judged {
  readonly topology: Topology;
  readonly port: Port;
  readonly direction: Direction;
}

function judge(judged: Judged, packet: PacketFields, memory: PortMemory): boolean {
  if (!isIp(packet)) return false;
  if (rulesOf(judged, false).some((rule) => allows(judged.topology, rule, packet))) return true;
  const known = memory.recall(judged.port.id, packet);
  const opening = known?.packet ?? (mayOpen(packet) ? packet : undefined);
  if (opening === undefined) return false;
  const opened = known?.isReply ? opposite(judged.direction) : judged.direction;
  const rules = rulesOf({ ...judged, direction: opened }, true);
  // The tracker of Open vSwitch 3.1 does not read the ports of SCTP.
  const { sctp_dst: _, ...seen } = opening;
  if (!rules.some((rule) => allows(judged.topology, rule, seen))) return false;
  if (known === undefined && !isMulticast(packet)) memory.remember(judged.port.id, packet);
  return true;
}

/** Rules of the groups of a port; of stateful or stateless groups alone when one is asked for. */
function rulesOf({ topology, port, direction }: Judged, stateful?: boolean): SecurityGroupRule[] {
  return [...topology.list('security_group_rule')].filter((rule) => {
    const group = topology.get('security_group', rule.security_group_id);
    if (group === undefined || !port.security_groups.includes(group.id)) return false;
    return rule.direction === direction && (stateful ?? group.stateful) === group.stateful;
  });
}

function allows(topology: Topology, rule: SecurityGroupRule, packet: PacketFields): boolean {
  const [source, destination] = addressesOf(packet);
  const remote = rule.direction === 'ingress' ? source : destination;
  return isOf(rule, packet) && isService(rule, packet) && isRemote(topology, rule, remote);
}

function isOf(rule: SecurityGroupRule, packet: PacketFields): boolean {
  return packet.eth_type === (rule.ethertype === 'IPv4' ? IPV4 : IPV6);
}

function isService(rule: SecurityGroupRule, packet: PacketFields): boolean {
  if (rule.protocol === null) return true;
  const named = protocolNumber(rule.protocol);
  const protocol = named === ICMP && rule.ethertype === 'IPv6' ? ICMPV6 : named;
  if (protocol !== packet.ip_proto) return false;
  return rule.port_range_min === null || isInRange(rule, packet);
}

/** Ports, or one type of ICMP with one code or any. */
function isInRange(rule: SecurityGroupRule, packet: PacketFields): boolean {
  const { port_range_min: first, port_range_max: last } = rule;
  const [type, code] = icmpOf(packet);
  if (type !== undefined) return type === first && (last === null || code === last);
  const port = destinationPort(packet);
  return port !== undefined && port >= (first ?? 0) && port <= (last ?? first ?? 0);
}

function isRemote(topology: Topology, rule: SecurityGroupRule, address: Address): boolean {
  const { remote_group_id: group, remote_address_group_id: addresses } = rule;
  if (group !== null) {
    const members = [...topology.list('port')].filter(
      (port) => port.security_groups.includes(group) && isMember(topology, port),
    );
    return members
      .flatMap(({ fixed_ips, allowed_address_pairs }) => [...fixed_ips, ...allowed_address_pairs])
      .some(({ ip_address }) => covers(ip_address, address));
  }
  if (addresses !== null) {
    const list = topology.get('address_group', addresses)?.addresses ?? [];
    return list.some((cidr) => covers(cidr, address));
  }
  return rule.remote_ip_prefix === null || covers(rule.remote_ip_prefix, address);
}

/** A port that a host was named for is a member while it is plugged. */
function isMember(topology: Topology, port: Port): boolean {
  return port['binding:host_id'] === '' || topology.get('binding', port.id) !== undefined;
}

/** Whether an address is one, or in the network that one with a prefix length is in. */
export function covers(text: string, address: Address): boolean {
  const cidr = parseCidr(text);
  return cidr === undefined
    ? parseAddress(text) === address
    : address !== undefined && cidrContains(cidr, address);
}

/** What passes unasked: ports of UDP over IPv4 and IPv6, and types of ICMPv6. */
interface Free {
  readonly dhcp: string;
  readonly dhcpv6: string;
  readonly icmpv6: readonly number[];
  /** Protocols of IPv4. */
  readonly ipv4: readonly number[];
}

const FREE_OUT: Free = {
  dhcp: '68 67',
  dhcpv6: '546 547',
  icmpv6: [131, 132, 133, 135, 136, 143],
  ipv4: [2],
};
const FREE_IN: Free = { dhcp: '67 68', dhcpv6: '547 546', icmpv6: [130, 134, 135, 136], ipv4: [] };

function isFree(packet: PacketFields, { dhcp, dhcpv6, icmpv6, ipv4 }: Free): boolean {
  const { eth_type, ip_proto, udp_src, udp_dst } = packet;
  if (eth_type === ARP) return true;
  if (!isIp(packet)) return false;
  if (ip_proto === UDP) return `${udp_src} ${udp_dst}` === (eth_type === IPV4 ? dhcp : dhcpv6);
  if (eth_type === IPV4) return ipv4.includes(ip_proto ?? 0);
  return ip_proto === ICMPV6 && icmpv6.includes(packet.icmpv6_type ?? 0);
}

/** Queries with their replies: of those alone, and of errors about others, connections are known. */
const REPLIES = new Map([
  [8, 0],
  [13, 14],
  [15, 16],
  [128, 129],
]);

/** Whether a packet that belongs to no connection is the first of one. */
function mayOpen(packet: PacketFields): boolean {
  if (sidesOf(packet) === undefined) return false;
  if (packet.ip_proto === TCP) return ((packet.tcp_flags ?? 0) & SYN_ACK) !== SYN_ACK;
  const [type] = icmpOf(packet);
  return type === undefined || REPLIES.has(type);
}

/** The two ends of a connection as a packet names them, its sender first. */
function sidesOf(packet: PacketFields): [string, string] | undefined {
  const [source, destination] = addressesOf(packet);
  const protocol = packet.ip_proto ?? 0;
  const [type, code] = icmpOf(packet);
  const side = (address: Address, port: number | string) => `${protocol} ${address} ${port}`;
  if (type !== undefined) return code === 0 ? sidesOfQuery(packet, type) : undefined;
  if (protocol !== TCP && protocol !== UDP) return [side(source, ''), side(destination, '')];
  const [from, to] = [sourcePort(packet), destinationPort(packet)];
  return from && to ? [side(source, from), side(destination, to)] : undefined;
}

function sidesOfQuery(packet: PacketFields, type: number): [string, string] | undefined {
  const [source, destination] = addressesOf(packet);
  const query = [...REPLIES].find((pair) => pair.includes(type))?.[0];
  if (query === undefined) return undefined;
  const name = `${query} ${packet.icmp_id}`;
  return type === query
    ? [`${source} asks ${name}`, `${destination} told ${name}`]
    : [`${source} told ${name}`, `${destination} asks ${name}`];
}

/** An error goes to whom the packet came from that it is about, as if from the other end. */
function sidesOfError(packet: PacketFields): [string, string] | undefined {
  const quoted = { ...packet.quoted, eth_type: packet.eth_type } as PacketFields;
  if (packet.quoted === undefined || addressesOf(quoted)[0] !== addressesOf(packet)[1]) return;
  const [from, to] = sidesOf(quoted) ?? [];
  return from === undefined || to === undefined ? undefined : [to, from];
}

function addressesOf(packet: PacketFields): [Address, Address] {
  return packet.eth_type === IPV4
    ? [packet.ip_src ?? 0, packet.ip_dst ?? 0]
    : [packet.ipv6_src ?? 0n, packet.ipv6_dst ?? 0n];
}

/** Type and code, of ICMP in its own version of IP. */
function icmpOf(packet: PacketFields): [number, number] | [] {
  const { eth_type, ip_proto } = packet;
  if (eth_type === IPV4 && ip_proto === ICMP) return [packet.icmp_type ?? 0, packet.icmp_code ?? 0];
  if (eth_type !== IPV6 || ip_proto !== ICMPV6) return [];
  return [packet.icmpv6_type ?? 0, packet.icmpv6_code ?? 0];
}

function sourcePort(packet: PacketFields): number | undefined {
  return packet.ip_proto === TCP ? packet.tcp_src : packet.udp_src;
}

/** Undefined of protocols of which nobody reads the ports. */
function destinationPort(packet: PacketFields): number | undefined {
  switch (packet.ip_proto) {
    case TCP:
      return packet.tcp_dst;
    case UDP:
      return packet.udp_dst;
    case SCTP:
      return packet.sctp_dst;
    default:
      return undefined;
  }
}

function isIp({ eth_type }: PacketFields): boolean {
  return eth_type === IPV4 || eth_type === IPV6;
}

function isMulticast({ eth_dst }: PacketFields): boolean {
  return Math.floor((eth_dst ?? 0) / 2 ** 40) % 2 === 1;
}

function opposite(direction: Direction): Direction {
  return direction === 'ingress' ? 'egress' : 'ingress';
}
