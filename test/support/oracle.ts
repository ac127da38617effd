/**
 * Who may reach whom, from the topology alone. Written from the rules of docs/pipeline.md without
 * a look at flows, tables or the compiler: it is one of three answers that have to agree.
 */
import type { PacketFields, Question, Place as Wire } from '../../src/simulator/index.ts';
import {
  type Host,
  type Network,
  type Port,
  parseAddress,
  placesOf as plugsOf,
  type Topology,
} from '../../src/topology/index.ts';
import { covers, letsIn, letsOut, Memory } from './oracle-security.ts';
import { askedService, isLaterMetadata, SERVER_MAC, serverMac } from './oracle-services.ts';
import { BROADCAST, linkLocalOf, macOf, placeOf } from './packets.ts';

export interface Expectation {
  /** Ids of the ports that get the packet, sorted; of one with two places as often as it gets it. */
  readonly ports: readonly string[];
  /** Where they get it. */
  readonly copies: readonly Copy[];
  /** As it arrives: with the mark of the sender's QoS policy. */
  readonly packet: PacketFields;
  /** What the sender gets back from the switch itself. */
  readonly reply?: PacketFields;
  /** What it asks the controller for, which alone gets the packet. */
  readonly service?: Question['service'];
}

export interface Copy extends Wire {
  readonly portId: string;
}

const NONE = { ports: [], copies: [] };
const NOBODY: Expectation = { ...NONE, packet: {} };

/** A port, and the host that it is on, where that is not the one where its VM runs. */
export type At = string | { readonly portId: string; readonly hostId: string };

/** Whether the guest behind a port may send a packet, in the network that the port is in. */
export function maySend(topology: Topology, at: At, packet: PacketFields, memory: Memory): boolean {
  const sender = placeAt(topology, at);
  if (sender === undefined) return false;
  if ((packet.vlan_vid ?? 0) !== 0 || isGroup(packet.eth_src) || packet.eth_src === 0) return false;
  if (sender.port.port_security_enabled && !mayPass(sender.port, packet)) return false;
  if (isLaterMetadata(packet)) return true;
  return letsOut(topology, sender.port, packet, memory.on(sender.host.id));
}

/** Who sent a packet, as hosts know it; of a stranger nothing is known. */
export interface Origin {
  readonly hostId?: string;
  /** To its own host, by the place that the packet came from. */
  readonly sender?: Port | undefined;
  /** To others, by the source address. */
  readonly known: Port | undefined;
}

/** Whether a port gets a packet that is in its network. */
export function mayGet(
  topology: Topology,
  at: At,
  packet: PacketFields,
  from: { readonly origin: Origin; readonly memory: Memory },
): boolean {
  const receiver = placeAt(topology, at);
  return receiver !== undefined && receivers(topology, packet, [receiver], from).length > 0;
}

/** The port of a network that has the source address of a packet. */
export function knownBySource(
  topology: Topology,
  networkId: string,
  { eth_src }: PacketFields,
): Port | undefined {
  const network = topology.get('network', networkId);
  const members = network === undefined ? [] : membersOf(topology, network);
  return members.find(({ port }) => macOf(port.mac_address) === eth_src)?.port;
}

/** What becomes of a packet that the guest behind a port sends; ports remember it from then on. */
export function expectedFrom(
  topology: Topology,
  at: At,
  sent: PacketFields,
  memory: Memory,
): Expectation {
  const sender = placeAt(topology, at);
  if (sender === undefined || !maySend(topology, at, sent, memory)) return NOBODY;
  const packet = { ...sent, ...markOf(topology, sender, sent) };
  const service = askedService(topology, sender.network, packet);
  if (service !== undefined) return { ...NONE, packet, service };
  const members = membersOf(topology, sender.network);
  const reply = isTold(topology, sender, packet)
    ? undefined
    : replyTo(topology, packet, sender, members);
  if (reply !== undefined) return { ...NONE, packet, reply };
  const known = knownBySource(topology, sender.network.id, packet);
  const from = { memory, origin: { hostId: sender.host.id, sender: sender.port, known } };
  followedElsewhere(sender, packet, { topology, members, memory });
  const far = farPlaces(topology, packet, sender, members);
  if (far.length > 0 && (packet.length ?? 0) > 14 + sender.network.mtu) {
    // The copy for a second place is not measured.
    const copies = receivers(topology, packet, far.slice(1), from);
    return { ...copiesTo(copies), packet, ...tooBig(packet) };
  }
  const places = receivers(topology, packet, members, from);
  return { ...copiesTo(places.filter((place) => !isSame(place, sender))), packet };
}

