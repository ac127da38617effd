/**
 * The pipeline, last table first: a table names those after it. Numbers are stable; the gaps are
 * room for stages to come. table-list.ts has them all; docs/pipeline.md walks through every table.
 *
 *     0 Classifier ─┬─▶ 10 PortSecurityEth ─▶ 11 PortSecurityIp ─▶ 12 PortSecurityNd
 *                   │                                                      │
 *                   │      17 EgressVerdict ◀─ 16 ◀─ 15 ◀─ 14 ◀─ 13 EgressSecurity
 *                   │            ▼        18 Services ─▶ 19 ServiceMeter ─▶ 23 ServicePunt
 *                   │   20 NeighborResponder ─▶ 21 ArpReply, 22 NdReply, 27 DnsQueries, 28 Metadata
 *                   │            ▼
 *                   │   24 StormControl ─▶ 25 MacLearning
 *                   │            ▼
 *        29 Isolation ◀─┴─ 5 ◀─ 4 ◀─ 1 RemoteSender (from the tunnel)
 *                │
 *                └─▶ 60 L2Forwarding ─▶ 61 FloodClassifier ─▶ 62 FloodLocal (▶ 80 CopyIsolation)
 *                                │  ├─▶ 63 MulticastStreams ─▶ 64 MulticastMembers
 *                                │  └─▶ 65 UnknownUnicast ─▶ 66, 67 LearningPorts
 *                                ▼                                           ▼
 *     100 Output ◀─ 74 IngressVerdict ◀─ 73 ◀─ 72 ◀─ 71 ◀─ 70 IngressSecurity
 *
 * 90 TunnelMtu and 101 RemoteOutput lead from 60 to other hosts; 101 asks 19 for those who are told
 * that a packet is too big.
 * 2 EgressMeter behind Classifier and 102 IngressMeter behind Output are for ports of two limits.
 * Tables 30 to 35 are asked by those of security groups and come back to them.
 *
 * Free: 40–59 routing and NAT, 81–89, 91–99.
 */
import { Table } from './table.ts';

export const Marker = new Table({
  id: 250,
  name: 'Marker',
  purpose: 'No packet comes here: its flows carry the fingerprints of the other tables.',
  miss: 'drop',
  next: [],
});

export const ServicePunt = new Table({
  id: 23,
  name: 'ServicePunt',
  purpose: 'Hands a question to the controller that owns the host.',
  miss: 'drop',
  next: [],
});

export const ServiceMeter = new Table({
  id: 19,
  name: 'ServiceMeter',
  purpose: 'Limits what the controller answers each local port.',
  miss: 'drop',
  next: [ServicePunt],
});

export const RemoteOutput = new Table({
  id: 101,
  name: 'RemoteOutput',
  purpose: 'Sends a packet through the tunnel, unless it came from one or is too big.',
  miss: 'drop',
  next: [],
  calls: [ServiceMeter],
});

export const TunnelMtu = new Table({
  id: 90,
  name: 'TunnelMtu',
  purpose: 'Finds out whether a packet for another host is larger than its network carries.',
  miss: RemoteOutput,
  next: [],
});

export const IngressMeter = new Table({
  id: 102,
  name: 'IngressMeter',
  purpose: 'Passes what a port gets through the second of its two meters, and sends it.',
  miss: 'drop',
  next: [],
});

export const Output = new Table({
  id: 100,
  name: 'Output',
  purpose: 'Sends a packet to the local port in OutputPort, within the limit of the port.',
  miss: 'drop',
  next: [IngressMeter],
});

export const PacketRuleHits = new Table({
  id: 35,
  name: 'PacketRuleHits',
  purpose: 'Finds the rule of a stateless clause that lets a packet through, and counts it.',
  miss: 'drop',
  next: [],
  counts: 'rules',
});

export const EgressPacketRules = new Table({
  id: 34,
  name: 'EgressPacketRules',
  purpose: 'Which clause of stateless groups lets a packet out, by the packet itself.',
  miss: 'drop',
  next: [PacketRuleHits],
});

export const IngressPacketRules = new Table({
  id: 33,
  name: 'IngressPacketRules',
  purpose: 'Which clause of stateless groups lets a packet in, by the packet itself.',
  miss: 'drop',
  next: [PacketRuleHits],
});

export const RuleHits = new Table({
  id: 32,
  name: 'RuleHits',
  purpose: 'Finds the rule of a clause that lets a connection through, and counts it.',
  miss: 'drop',
  next: [],
  counts: 'rules',
});

