/**
 * The pipeline, last table first: a table names those after it. Numbers are stable; the gaps are
 * room for stages to come. docs/pipeline.md walks through every table.
 *
 *     0 Classifier ─┬─▶ 10 PortSecurityEth ─▶ 11 PortSecurityIp ─▶ 12 PortSecurityNd ─┐
 *                   │                                                                 ▼
 *                   │                            21 ArpReply, 22 NdReply ◀─ 20 NeighborResponder
 *                   └─▶ 4 TunnelPeer ─▶ 5 TunnelNetwork ─┐                            │
 *                                                        ▼                            │
 *                        100 Output, 101 RemoteOutput ◀─ 60 L2Forwarding ◀────────────┘
 *
 * Free: 13–19 egress rules of security groups, 30–59 routing and NAT, 70–89 ingress rules.
 */
import { Table } from './table.ts';

export const Marker = new Table({
  id: 250,
  name: 'Marker',
  purpose: 'No packet comes here: its flows carry the fingerprints of the other tables.',
  miss: 'drop',
  next: [],
});

export const RemoteOutput = new Table({
  id: 101,
  name: 'RemoteOutput',
  purpose: 'Sends a packet through the tunnel, unless it came from one.',
  miss: 'drop',
  next: [],
});

export const Output = new Table({
  id: 100,
  name: 'Output',
  purpose: 'Sends a packet to the local port in OutputPort.',
  miss: 'drop',
  next: [],
});

export const L2Forwarding = new Table({
  id: 60,
  name: 'L2Forwarding',
  purpose: 'Finds the port or the host that has the destination MAC address in the network.',
  miss: 'drop',
  next: [Output, RemoteOutput],
});

export const NdReply = new Table({
  id: 22,
  name: 'NdReply',
  purpose: 'Finishes a neighbour advertisement and sends it back.',
  miss: 'drop',
  next: [],
});

export const ArpReply = new Table({
  id: 21,
  name: 'ArpReply',
  purpose: 'Finishes an ARP reply and sends it back.',
  miss: 'drop',
  next: [],
});

export const NeighborResponder = new Table({
  id: 20,
  name: 'NeighborResponder',
  purpose: 'Answers broadcast ARP requests and multicast neighbour solicitations of local ports.',
  miss: L2Forwarding,
  next: [ArpReply, NdReply],
});

export const PortSecurityNd = new Table({
  id: 12,
  name: 'PortSecurityNd',
  purpose: 'Checks the link-layer and target addresses inside neighbour discovery.',
  miss: NeighborResponder,
  next: [],
});

export const PortSecurityIp = new Table({
  id: 11,
  name: 'PortSecurityIp',
  purpose: 'Checks source addresses of IPv4, IPv6 and ARP; drops what only a server may send.',
  miss: 'drop',
  next: [PortSecurityNd, NeighborResponder],
});

export const PortSecurityEth = new Table({
  id: 10,
  name: 'PortSecurityEth',
  purpose: 'Checks the source MAC address of local ports.',
  miss: 'drop',
  next: [PortSecurityIp, NeighborResponder],
});

export const TunnelNetwork = new Table({
  id: 5,
  name: 'TunnelNetwork',
  purpose: 'Admits tunnel packets of networks that this host carries.',
  miss: 'drop',
  next: [L2Forwarding],
});

export const TunnelPeer = new Table({
  id: 4,
  name: 'TunnelPeer',
  purpose: 'Admits tunnel packets of hosts that share a network with this one.',
  miss: 'drop',
  next: [TunnelNetwork],
});

export const Classifier = new Table({
  id: 0,
  name: 'Classifier',
  purpose: 'Tells local ports from the tunnel and gives each packet its network.',
  miss: 'drop',
  next: [PortSecurityEth, TunnelPeer],
});

/** Every table, in the order of a packet. */
export const TABLES: readonly Table[] = [
  Classifier,
  TunnelPeer,
  TunnelNetwork,
  PortSecurityEth,
  PortSecurityIp,
  PortSecurityNd,
  NeighborResponder,
  ArpReply,
  NdReply,
  L2Forwarding,
  Output,
  RemoteOutput,
  Marker,
];

/** Names by number, as the text form of flows and the API show them. */
export const TABLE_NAMES: ReadonlyMap<number, string> = new Map(
  TABLES.map((table) => [table.id, table.name]),
);