/** What becomes of a packet that a host gets through its tunnel. */
export function expectedFromTunnel(
  topology: Topology,
  at: { hostId: string; source: number | bigint; vni: number },
  packet: PacketFields,
): Expectation {
  const here = topology.get('host', at.hostId);
  const network = [...topology.list('network')].find((candidate) => candidate.vni === at.vni);
  const peer = [...topology.list('host')].find((host) => parseAddress(host.encap_ip) === at.source);
  if (here === undefined || network === undefined || peer === undefined || peer === here)
    return NOBODY;
  if ((packet.vlan_vid ?? 0) !== 0) return NOBODY;
  const shared = [...topology.list('network')].some((each) => {
    const hosts = membersOf(topology, each).map((member) => member.host.id);
    return hosts.includes(here.id) && hosts.includes(peer.id);
  });
  const local = membersOf(topology, network).filter((member) => member.host.id === here.id);
  if (!shared || local.length === 0) return NOBODY;
  const origin = { known: knownBySource(topology, network.id, packet) };
  const places = receivers(topology, packet, local, { memory: new Memory(), origin });
  return { ...copiesTo(places), packet };
}

/** While a VM moves, its connections are known where it arrives from what it sends where it runs. */
function followedElsewhere(
  { port, host }: Place,
  packet: PacketFields,
  { topology, members, memory }: { topology: Topology; members: readonly Place[]; memory: Memory },
): void {
  const runsOn = topology.get('binding', port.id)?.host_id;
  if (host.id !== runsOn || isGroup(packet.eth_dst) || !port.port_security_enabled) return;
  for (const place of members) {
    if (place.port.id !== port.id || place.host.id === host.id) continue;
    if (parseAddress(place.host.encap_ip) === undefined) continue;
    letsOut(topology, port, packet, memory.on(place.host.id));
  }
}

/** Where the one port is that a packet is for, if no place of it is the sender's host. */
function farPlaces(
  topology: Topology,
  packet: PacketFields,
  sender: Place,
  members: readonly Place[],
): Place[] {
  const places = holdersOf(topology, packet, members).filter(({ port }) =>
    mayHear(port, sender.port),
  );
  return places.some(({ host }) => host.id === sender.host.id) ? [] : places;
}

function tooBig({ eth_type }: PacketFields): Pick<Expectation, 'service'> {
  return eth_type === 0x0800 || eth_type === 0x86dd ? { service: 'packet-too-big' } : {};
}

interface Place {
  readonly port: Port;
  readonly network: Network;
  readonly host: Host;
  readonly wire: Wire;
}

/** Where a port is plugged in: nowhere unless all that it needs is there and up. */
function placesOf(topology: Topology, portId: string): Place[] {
  const port = topology.get('port', portId);
  const network = topology.get('network', port?.network_id ?? '');
  if (port === undefined || network === undefined) return [];
  if (!port.admin_state_up || !network.admin_state_up) return [];
  return plugsOf(topology.get('binding', portId)).flatMap((plug) => {
    const host = topology.get('host', plug.host_id);
    return host === undefined ? [] : [{ port, network, host, wire: placeOf(plug) }];
  });
}