export const EgressRules = new Table({
  id: 31,
  name: 'EgressRules',
  purpose: 'Which clause lets the port open the connection of a packet.',
  miss: 'drop',
  next: [RuleHits],
});

export const IngressRules = new Table({
  id: 30,
  name: 'IngressRules',
  purpose: 'Which clause lets others open the connection of a packet to the port.',
  miss: 'drop',
  next: [RuleHits],
});

/** Of what IngressSecurity lets in unasked, too: that may come as a multicast stream. */
export const CopyIsolation = new Table({
  id: 80,
  name: 'CopyIsolation',
  purpose: 'Drops what every port needs, for one that does not hear its sender.',
  miss: Output,
  next: [],
});

export const IngressVerdict = new Table({
  id: 74,
  name: 'IngressVerdict',
  purpose: 'Lets a packet in that a rule allows, and remembers who opened its connection.',
  miss: 'drop',
  next: [Output],
});

export const IngressConnection = new Table({
  id: 73,
  name: 'IngressConnection',
  purpose: 'Asks the rules of the side that opened the connection of a packet for the port.',
  miss: 'drop',
  next: [IngressVerdict],
  calls: [IngressRules, EgressRules],
});

export const IngressTracking = new Table({
  id: 72,
  name: 'IngressTracking',
  purpose: 'Tracks the connection of a packet for the port, unless no state is needed.',
  miss: 'drop',
  next: [IngressConnection, IngressVerdict, Output],
  calls: [IngressRules],
});

export const IngressStateless = new Table({
  id: 71,
  name: 'IngressStateless',
  purpose: 'Asks the rules of stateless groups.',
  miss: 'drop',
  next: [IngressTracking],
  calls: [IngressPacketRules],
});

export const IngressSecurity = new Table({
  id: 70,
  name: 'IngressSecurity',
  purpose: 'Finds the security groups of the port in OutputPort; lets in what every port needs.',
  miss: 'drop',
  next: [IngressStateless, CopyIsolation, Output],
});

export const MulticastMembers = new Table({
  id: 64,
  name: 'MulticastMembers',
  purpose: 'Gives each local port that listens to a multicast group a copy, judged by its groups.',
  miss: 'drop',
  next: [IngressSecurity],
});

export const MulticastStreams = new Table({
  id: 63,
  name: 'MulticastStreams',
  purpose: 'Sends what is for a multicast group to the hosts, and on to the ports, that listen.',
  miss: 'drop',
  next: [MulticastMembers],
});

export const FloodLocal = new Table({
  id: 62,
  name: 'FloodLocal',
  purpose: 'Gives each local port of the network a copy, judged by its security groups or not.',
  miss: 'drop',
  next: [],
  calls: [IngressSecurity, CopyIsolation, Output],
});

export const FloodClassifier = new Table({
  id: 61,
  name: 'FloodClassifier',
  purpose: 'Tells what every port needs from what is judged, and tracks the latter once.',
  miss: FloodLocal,
  next: [],
});

export const LearningPorts = new Table({
  id: 67,
  name: 'LearningPorts',
  purpose: 'Gives each local port of the network that learns MAC addresses a copy.',
  miss: 'drop',
  next: [IngressSecurity],
});

export const LearningHosts = new Table({
  id: 66,
  name: 'LearningHosts',
  purpose: 'Sends a copy to each other host that has ports of the network which learn.',
  miss: LearningPorts,
  next: [],
});

export const UnknownUnicast = new Table({
  id: 65,
  name: 'UnknownUnicast',
  purpose: 'Limits what each local port sends to one address that nobody is known to have.',
  miss: LearningHosts,
  next: [],
});

export const L2Forwarding = new Table({
  id: 60,
  name: 'L2Forwarding',
  purpose: 'Finds the port or the host that has the destination MAC address in the network.',
  miss: 'drop',
  next: [FloodClassifier, MulticastStreams, UnknownUnicast, IngressSecurity, TunnelMtu],
  calls: [RemoteOutput],
});

export const Isolation = new Table({
  id: 29,
  name: 'Isolation',
  purpose: 'Drops what is for a port alone that does not hear its sender.',
  miss: L2Forwarding,
  next: [],
});

export const MacLearning = new Table({
  id: 25,
  name: 'MacLearning',
  purpose: 'Tells the controller from which other MAC addresses a port sends that learns them.',
  miss: Isolation,
  next: [],
  counts: 'addresses',
});

export const StormControl = new Table({
  id: 24,
  name: 'StormControl',
  purpose: 'Limits what each local port sends to many at once: broadcast and multicast.',
  miss: Isolation,
  next: [MacLearning, L2Forwarding],
  calls: [RemoteOutput],
});

