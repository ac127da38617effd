/**
 * What matches have in common: protocols with their prerequisites spelled out, well-known values.
 */
import { ARP_OP, CT_STATE, ETH_TYPE, ICMPV6_TYPE, IP_PROTO } from '../openflow/constants.ts';

/** No condition at all. */
export const ANY = {} as const;
export const IPV4 = { eth_type: ETH_TYPE.IPV4 } as const;
export const IPV6 = { eth_type: ETH_TYPE.IPV6 } as const;
export const IP_VERSIONS = [IPV4, IPV6] as const;
export const ARP = { eth_type: ETH_TYPE.ARP } as const;
export const ARP_REQUEST = { ...ARP, arp_op: ARP_OP.REQUEST } as const;
export const UDP_OVER_IPV4 = { ...IPV4, ip_proto: IP_PROTO.UDP } as const;
export const UDP_OVER_IPV6 = { ...IPV6, ip_proto: IP_PROTO.UDP } as const;
export const TCP_OVER_IPV4 = { ...IPV4, ip_proto: IP_PROTO.TCP } as const;
export const TCP_OVER_IPV6 = { ...IPV6, ip_proto: IP_PROTO.TCP } as const;
export const ICMPV6 = { ...IPV6, ip_proto: IP_PROTO.ICMPV6 } as const;

/** Neighbour discovery fields exist in messages of code 0 only (ovs-fields(7), nd_target). */
export const ND_SOLICIT = {
  ...ICMPV6,
  icmpv6_type: ICMPV6_TYPE.NEIGHBOR_SOLICIT,
  icmpv6_code: 0,
} as const;
export const ND_ADVERT = {
  ...ICMPV6,
  icmpv6_type: ICMPV6_TYPE.NEIGHBOR_ADVERT,
  icmpv6_code: 0,
} as const;

export const DHCP = { SERVER: 67, CLIENT: 68, V6_SERVER: 547, V6_CLIENT: 546 } as const;

export const MLD_QUERY = 130;
/** Multicast listener report and done of version 1, report of version 2 (RFC 2710, RFC 3810). */
export const MLD_FROM_HOSTS = [131, 132, 143] as const;

/** The group bit of an Ethernet address: multicast and broadcast. */
export const GROUP_BIT = { value: 0x0100_0000_0000, mask: 0x0100_0000_0000 } as const;
export const UNICAST = { value: 0, mask: GROUP_BIT.mask } as const;
export const BROADCAST_MAC = 0xffff_ffff_ffff;
/** 33:33:00:00:00:00/16: IPv6 multicast (RFC 2464 section 7). */
export const IPV6_MULTICAST_MAC = { value: 0x3333_0000_0000, mask: 0xffff_0000_0000 } as const;

export const IPV4_BROADCAST = 0xffff_ffff;
export const IPV6_UNSPECIFIED = 0n;

/**
 * Fragments of IP packets, and those after the first: these have no ports (ovs-fields(7), ip_frag).
 */
export const FRAGMENT = { ip_frag: { value: 1, mask: 1 } } as const;
export const LATER_FRAGMENT = { ip_frag: { value: 3, mask: 3 } } as const;
export const NOT_LATER_FRAGMENT = { ip_frag: { value: 0, mask: 2 } } as const;

/**
 * The O bit of Geneve (RFC 8926, 3.4): the packet is for the end of the tunnel itself, and is not
 * forwarded. No guest can write it: what a guest sends is inside.
 */
const OAM = 1;
export const CONTROL_PACKET = { value: OAM, mask: OAM } as const;
export const NO_CONTROL_PACKET = { value: 0, mask: OAM } as const;

/** Connection states; the original tuple can be matched of what is tracked and valid alone. */
const ctState = (is: number, isNot: number) => ({ ct_state: { value: is, mask: is | isNot } });
export const TRACKED = ctState(CT_STATE.TRK, CT_STATE.INV);
export const INVALID = ctState(CT_STATE.TRK | CT_STATE.INV, 0);
export const NEW = ctState(CT_STATE.TRK | CT_STATE.NEW, 0);
/** Packets of the side that opened the connection, and of the other one. */
export const OPENING = ctState(CT_STATE.TRK, CT_STATE.RPL);
export const REPLYING = ctState(CT_STATE.TRK | CT_STATE.RPL, 0);