function placeAt(topology: Topology, at: At): Place | undefined {
  if (typeof at !== 'string') {
    return placesOf(topology, at.portId).find(({ host }) => host.id === at.hostId);
  }
  const runsOn = topology.get('binding', at)?.host_id;
  return placesOf(topology, at).find(({ host }) => host.id === runsOn);
}

function copiesTo(places: readonly Place[]): Pick<Expectation, 'ports' | 'copies'> {
  return {
    ports: places.map(({ port }) => port.id).sort(),
    copies: places.map(({ port, wire }) => ({ portId: port.id, ...wire })),
  };
}

function isSame(one: Place, other: Place): boolean {
  return one.port.id === other.port.id && one.host.id === other.host.id;
}

function membersOf(topology: Topology, network: Network): Place[] {
  return [...topology.list('port')]
    .filter((port) => port.network_id === network.id)
    .flatMap((port) => placesOf(topology, port.id));
}

function receivers(
  topology: Topology,
  packet: PacketFields,
  members: readonly Place[],
  { memory, origin }: { readonly memory: Memory; readonly origin: Origin },
): Place[] {
  const { hostId, sender, known } = origin;
  const addressed = isGroup(packet.eth_dst)
    ? members
    : addressedBy(topology, packet, members, sender);
  return addressed
    .filter(({ port }) => !isStream(packet) || listens(topology, port, packet))
    .filter(({ port, host }) => mayHear(port, host.id === hostId ? sender : known))
    .filter(({ port, host }) => letsIn(topology, port, packet, memory.on(host.id)));
}

/** To many, and not on one link alone: 224.0.0.0/24, or a scope of 2 and below. */
function isStream({ eth_dst, ip_dst = 0, ipv6_dst = 0n }: PacketFields): boolean {
  if (!isGroup(eth_dst)) return false;
  const [first, second, third] = [24, 16, 8].map((shift) => (Number(ip_dst) >>> shift) & 0xff);
  if (Number(first) >> 4 === 0xe) return first !== 224 || second !== 0 || third !== 0;
  return BigInt(ipv6_dst) >> 120n === 0xffn && ((BigInt(ipv6_dst) >> 112n) & 0xfn) > 2n;
}

function listens(topology: Topology, { id, network_id }: Port, packet: PacketFields): boolean {
  const membership = topology.get('membership', id);
  if (membership?.network_id !== network_id) return false;
  const group = packet.ip_dst ?? packet.ipv6_dst;
  return membership.groups.some((address) => parseAddress(address) === group);
}

/**
 * Who has the destination address, unless the sender's host knows that it may not hear the sender;
 * where nobody in the network has it, all ports that learn.
 */
function addressedBy(
  topology: Topology,
  packet: PacketFields,
  members: readonly Place[],
  sender: Port | undefined,
): Place[] {
  const [first] = members;
  if (first === undefined) return [];
  const everybody = membersOf(topology, first.network);
  if (holdersOf(topology, packet, everybody).length > 0) {
    return holdersOf(topology, packet, members).filter(({ port }) => mayHear(port, sender));
  }
  return packet.eth_dst === SERVER_MAC ? [] : members.filter(({ port }) => learns(port));
}

function isPromiscuous({ isolation }: Port): boolean {
  return isolation === null || isolation === 'promiscuous';
}

/** Whether ports of a network may hear each other; a stranger may be heard. */
function mayHear(one: Port, other: Port | undefined): boolean {
  if (other === undefined || isPromiscuous(one) || isPromiscuous(other)) return true;
  const communities = [one, other].map(({ isolation, isolation_community: name }) =>
    isolation === 'community' ? name : undefined,
  );
  return communities[0] !== undefined && communities[0] === communities[1];
}

