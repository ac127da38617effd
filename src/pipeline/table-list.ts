/** All tables (tables.ts): in the order of a packet, by their place on its way, and by name. */
import type { Table } from './table.ts';
import {
  ArpReply,
  Classifier,
  CopyIsolation,
  DnsQueries,
  EgressConnection,
  EgressMeter,
  EgressPacketRules,
  EgressRules,
  EgressSecurity,
  EgressStateless,
  EgressTracking,
  EgressVerdict,
  FloodClassifier,
  FloodLocal,
  IngressConnection,
  IngressMeter,
  IngressPacketRules,
  IngressRules,
  IngressSecurity,
  IngressStateless,
  IngressTracking,
  IngressVerdict,
  Isolation,
  L2Forwarding,
  LearningHosts,
  LearningPorts,
  MacLearning,
  Marker,
  Metadata,
  MulticastMembers,
  MulticastStreams,
  NdReply,
  NeighborResponder,
  Output,
  PacketRuleHits,
  PortSecurityEth,
  PortSecurityIp,
  PortSecurityNd,
  RemoteOutput,
  RemoteSender,
  RuleHits,
  ServiceMeter,
  ServicePunt,
  Services,
  StormControl,
  TunnelMtu,
  TunnelNetwork,
  TunnelPeer,
  UnknownUnicast,
} from './tables.ts';

/** Every table, in the order of a packet. */
export const TABLES: readonly Table[] = [
  Classifier,
  RemoteSender,
  EgressMeter,
  TunnelPeer,
  TunnelNetwork,
  PortSecurityEth,
  PortSecurityIp,
  PortSecurityNd,
  EgressSecurity,
  EgressStateless,
  EgressTracking,
  EgressConnection,
  EgressVerdict,
  Services,
  ServiceMeter,
  NeighborResponder,
  ArpReply,
  NdReply,
  ServicePunt,
  StormControl,
  MacLearning,
  DnsQueries,
  Metadata,
  Isolation,
  IngressRules,
  EgressRules,
  RuleHits,
  IngressPacketRules,
  EgressPacketRules,
  PacketRuleHits,
  L2Forwarding,
  FloodClassifier,
  FloodLocal,
  MulticastStreams,
  MulticastMembers,
  UnknownUnicast,
  LearningHosts,
  LearningPorts,
  IngressSecurity,
  IngressStateless,
  IngressTracking,
  IngressConnection,
  IngressVerdict,
  CopyIsolation,
  TunnelMtu,
  Output,
  RemoteOutput,
  IngressMeter,
  Marker,
];

/** Places on a packet's way, by table: none is behind that of one that it leads to or asks. */
const WAY: ReadonlyMap<number, number> = new Map(
  wayFrom(Classifier, new Set()).map((table, index, { length }) => [table.id, length - index]),
);

/** Where a table stands on a packet's way; what is none of ours stands before it. */
export function placeOnWay(tableId: number): number {
  return WAY.get(tableId) ?? 0;
}

/** A table and all behind it, the last first. */
function wayFrom(table: Table, seen: Set<Table>): Table[] {
  if (seen.has(table)) return [];
  seen.add(table);
  return [...[...table.next, ...table.calls].flatMap((next) => wayFrom(next, seen)), table];
}

/** Names by number, as the text form of flows and the API show them. */
export const TABLE_NAMES: ReadonlyMap<number, string> = new Map(
  TABLES.map((table) => [table.id, table.name]),
);
