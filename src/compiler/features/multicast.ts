/**
 * Multicast snooping (RFC 4541). Ports tell by IGMP and MLD which groups they listen to: what they
 * tell goes to the controller, and to nobody else. What is sent to such a group goes to those hosts
 * and ports alone (tables MulticastStreams and MulticastMembers); to one that nobody listens to, to
 * nobody. What stays on one link goes to all, as everything does where snooping is off.
 */
import type { Action } from '../../openflow/actions/index.ts';
import { IP_PROTO } from '../../openflow/constants.ts';
import type { Match } from '../../openflow/oxm/index.ts';
import {
  EgressSecurity,
  type FlowDraft,
  FromPort,
  FromTunnel,
  IngressSecurity,
  L2Forwarding,
  MulticastMembers,
  MulticastStreams,
  NetworkKey,
  NotAllowed,
  networkKey,
  OutputPort,
  PortSecurityIp,
  PRIORITY,
  Reports,
  ServiceMeter,
  ServicePunt,
  Services,
  TUNNEL_PORT,
  TunnelKey,
} from '../../pipeline/index.ts';
import { type AddressValue, STREAM_HOSTS_MAX } from '../../topology/index.ts';
import { chunkCount } from '../host-chunks.ts';
import type { CarriedNetwork, StreamGroup } from '../inputs.ts';
import { GROUP_BIT, ICMPV6, IPV4, IPV6, MLD_FROM_HOSTS } from '../protocols.ts';
import { FLOOD_ZONE, flood, remoteGroups, tunnelTo } from './l2-forwarding.ts';

const IGMP: Match = { ...IPV4, ip_proto: IP_PROTO.IGMP };

/** 224.0.0.0/4. */
const GROUPS_4: Match = { ...IPV4, ip_dst: { value: 0xe000_0000, mask: 0xf000_0000 } };
/** 224.0.0.0/24: what no router forwards. */
const LINK_GROUPS_4: Match = { ...IPV4, ip_dst: { value: 0xe000_0000, mask: 0xffff_ff00 } };
/** ff00::/8 with scopes of more than one link: 3, 4 to 7 and 12 to 15, 8 to 15 (RFC 7346). */
const GROUPS_6: readonly Match[] = [
  [0xff03n, 0xff0fn],
  [0xff04n, 0xff04n],
  [0xff08n, 0xff08n],
].map(([value = 0n, mask = 0n]) => ({
  ...IPV6,
  ipv6_dst: { value: value << 112n, mask: mask << 112n },
}));

/**
 * Reports are let out unasked, IGMP as MLD, and also from 0.0.0.0: a guest may not have its address
 * yet (RFC 3376 section 4.2.13). They go through the meter for services.
 */
export function followReports(): FlowDraft[] {
  const reports = [IGMP, ...MLD_FROM_HOSTS.map((icmpv6_type) => ({ ...ICMPV6, icmpv6_type }))];
  return [
    PortSecurityIp.flow(PRIORITY.normal).match(IGMP, { ip_src: 0 }).goto(EgressSecurity),
    EgressSecurity.flow(PRIORITY.exception).match(IGMP).goto(Services),
    ...reports.map((match) =>
      Services.flow(PRIORITY.normal).match(match).mark(Reports).goto(ServiceMeter),
    ),
    ServicePunt.flow(PRIORITY.normal).matchMark(Reports).punt('multicast').done(),
    ...[GROUPS_4, ...GROUPS_6].map((match) =>
      L2Forwarding.flow(PRIORITY.exception)
        .match(match, { eth_dst: GROUP_BIT })
        .goto(MulticastStreams),
    ),
  ];
}

export function floodLinkLocal(network: CarriedNetwork): FlowDraft[] {
  const match = { metadata: networkKey(network.vni), eth_dst: GROUP_BIT, ...LINK_GROUPS_4 };
  return flood(PRIORITY.guard, match, network);
}

/** As floods, copies are tracked once before they are made, and judged one by one. */
export function sendStream(stream: StreamGroup): FlowDraft[] {
  const { localPorts, otherHosts } = stream;
  const to = matchOf(stream);
  const fromPort = MulticastStreams.flow(PRIORITY.normal).match(to).matchMark(FromPort);
  if (otherHosts.length > 0) fromPort.clone(copiesToHosts(stream));
  if (localPorts.length === 0) return otherHosts.length === 0 ? [] : [fromPort.done()];
  const fromTunnel = MulticastStreams.flow(PRIORITY.normal).match(to).matchMark(FromTunnel);
  const members = MulticastMembers.flow(PRIORITY.normal).match(to);
  for (const port of localPorts) members.copy(OutputPort, port, IngressSecurity);
  return [
    ...[fromPort, fromTunnel].map((flow) =>
      flow.mark(NotAllowed).track(FLOOD_ZONE, MulticastMembers),
    ),
    members.done(),
  ];
}

function matchOf({ vni, group }: StreamGroup): Match {
  const metadata = networkKey(vni);
  return typeof group === 'number'
    ? { ...IPV4, metadata, ip_dst: group }
    : { ...IPV6, metadata, ipv6_dst: group };
}

/** A flow is at most 64 KB long: where too many hosts listen, all of the network get copies. */
export function copiesToHosts({
  vni,
  otherHosts,
  carriers,
}: Pick<StreamGroup, 'vni' | 'otherHosts' | 'carriers'>): Action[] {
  const key: Action = {
    type: 'move',
    source: NetworkKey.subField,
    destination: TunnelKey.subField,
  };
  if (otherHosts.length > STREAM_HOSTS_MAX) {
    return [
      key,
      ...remoteGroups(vni, chunkCount(carriers)).map(
        (groupId): Action => ({ type: 'group', groupId }),
      ),
    ];
  }
  return [key, ...otherHosts.flatMap(copyToHost)];
}

/** IPv4 and IPv6 addresses of tunnels do not stand together. */
function copyToHost(encap: AddressValue): Action[] {
  const { field, value } = tunnelTo(encap);
  return [
    { type: 'set_field', field, value },
    { type: 'output', port: TUNNEL_PORT },
    { type: 'set_field', field, value: typeof value === 'number' ? 0 : 0n },
  ];
}