/** Who has the destination address: as its own, or else as one that it may have and has now. */
function holdersOf(
  topology: Topology,
  { eth_dst }: PacketFields,
  members: readonly Place[],
): Place[] {
  const owns = ({ port }: Place): boolean => macOf(port.mac_address) === eth_dst;
  const [first] = members;
  if (first !== undefined && membersOf(topology, first.network).some(owns)) {
    return members.filter(owns);
  }
  const learned = [...topology.list('learned_mac')].filter(
    ({ mac_address }) => macOf(mac_address) === eth_dst,
  );
  return members.filter(({ port, network }) =>
    learned.some(
      (record) =>
        record.network_id === network.id && record.port_id === port.id && mayHave(port, eth_dst),
    ),
  );
}

/** Whether a port may have an address that is nobody's own. */
function mayHave(port: Port, mac: number | undefined): boolean {
  if (!isPromiscuous(port)) return false;
  if (learns(port)) return mac !== SERVER_MAC;
  if (!port.port_security_enabled) return false;
  return port.allowed_address_pairs.some((pair) => macOf(pair.mac_address) === mac);
}

function learns({ mac_learning_enabled, port_security_enabled }: Port): boolean {
  return mac_learning_enabled && !port_security_enabled;
}

/** What the policy of a port, or else that of its network, writes into its IP packets. */
function markOf(topology: Topology, { port, network }: Place, packet: PacketFields): PacketFields {
  if (packet.eth_type !== 0x0800 && packet.eth_type !== 0x86dd) return {};
  const inherited = port.device_owner.startsWith('network:') ? null : network.qos_policy_id;
  const policy = port.qos_policy_id ?? inherited;
  const marks = [...topology.list('qos_rule')]
    .filter((rule) => rule.type === 'dscp_marking')
    .filter((rule) => rule.qos_policy_id === policy)
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  return marks[0] === undefined ? {} : { ip_dscp: marks[0].dscp_mark };
}

/**
 * Whether the controller is told of a packet that goes on: of all that a VM sends where it arrives,
 * and of ARP with an address that others may have, too, from who is not known to have it now.
 */
function isTold(topology: Topology, { port, network, host }: Place, packet: PacketFields): boolean {
  const { move } = topology.get('binding', port.id) ?? {};
  if (move?.state === 'arriving' && move.host_id === host.id) return true;
  const { eth_src, arp_spa } = packet;
  if (!port.port_security_enabled || eth_src === macOf(port.mac_address)) return false;
  const isKnown = [...topology.list('learned_mac')].some(
    (record) =>
      record.network_id === network.id &&
      record.port_id === port.id &&
      macOf(record.mac_address) === eth_src &&
      mayHave(port, eth_src),
  );
  return !isKnown && packet.eth_type === 0x0806 && arp_spa !== 0;
}

/** ARP and neighbour discovery, answered by the switch where the owner is known. */
function replyTo(
  topology: Topology,
  packet: PacketFields,
  sender: Place,
  members: readonly Place[],
): PacketFields | undefined {
  const server = serverMac(topology, sender.network, packet);
  if (server !== undefined) return arpReply(packet, server);
  const asked = askedAddress(packet, sender.host);
  if (asked === undefined) return undefined;
  const owner = members.find(({ port }) =>
    port.fixed_ips.some((fixed) => parseAddress(fixed.ip_address) === asked),
  );
  // A guest that asks for its own address looks for a rival; an answer would be one.
  if (owner === undefined || owner.port.id === sender.port.id) return undefined;
  if (!mayHear(owner.port, sender.port)) return undefined;
  const mac = macOf(owner.port.mac_address);
  if (typeof asked === 'number') return arpReply(packet, mac);
  const ethernet = { eth_src: mac, eth_dst: packet.eth_src };
  const advert = { icmpv6_type: 136, nd_reserved: 0x6000_0000, nd_options_type: 2, nd_tll: mac };
  return {
    ...packet,
    ...ethernet,
    ...advert,
    ipv6_src: asked,
    ipv6_dst: packet.ipv6_src,
  } as PacketFields;
}

