/** Numbers of the protocol that more than one folder names. */

/** The version byte of OpenFlow 1.5, the only one that we speak. */
export const OFP_VERSION = 0x06;

/** Reserved ports (OpenFlow 1.5.1 §7.2.1.1). */
export const OFPP = {
  MAX: 0xffff_ff00,
  UNSET: 0xffff_fff7,
  IN_PORT: 0xffff_fff8,
  TABLE: 0xffff_fff9,
  NORMAL: 0xffff_fffa,
  FLOOD: 0xffff_fffb,
  ALL: 0xffff_fffc,
  CONTROLLER: 0xffff_fffd,
  LOCAL: 0xffff_fffe,
  ANY: 0xffff_ffff,
} as const;

/** Reserved groups (§7.3.4.3). */
export const OFPG = { MAX: 0xffff_ff00, ALL: 0xffff_fffc, ANY: 0xffff_ffff } as const;

/** Reserved tables (§7.3.4.2). */
export const OFPTT = { MAX: 0xfe, ALL: 0xff } as const;

/** Special values of `maxLength` to the controller (§7.2.6.1). */
export const OFPCML = { MAX: 0xffe5, NO_BUFFER: 0xffff } as const;

/** "No packet is buffered" (§7.3.4.2). */
export const OFP_NO_BUFFER = 0xffff_ffff;

/** Why a packet came to the controller (§7.4.1). */
export const OFPR = {
  TABLE_MISS: 0,
  APPLY_ACTION: 1,
  INVALID_TTL: 2,
  ACTION_SET: 3,
  GROUP: 4,
  PACKET_OUT: 5,
} as const;

export const ETH_TYPE = {
  IPV4: 0x0800,
  ARP: 0x0806,
  RARP: 0x8035,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  MPLS: 0x8847,
  MPLS_MULTICAST: 0x8848,
  QINQ: 0x88a8,
} as const;

export const IP_PROTO = { ICMP: 1, IGMP: 2, TCP: 6, UDP: 17, ICMPV6: 58, SCTP: 132 } as const;

export const ARP_OP = { REQUEST: 1, REPLY: 2 } as const;

export const ICMPV6_TYPE = {
  ROUTER_SOLICIT: 133,
  ROUTER_ADVERT: 134,
  NEIGHBOR_SOLICIT: 135,
  NEIGHBOR_ADVERT: 136,
  REDIRECT: 137,
} as const;

/** Bits of `ct_state` (ovs-fields(7)). */
export const CT_STATE = {
  NEW: 0x01,
  EST: 0x02,
  REL: 0x04,
  RPL: 0x08,
  INV: 0x10,
  TRK: 0x20,
  SNAT: 0x40,
  DNAT: 0x80,
} as const;

/** Bit of `vlan_vid` and `vlan_tci` that says that there is a VLAN header at all. */
export const OFPVID_PRESENT = 0x1000;

/** Experimenter ids of actions and messages. */
export const EXPERIMENTER = { NICIRA: 0x0000_2320, ONF: 0x4f4e_4600 } as const;
