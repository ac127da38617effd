/**
 * Table PortSecurityIp: source addresses inside IPv4, IPv6 and ARP, and what only a server or a
 * router may send. The source MAC address was checked before, so flows that hold for any port
 * need not name one.
 */
import { ICMPV6_TYPE } from '../../openflow/constants.ts';
import type { Match } from '../../openflow/oxm/index.ts';
import {
  EgressSecurity,
  type FlowDraft,
  InPort,
  PortSecurityIp,
  PortSecurityNd,
  PRIORITY,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import type { Sender } from '../port-facts.ts';
import {
  ANY,
  ARP,
  ARP_REQUEST,
  DHCP,
  ICMPV6,
  IPV4,
  IPV4_BROADCAST,
  IPV6,
  IPV6_UNSPECIFIED,
  MLD_FROM_HOSTS,
  UDP_OVER_IPV4,
  UDP_OVER_IPV6,
} from '../protocols.ts';

/** Answers of DHCP servers, router advertisements and redirects never come from a guest. */
export function dropServers(): FlowDraft[] {
  const forbidden: readonly Match[] = [
    { ...UDP_OVER_IPV4, udp_src: DHCP.SERVER },
    { ...UDP_OVER_IPV6, udp_src: DHCP.V6_SERVER },
    { ...ICMPV6, icmpv6_type: ICMPV6_TYPE.ROUTER_ADVERT },
    { ...ICMPV6, icmpv6_type: ICMPV6_TYPE.REDIRECT },
  ];
  return forbidden.map((match) => PortSecurityIp.flow(PRIORITY.guard).match(match).drop());
}

/**
 * What a guest sends before it has an address: DHCP requests, and from the unspecified IPv6
 * address duplicate address detection (RFC 4862 5.4.2), router solicitations (RFC 4861 4.1) and
 * multicast listener reports (RFC 3590).
 */
export function passUnnumbered(): FlowDraft[] {
  const dhcp = {
    ...UDP_OVER_IPV4,
    ip_src: 0,
    ip_dst: IPV4_BROADCAST,
    udp_src: DHCP.CLIENT,
    udp_dst: DHCP.SERVER,
  };
  const icmpv6Types = [ICMPV6_TYPE.ROUTER_SOLICIT, ICMPV6_TYPE.NEIGHBOR_SOLICIT, ...MLD_FROM_HOSTS];
  return [
    PortSecurityIp.flow(PRIORITY.normal).match(dhcp).goto(EgressSecurity),
    ...icmpv6Types.map((icmpv6_type) =>
      PortSecurityIp.flow(PRIORITY.normal)
        .match(ICMPV6, { ipv6_src: IPV6_UNSPECIFIED, icmpv6_type })
        .goto(PortSecurityNd),
    ),
  ];
}

export function checkIpSources({ ofport, facts }: LocalPort): FlowDraft[] {
  if (!facts.secured) return [];
  return [
    ...facts.senders.flatMap((sender) => passSender(ofport, sender)),
    PortSecurityIp.flow(PRIORITY.rest).match(InPort.is(ofport)).drop(),
  ];
}

function passSender(ofport: number, { mac, ipv4, ipv6 }: Sender): FlowDraft[] {
  const from = { ...InPort.is(ofport), eth_src: mac };
  const flow = (...conditions: Match[]) =>
    PortSecurityIp.flow(PRIORITY.normal).match(from, ...conditions);
  return [
    ...ipv4.flatMap((range) => [
      flow(IPV4, range === undefined ? ANY : { ip_src: range }).goto(EgressSecurity),
      flow(ARP, { arp_sha: mac }, range === undefined ? ANY : { arp_spa: range }).goto(
        EgressSecurity,
      ),
    ]),
    // The probe of RFC 5227 2.1.1: the sender has no address yet.
    flow(ARP_REQUEST, { arp_sha: mac, arp_spa: 0 }).goto(EgressSecurity),
    ...ipv6.map((range) =>
      flow(IPV6, range === undefined ? ANY : { ipv6_src: range }).goto(PortSecurityNd),
    ),
  ];
}
