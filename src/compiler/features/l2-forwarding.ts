/** Table L2Forwarding: from the destination MAC address to a port, a host, or everybody. */
import type { Action } from '../../openflow/actions/index.ts';
import type { Match } from '../../openflow/oxm/index.ts';
import {
  Allowed,
  type Copy,
  CopyIsolation,
  copyBucket,
  copyToAll,
  FloodClassifier,
  FloodLocal,
  type FlowBuilder,
  type FlowDraft,
  FromPort,
  FromTunnel,
  floodJudgedGroup,
  floodLocalGroup,
  floodRemoteGroup,
  type GroupDraft,
  hashText,
  IngressSecurity,
  L2Forwarding,
  localChunk,
  NetworkKey,
  NotAllowed,
  networkKey,
  Output,
  OutputPort,
  PRIORITY,
  type Priority,
  RemoteOutput,
  sharedBuckets,
  type Table,
  TUNNEL_PORT,
  TunnelKey,
  TunnelMtu,
} from '../../pipeline/index.ts';
import type { AddressValue } from '../../topology/index.ts';
import type { HostChunk } from '../host-chunks.ts';
import type { CarriedNetwork, LocalPort, RemotePort } from '../inputs.ts';
import { GROUP_BIT, IP_VERSIONS } from '../protocols.ts';
import { ALWAYS_IN } from './always-allowed.ts';

/** Of packets that go to many: above every OpenFlow port number, and so no port's own zone. */
export const FLOOD_ZONE = 0xffff;

/** While the VM moves, the other place gets a copy, too; not of what came through the tunnel. */
export function forwardToLocalPort(port: LocalPort): FlowDraft[] {
  return destinedFor(port).map((flow) => {
    if (port.move?.elsewhere !== undefined) copyThroughTunnel(flow, port.move.elsewhere);
    return flow.load(OutputPort, port.ofport).goto(IngressSecurity);
  });
}

/** The same bytes on every host: the tunnel has the same port number and takes any remote. */
export function forwardToRemotePort(port: RemotePort): FlowDraft[] {
  const [first, ...others] = port.encaps;
  const { field, value } = tunnelTo(first as AddressValue);
  return destinedFor(port).map((flow) => {
    for (const encap of others) copyThroughTunnel(flow, encap);
    return flow.setField(field, value).goto(TunnelMtu);
  });
}

/** For a port: its own address, and those that it has now. One that is a port's own is its. */
function destinedFor({ vni, facts, learned }: LocalPort | RemotePort): FlowBuilder[] {
  const metadata = networkKey(vni);
  return [
    L2Forwarding.flow(PRIORITY.normal).match({ metadata, eth_dst: facts.mac }),
    ...learned.map((eth_dst) => L2Forwarding.flow(PRIORITY.learned).match({ metadata, eth_dst })),
  ];
}

/**
 * Then the packet goes on as it came: IPv4 and IPv6 addresses of tunnels do not stand together. The
 * copy is not measured, so that its sender is told of one packet once.
 */
export function copyThroughTunnel(flow: FlowBuilder, encap: AddressValue): void {
  const { field, value } = tunnelTo(encap);
  flow
    .setField(field, value)
    .ask(RemoteOutput)
    .setField(field, typeof value === 'number' ? 0 : 0n);
}

/**
 * Multicast and broadcast. From a local port: one copy to each other host of the network, and on
 * to the local ports. From the tunnel: to local ports alone; the sender has served the other hosts.
 */
export function floodNetwork(network: CarriedNetwork): FlowDraft[] {
  const { vni } = network;
  return flood(PRIORITY.normal, { metadata: networkKey(vni), eth_dst: GROUP_BIT }, network);
}

/** What such a match takes goes to all, whatever flows of lower priority say. */
export function flood(
  priority: Priority,
  match: Match,
  { vni, otherHosts }: CarriedNetwork,
): FlowDraft[] {
  const groups = remoteGroups(vni, otherHosts.length);
  const toAll = L2Forwarding.flow(priority).match(match).matchMark(FromPort);
  const toLocal = L2Forwarding.flow(priority).match(match).matchMark(FromTunnel);
  if (groups.length > 0) toAll.move(NetworkKey.subField, TunnelKey.subField);
  for (const groupId of groups) toAll.group(groupId);
  return [toAll, toLocal].map((flow) => flow.mark(NotAllowed).goto(FloodClassifier));
}

/**
 * What alone the flows of a network depend on, where no port of it has a name or learns: hosts for
 * which that is the same have the same flows of it.
 */