function arpReply(packet: PacketFields, mac: number): PacketFields {
  const swapped = {
    arp_sha: mac,
    arp_spa: packet.arp_tpa,
    arp_tha: packet.arp_sha,
    arp_tpa: packet.arp_spa,
  };
  const ethernet = { eth_src: mac, eth_dst: packet.eth_src };
  return { ...packet, ...ethernet, arp_op: 2, ...swapped } as PacketFields;
}

/** The address that the packet asks everybody for, if it is a question that we answer. */
function askedAddress(packet: PacketFields, host: Host): number | bigint | undefined {
  if (packet.eth_type === 0x0806) {
    return packet.arp_op === 1 && packet.eth_dst === BROADCAST ? packet.arp_tpa : undefined;
  }
  const multicast = Math.floor((packet.eth_dst ?? 0) / 2 ** 32) === 0x3333;
  const complete = (packet.nd_sll ?? 0) !== 0 && (packet.icmpv6_code ?? 0) === 0;
  if (!host.nd_extensions || !multicast || !complete) return undefined;
  return packet.icmpv6_type === 135 ? packet.nd_target : undefined;
}

function mayPass(port: Port, packet: PacketFields): boolean {
  const source = packet.eth_src ?? 0;
  const pairs = [
    ...port.fixed_ips.map((fixed) => ({ ...fixed, mac_address: port.mac_address })),
    ...port.allowed_address_pairs,
  ];
  const macs = [port.mac_address, ...pairs.map((pair) => pair.mac_address)].map(macOf);
  if (!macs.includes(source)) return false;
  const texts = pairs.filter((pair) => macOf(pair.mac_address) === source);
  const owns = (address: number | bigint | undefined): boolean =>
    address === linkLocalOf(source) || texts.some((pair) => covers(pair.ip_address, address));
  switch (packet.eth_type) {
    case 0x0800:
      return mayPassIpv4(packet, owns);
    case 0x0806:
      return packet.arp_sha === source && (owns(packet.arp_spa) || isProbe(packet));
    case 0x86dd:
      return mayPassIpv6(packet, owns);
    default:
      return false;
  }
}

type Owns = (address: number | bigint | undefined) => boolean;

function mayPassIpv4(packet: PacketFields, owns: Owns): boolean {
  if (packet.udp_src === 67) return false;
  const discover = packet.udp_src === 68 && packet.udp_dst === 67 && packet.ip_dst === 0xffff_ffff;
  const isIgmp = packet.ip_proto === 2;
  return owns(packet.ip_src) || (packet.ip_src === 0 && (discover || isIgmp));
}

function mayPassIpv6(packet: PacketFields, owns: Owns): boolean {
  const type = packet.icmpv6_type ?? -1;
  const unspecified = packet.ipv6_src === 0n;
  if (packet.udp_src === 547 || type === 134 || type === 137) return false;
  const unnumbered = unspecified && [131, 132, 133, 135, 143].includes(type);
  if (!owns(packet.ipv6_src) && !unnumbered) return false;
  return (type !== 135 && type !== 136) || mayPassNd(packet, owns);
}

function mayPassNd(packet: PacketFields, owns: Owns): boolean {
  const type = packet.icmpv6_type;
  if ((packet.icmpv6_code ?? 0) !== 0) return false;
  const option = (type === 135 ? packet.nd_sll : packet.nd_tll) ?? 0;
  const truthful = option === 0 || option === packet.eth_src;
  if (type === 136) return truthful && owns(packet.nd_target);
  if ((packet.nd_target ?? 0n) === 0n) return false;
  return packet.ipv6_src === 0n ? option === 0 && owns(packet.nd_target) : truthful;
}

function isProbe(packet: PacketFields): boolean {
  return packet.arp_op === 1 && packet.arp_spa === 0;
}

function isGroup(mac: number | undefined): boolean {
  return Math.floor((mac ?? 0) / 2 ** 40) % 2 === 1;
}