export const NdReply = new Table({
  id: 22,
  name: 'NdReply',
  purpose: 'Finishes a neighbour advertisement and sends it back.',
  miss: 'drop',
  next: [Output],
});

export const ArpReply = new Table({
  id: 21,
  name: 'ArpReply',
  purpose: 'Finishes an ARP reply and sends it back.',
  miss: 'drop',
  next: [Output],
});

export const Metadata = new Table({
  id: 28,
  name: 'Metadata',
  purpose:
    'Hands what a local port sends to the metadata service to the controller, up to a limit.',
  miss: 'drop',
  next: [],
});

export const DnsQueries = new Table({
  id: 27,
  name: 'DnsQueries',
  purpose: 'Limits DNS queries of local ports, and hands them to the controller.',
  miss: 'drop',
  next: [],
});

export const NeighborResponder = new Table({
  id: 20,
  name: 'NeighborResponder',
  purpose: 'Answers broadcast ARP requests and multicast neighbour solicitations of local ports.',
  miss: StormControl,
  next: [ArpReply, NdReply, DnsQueries, Metadata],
});

export const Services = new Table({
  id: 18,
  name: 'Services',
  purpose: 'Finds questions of local ports that the controller answers in their network.',
  miss: NeighborResponder,
  next: [ServiceMeter],
});

export const EgressVerdict = new Table({
  id: 17,
  name: 'EgressVerdict',
  purpose: 'Lets a packet out that a rule allows, and remembers who opened its connection.',
  miss: 'drop',
  next: [NeighborResponder],
});

export const EgressConnection = new Table({
  id: 16,
  name: 'EgressConnection',
  purpose: 'Asks the rules of the side that opened the connection of a packet of the port.',
  miss: 'drop',
  next: [EgressVerdict],
  calls: [IngressRules, EgressRules],
});

export const EgressTracking = new Table({
  id: 15,
  name: 'EgressTracking',
  purpose: 'Tracks the connection of a packet of the port, unless no state is needed.',
  miss: 'drop',
  next: [EgressConnection, NeighborResponder],
});

export const EgressStateless = new Table({
  id: 14,
  name: 'EgressStateless',
  purpose: 'Asks the rules of stateless groups.',
  miss: 'drop',
  next: [EgressTracking],
  calls: [EgressPacketRules],
});

export const EgressSecurity = new Table({
  id: 13,
  name: 'EgressSecurity',
  purpose: 'Finds the security groups of the sending port; lets out what every port needs.',
  miss: 'drop',
  next: [EgressStateless, Services],
});

export const PortSecurityNd = new Table({
  id: 12,
  name: 'PortSecurityNd',
  purpose: 'Checks the link-layer and target addresses inside neighbour discovery.',
  miss: EgressSecurity,
  next: [],
});

export const PortSecurityIp = new Table({
  id: 11,
  name: 'PortSecurityIp',
  purpose: 'Checks source addresses of IPv4, IPv6 and ARP; drops what only a server may send.',
  miss: 'drop',
  next: [PortSecurityNd, EgressSecurity],
});

export const PortSecurityEth = new Table({
  id: 10,
  name: 'PortSecurityEth',
  purpose: 'Checks the source MAC address of local ports.',
  miss: 'drop',
  next: [PortSecurityIp, EgressSecurity],
});

export const TunnelNetwork = new Table({
  id: 5,
  name: 'TunnelNetwork',
  purpose: 'Admits tunnel packets of networks that this host carries.',
  miss: 'drop',
  next: [PortSecurityIp, Isolation],
});

export const TunnelPeer = new Table({
  id: 4,
  name: 'TunnelPeer',
  purpose: 'Admits tunnel packets of hosts that share a network with this one.',
  miss: 'drop',
  next: [TunnelNetwork],
});

export const RemoteSender = new Table({
  id: 1,
  name: 'RemoteSender',
  purpose: 'Tells which ports of other hosts not everybody in their network may hear.',
  miss: TunnelPeer,
  next: [],
});

export const EgressMeter = new Table({
  id: 2,
  name: 'EgressMeter',
  purpose: 'Passes what a port sends through the second of its two meters.',
  miss: 'drop',
  next: [PortSecurityEth],
});

export const Classifier = new Table({
  id: 0,
  name: 'Classifier',
  purpose: 'Tells local ports and the tunnel apart; gives a packet its network, limit and mark.',
  miss: 'drop',
  next: [EgressMeter, PortSecurityEth, RemoteSender],
});