export function networkShape(network: CarriedNetwork): string | undefined {
  const { vni, mtu, localPorts, otherHosts, services, isNamed, learning } = network;
  if (isNamed || learning !== undefined) return undefined;
  const ranges = [...byRange(localPorts).keys()];
  return [vni, mtu, ranges, otherHosts.length, services].join(' ');
}

/** The groups that copy a packet to all other hosts of a network, which are in so many chunks. */
export function remoteGroups(vni: number, chunks: number): number[] {
  return Array.from({ length: chunks }, (_, chunk) => floodRemoteGroup(vni, chunk));
}

/** Neither group ever sends a packet back to the port that it came from. */
export function floodLocalPorts({ vni, localPorts }: CarriedNetwork): FlowDraft[] {
  const metadata = networkKey(vni);
  const judged = FloodLocal.flow(PRIORITY.normal).match({ metadata });
  const free = FloodLocal.flow(PRIORITY.exception).match({ metadata }).matchMark(Allowed);
  for (const chunk of byRange(localPorts).keys()) {
    judged.group(floodJudgedGroup(vni, chunk));
    free.group(floodLocalGroup(vni, chunk));
  }
  return [judged.done(), free.done()];
}

/**
 * What security groups let in unasked is marked as allowed; the rest is tracked once, before it is
 * copied: a datapath defers but a few recirculations of one packet. No connection is remembered,
 * and what the zone of the sender knows of one says nothing about other ports.
 */
export function classifyFloods(): FlowDraft[] {
  return [
    ...ALWAYS_IN.map((match) =>
      FloodClassifier.flow(PRIORITY.guard).match(match).mark(Allowed).goto(FloodLocal),
    ),
    ...IP_VERSIONS.map((ip) =>
      FloodClassifier.flow(PRIORITY.normal).match(ip).track(FLOOD_ZONE, FloodLocal),
    ),
  ];
}

/** For the ports of the network on this host. */
export function floodLocalGroups(network: CarriedNetwork): GroupDraft[] {
  const { vni, localPorts, subports, apart } = network;
  const copy = (port: number) => {
    if (apart.has(port)) return copyBucket(copyInto(CopyIsolation, port));
    return subports.has(port) ? copyBucket(copyToSubport(port)) : copyToPort(port);
  };
  return [...byRange(localPorts)].flatMap(([chunk, ports]) => [
    copyToAll(floodLocalGroup(vni, chunk), ports.map(copy)),
    copyToAll(floodJudgedGroup(vni, chunk), ports.map(copyToJudge)),
  ]);
}

/** For one chunk of the other hosts; of the network it depends on nothing else. */
export function floodHostsGroup(vni: number, chunk: number, hosts: HostChunk): GroupDraft {
  return copyToAll(floodRemoteGroup(vni, chunk), copiesToHosts(hosts));
}

const copyToJudge = sharedBuckets((port: number) => copyInto(IngressSecurity, port));

/** Its tag is the matter of one flow, which limits and logs go by as well. */
function copyToSubport(port: number): Copy {
  return copyInto(Output, port);
}

function copyInto(table: Table, port: number): Copy {
  const { register: field } = OutputPort;
  const actions: Action[] = [
    { type: 'set_field', field, value: port },
    { type: 'resubmit', table: table.id },
  ];
  return { bucketId: port, actions };
}

const copyToPort = sharedBuckets(
  (port: number): Copy => ({
    bucketId: port,
    actions: [{ type: 'output', port }],
  }),
);

/** A bucket is called by the address that it sends to. */
const copyToHost = sharedBuckets((encap: number) => copyThrough(encap, encap));

/** An IPv6 address is called by what 31 bits hold of it. */
function copiesToHosts(hosts: HostChunk): Buffer[] {
  const taken = new Set<number>();
  return hosts.map((encap) => {
    let bucketId = typeof encap === 'number' ? encap : hashText(String(encap)).lo >>> 1;
    const isOwn = bucketId === encap && !taken.has(bucketId);
    while (taken.has(bucketId)) bucketId += 1;
    taken.add(bucketId);
    return isOwn ? copyToHost(bucketId) : copyBucket(copyThrough(encap, bucketId));
  });
}

function copyThrough(encap: AddressValue, bucketId: number): Copy {
  const actions: Action[] = [
    { type: 'set_field', ...tunnelTo(encap) },
    { type: 'output', port: TUNNEL_PORT },
  ];
  return { bucketId, actions };
}

export function tunnelTo(encap: AddressValue): {
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
