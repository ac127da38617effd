/**
 * What passes security groups unasked, as in Neutron: without it a guest cannot find its address,
 * its router or its neighbours.
 */
import { ICMPV6_TYPE } from '../../openflow/constants.ts';
import type { Match } from '../../openflow/oxm/index.ts';
import {
  ARP,
  DHCP,
  ICMPV6,
  MLD_FROM_HOSTS,
  MLD_QUERY,
  UDP_OVER_IPV4,
  UDP_OVER_IPV6,
} from '../protocols.ts';

const icmpv6 = (icmpv6_type: number): Match => ({ ...ICMPV6, icmpv6_type });

export const ALWAYS_OUT: readonly Match[] = [
  ARP,
  { ...UDP_OVER_IPV4, udp_src: DHCP.CLIENT, udp_dst: DHCP.SERVER },
  { ...UDP_OVER_IPV6, udp_src: DHCP.V6_CLIENT, udp_dst: DHCP.V6_SERVER },
  ...[
    ICMPV6_TYPE.ROUTER_SOLICIT,
    ICMPV6_TYPE.NEIGHBOR_SOLICIT,
    ICMPV6_TYPE.NEIGHBOR_ADVERT,
    ...MLD_FROM_HOSTS,
  ].map(icmpv6),
];

export const ALWAYS_IN: readonly Match[] = [
  ARP,
  { ...UDP_OVER_IPV4, udp_src: DHCP.SERVER, udp_dst: DHCP.CLIENT },
  { ...UDP_OVER_IPV6, udp_src: DHCP.V6_SERVER, udp_dst: DHCP.V6_CLIENT },
  ...[
    ICMPV6_TYPE.ROUTER_ADVERT,
    ICMPV6_TYPE.NEIGHBOR_SOLICIT,
    ICMPV6_TYPE.NEIGHBOR_ADVERT,
    MLD_QUERY,
  ].map(icmpv6),
];
