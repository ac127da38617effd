/** Table L2Forwarding: from the destination MAC address to a port, a host, or everybody. */
import type { Action } from '../../openflow/actions/index.ts';
import {
  BUCKETS_MAX,
  type Copy,
  copyToAll,
  type FlowDraft,
  FromTunnel,
  floodLocalGroup,
  floodRemoteGroup,
  type GroupDraft,
  hashText,
  L2Forwarding,
  localChunk,
  NetworkKey,
  networkKey,
  Output,
  OutputPort,
  PRIORITY,
  RemoteOutput,
  TUNNEL_PORT,
  TunnelKey,
} from '../../pipeline/index.ts';
import type { AddressValue } from '../../topology/index.ts';
import type { CarriedNetwork, LocalPort, RemotePort } from '../inputs.ts';
import { GROUP_BIT } from '../protocols.ts';

export function forwardToLocalPort({ vni, ofport, facts }: LocalPort): FlowDraft {
  return L2Forwarding.flow(PRIORITY.normal)
    .match({ metadata: networkKey(vni), eth_dst: facts.mac })
    .load(OutputPort, ofport)
    .goto(Output);
}

/** The same bytes on every host: the tunnel has the same port number and takes any remote. */
export function forwardToRemotePort({ vni, encap, facts }: RemotePort): FlowDraft {
  const { field, value } = tunnelTo(encap);
  return L2Forwarding.flow(PRIORITY.normal)
    .match({ metadata: networkKey(vni), eth_dst: facts.mac })
    .setField(field, value)
    .goto(RemoteOutput);
}

/**
 * Multicast and broadcast. From a local port: a copy to each local port and one to each host of
 * the network. From the tunnel: to local ports alone, for the sender has served the other hosts.
 * Neither group ever sends a packet back to the port that it came from.
 */
export function floodNetwork(network: CarriedNetwork): FlowDraft[] {
  const { vni } = network;
  const multicast = { metadata: networkKey(vni), eth_dst: GROUP_BIT };
  const toAll = L2Forwarding.flow(PRIORITY.normal).match(multicast);
  const toLocal = L2Forwarding.flow(PRIORITY.exception).match(multicast).matchMark(FromTunnel);
  for (const chunk of byRange(network.localPorts).keys()) {
    toAll.group(floodLocalGroup(vni, chunk));
    toLocal.group(floodLocalGroup(vni, chunk));
  }
  const chunks = chunksOf(network.otherHosts);
  if (chunks.length > 0) toAll.move(NetworkKey.subField, TunnelKey.subField);
  for (const chunk of chunks.keys()) toAll.group(floodRemoteGroup(vni, chunk));
  return [toAll.done(), toLocal.done()];
}

/** A unicast address that no port of the network has: dropped, and counted by network. */
export function dropUnknownUnicast({ vni }: CarriedNetwork): FlowDraft {
  return L2Forwarding.flow(PRIORITY.rest)
    .match({ metadata: networkKey(vni) })
    .drop();
}

export function floodGroups({ vni, localPorts, otherHosts }: CarriedNetwork): GroupDraft[] {
  return [
    ...[...byRange(localPorts)].map(([chunk, ports]) =>
      copyToAll(floodLocalGroup(vni, chunk), ports.map(copyToPort)),
    ),
    ...chunksOf(otherHosts).map((hosts, chunk) =>
      copyToAll(floodRemoteGroup(vni, chunk), copiesToHosts(hosts)),
    ),
  ];
}

function copyToPort(port: number): Copy {
  return { bucketId: port, actions: [{ type: 'output', port }] };
}

/**
 * A bucket is called by the address that it sends to; an IPv6 address by what 31 bits hold of it.
 */
function copiesToHosts(hosts: readonly AddressValue[]): Copy[] {
  const taken = new Set<number>();
  return hosts.map((encap) => {
    let bucketId = typeof encap === 'number' ? encap : hashText(String(encap)).lo >>> 1;
    while (taken.has(bucketId)) bucketId += 1;
    taken.add(bucketId);
    const actions: Action[] = [
      { type: 'set_field', ...tunnelTo(encap) },
      { type: 'output', port: TUNNEL_PORT },
    ];
    return { bucketId, actions };
  });
}

function tunnelTo(encap: AddressValue): {
  field: 'tun_dst' | 'tun_ipv6_dst';
  value: AddressValue;
} {
  return { field: typeof encap === 'number' ? 'tun_dst' : 'tun_ipv6_dst', value: encap };
}

/** Port numbers, ascending, by the range that each lies in. */
function byRange(ports: readonly number[]): Map<number, number[]> {
  const ranges = new Map<number, number[]>();
  for (const port of ports) {
    const range = ranges.get(localChunk(port));
    if (range === undefined) ranges.set(localChunk(port), [port]);
    else range.push(port);
  }
  return ranges;
}

function chunksOf(hosts: readonly AddressValue[]): AddressValue[][] {
  const count = Math.ceil(hosts.length / BUCKETS_MAX);
  return Array.from({ length: count }, (_, chunk) =>
    hosts.slice(chunk * BUCKETS_MAX, (chunk + 1) * BUCKETS_MAX),
  );
}
