/**
 * Every match field that we know, one row each (ovs-fields(7), OpenFlow 1.5.1 §7.2.3.8).
 *
 * A row states the name of `ovs-ofctl`, the name of the OXM header as it stands in `move:` and
 * `load:`, the OXM class and number of the header that Open vSwitch itself prefers in OpenFlow
 * 1.5, the width in bits, whether masks are allowed, the text format and the prerequisite.
 *
 * THE ORDER OF THE ROWS IS THE CANONICAL ORDER: the one in which Open vSwitch writes a match, so
 * that a dumped match that is decoded and encoded again gives the same bytes.
 */

/** How a value is written in text. */
export type FieldFormat =
  | 'decimal'
  | 'hexadecimal'
  | 'mac'
  | 'ipv4'
  | 'ipv6'
  | 'port'
  | 'ct-state'
  | 'tcp-flags'
  | 'frag'
  | 'tun-flags'
  | 'packet-type';

/** What else a match must say before it may name the field. */
export type Prerequisite =
  | 'none'
  | 'ethernet'
  | 'vlan'
  | 'ipv4'
  | 'ipv6'
  | 'ip'
  | 'arp'
  | 'tcp'
  | 'udp'
  | 'sctp'
  | 'icmp4'
  | 'icmp6'
  | 'nd'
  | 'nd-solicit'
  | 'nd-advert'
  | 'mpls'
  | 'ct';

/** OXM classes: the standard's, Nicira's two, packet registers, Ericsson's, and experimenters. */
export const OXM_CLASS = {
  NXM_OF: 0x0000,
  NXM_NX: 0x0001,
  ERICOXM: 0x1000,
  OXM_OF: 0x8000,
  PKT_REG: 0x8001,
  EXPERIMENTER: 0xffff,
} as const;

const { NXM_OF, NXM_NX, ERICOXM, OXM_OF, PKT_REG, EXPERIMENTER } = OXM_CLASS;

/** NX_EXPERIMENTER_ID, of the NXOXM_ET_ fields. */
const NICIRA = 0x0000_2320;

interface RowShape {
  readonly header: string;
  readonly oxm: readonly [oxmClass: number, number: number, experimenter?: number];
  readonly bits: number;
  readonly format: FieldFormat;
  readonly prerequisite: Prerequisite;
  /** Absent: the field takes no mask. */
  readonly maskable?: true;
}

// biome-ignore format: a table, one field a row.
export const FIELD_ROWS = {
  packet_type: { header: 'OXM_OF_PACKET_TYPE', oxm: [OXM_OF, 44], bits: 32, format: 'packet-type', prerequisite: 'none' },
  dp_hash: { header: 'NXOXM_ET_DP_HASH', oxm: [EXPERIMENTER, 0, NICIRA], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  recirc_id: { header: 'NXM_NX_RECIRC_ID', oxm: [NXM_NX, 36], bits: 32, format: 'decimal', prerequisite: 'none' },
  conj_id: { header: 'NXM_NX_CONJ_ID', oxm: [NXM_NX, 37], bits: 32, format: 'decimal', prerequisite: 'none' },
  in_port: { header: 'OXM_OF_IN_PORT', oxm: [OXM_OF, 0], bits: 32, format: 'port', prerequisite: 'none' },
  actset_output: { header: 'OXM_OF_ACTSET_OUTPUT', oxm: [OXM_OF, 43], bits: 32, format: 'port', prerequisite: 'none' },

  eth_src: { header: 'OXM_OF_ETH_SRC', oxm: [OXM_OF, 4], bits: 48, format: 'mac', prerequisite: 'ethernet', maskable: true },
  eth_dst: { header: 'OXM_OF_ETH_DST', oxm: [OXM_OF, 3], bits: 48, format: 'mac', prerequisite: 'ethernet', maskable: true },
  eth_type: { header: 'OXM_OF_ETH_TYPE', oxm: [OXM_OF, 5], bits: 16, format: 'hexadecimal', prerequisite: 'ethernet' },
  vlan_tci: { header: 'NXM_OF_VLAN_TCI', oxm: [NXM_OF, 4], bits: 16, format: 'hexadecimal', prerequisite: 'ethernet', maskable: true },
  vlan_vid: { header: 'OXM_OF_VLAN_VID', oxm: [OXM_OF, 6], bits: 13, format: 'decimal', prerequisite: 'ethernet', maskable: true },
  vlan_pcp: { header: 'OXM_OF_VLAN_PCP', oxm: [OXM_OF, 7], bits: 3, format: 'decimal', prerequisite: 'vlan' },
  mpls_tc: { header: 'OXM_OF_MPLS_TC', oxm: [OXM_OF, 35], bits: 3, format: 'decimal', prerequisite: 'mpls' },
  mpls_bos: { header: 'OXM_OF_MPLS_BOS', oxm: [OXM_OF, 36], bits: 1, format: 'decimal', prerequisite: 'mpls' },
  mpls_ttl: { header: 'NXM_NX_MPLS_TTL', oxm: [NXM_NX, 30], bits: 8, format: 'decimal', prerequisite: 'mpls' },
  mpls_label: { header: 'OXM_OF_MPLS_LABEL', oxm: [OXM_OF, 34], bits: 20, format: 'decimal', prerequisite: 'mpls' },

  ip_src: { header: 'OXM_OF_IPV4_SRC', oxm: [OXM_OF, 11], bits: 32, format: 'ipv4', prerequisite: 'ipv4', maskable: true },
  ip_dst: { header: 'OXM_OF_IPV4_DST', oxm: [OXM_OF, 12], bits: 32, format: 'ipv4', prerequisite: 'ipv4', maskable: true },
  ipv6_src: { header: 'OXM_OF_IPV6_SRC', oxm: [OXM_OF, 26], bits: 128, format: 'ipv6', prerequisite: 'ipv6', maskable: true },
  ipv6_dst: { header: 'OXM_OF_IPV6_DST', oxm: [OXM_OF, 27], bits: 128, format: 'ipv6', prerequisite: 'ipv6', maskable: true },
  ip_frag: { header: 'NXM_NX_IP_FRAG', oxm: [NXM_NX, 26], bits: 2, format: 'frag', prerequisite: 'ip', maskable: true },
  ip_dscp: { header: 'OXM_OF_IP_DSCP', oxm: [OXM_OF, 8], bits: 6, format: 'decimal', prerequisite: 'ip' },
  ip_ecn: { header: 'OXM_OF_IP_ECN', oxm: [OXM_OF, 9], bits: 2, format: 'decimal', prerequisite: 'ip' },
  nw_ttl: { header: 'NXM_NX_IP_TTL', oxm: [NXM_NX, 29], bits: 8, format: 'decimal', prerequisite: 'ip' },
  ipv6_label: { header: 'OXM_OF_IPV6_FLABEL', oxm: [OXM_OF, 28], bits: 20, format: 'hexadecimal', prerequisite: 'ipv6', maskable: true },
  ip_proto: { header: 'OXM_OF_IP_PROTO', oxm: [OXM_OF, 10], bits: 8, format: 'decimal', prerequisite: 'ip' },
  tcp_src: { header: 'OXM_OF_TCP_SRC', oxm: [OXM_OF, 13], bits: 16, format: 'decimal', prerequisite: 'tcp', maskable: true },
  tcp_dst: { header: 'OXM_OF_TCP_DST', oxm: [OXM_OF, 14], bits: 16, format: 'decimal', prerequisite: 'tcp', maskable: true },
  tcp_flags: { header: 'OXM_OF_TCP_FLAGS', oxm: [OXM_OF, 42], bits: 12, format: 'tcp-flags', prerequisite: 'tcp', maskable: true },
  udp_src: { header: 'OXM_OF_UDP_SRC', oxm: [OXM_OF, 15], bits: 16, format: 'decimal', prerequisite: 'udp', maskable: true },
  udp_dst: { header: 'OXM_OF_UDP_DST', oxm: [OXM_OF, 16], bits: 16, format: 'decimal', prerequisite: 'udp', maskable: true },
  sctp_src: { header: 'OXM_OF_SCTP_SRC', oxm: [OXM_OF, 17], bits: 16, format: 'decimal', prerequisite: 'sctp', maskable: true },
  sctp_dst: { header: 'OXM_OF_SCTP_DST', oxm: [OXM_OF, 18], bits: 16, format: 'decimal', prerequisite: 'sctp', maskable: true },
  icmp_type: { header: 'OXM_OF_ICMPV4_TYPE', oxm: [OXM_OF, 19], bits: 8, format: 'decimal', prerequisite: 'icmp4' },
  icmp_code: { header: 'OXM_OF_ICMPV4_CODE', oxm: [OXM_OF, 20], bits: 8, format: 'decimal', prerequisite: 'icmp4' },
  icmpv6_type: { header: 'OXM_OF_ICMPV6_TYPE', oxm: [OXM_OF, 29], bits: 8, format: 'decimal', prerequisite: 'icmp6' },
  icmpv6_code: { header: 'OXM_OF_ICMPV6_CODE', oxm: [OXM_OF, 30], bits: 8, format: 'decimal', prerequisite: 'icmp6' },
  nd_reserved: { header: 'ERICOXM_OF_ICMPV6_ND_RESERVED', oxm: [ERICOXM, 1], bits: 32, format: 'decimal', prerequisite: 'nd' },
  nd_target: { header: 'OXM_OF_IPV6_ND_TARGET', oxm: [OXM_OF, 31], bits: 128, format: 'ipv6', prerequisite: 'nd', maskable: true },
  nd_options_type: { header: 'ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE', oxm: [ERICOXM, 2], bits: 8, format: 'decimal', prerequisite: 'nd' },
  nd_sll: { header: 'OXM_OF_IPV6_ND_SLL', oxm: [OXM_OF, 32], bits: 48, format: 'mac', prerequisite: 'nd-solicit', maskable: true },
  nd_tll: { header: 'OXM_OF_IPV6_ND_TLL', oxm: [OXM_OF, 33], bits: 48, format: 'mac', prerequisite: 'nd-advert', maskable: true },
  arp_op: { header: 'OXM_OF_ARP_OP', oxm: [OXM_OF, 21], bits: 16, format: 'decimal', prerequisite: 'arp' },
  arp_spa: { header: 'OXM_OF_ARP_SPA', oxm: [OXM_OF, 22], bits: 32, format: 'ipv4', prerequisite: 'arp', maskable: true },
  arp_tpa: { header: 'OXM_OF_ARP_TPA', oxm: [OXM_OF, 23], bits: 32, format: 'ipv4', prerequisite: 'arp', maskable: true },
  arp_sha: { header: 'OXM_OF_ARP_SHA', oxm: [OXM_OF, 24], bits: 48, format: 'mac', prerequisite: 'arp', maskable: true },
  arp_tha: { header: 'OXM_OF_ARP_THA', oxm: [OXM_OF, 25], bits: 48, format: 'mac', prerequisite: 'arp', maskable: true },

  tun_id: { header: 'OXM_OF_TUNNEL_ID', oxm: [OXM_OF, 38], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  tun_flags: { header: 'NXM_NX_TUN_FLAGS', oxm: [NXM_NX, 104], bits: 1, format: 'tun-flags', prerequisite: 'none', maskable: true },
  tun_src: { header: 'NXM_NX_TUN_IPV4_SRC', oxm: [NXM_NX, 31], bits: 32, format: 'ipv4', prerequisite: 'none', maskable: true },
  tun_dst: { header: 'NXM_NX_TUN_IPV4_DST', oxm: [NXM_NX, 32], bits: 32, format: 'ipv4', prerequisite: 'none', maskable: true },
  tun_ipv6_src: { header: 'NXM_NX_TUN_IPV6_SRC', oxm: [NXM_NX, 109], bits: 128, format: 'ipv6', prerequisite: 'none', maskable: true },
  tun_ipv6_dst: { header: 'NXM_NX_TUN_IPV6_DST', oxm: [NXM_NX, 110], bits: 128, format: 'ipv6', prerequisite: 'none', maskable: true },
  tun_gbp_id: { header: 'NXM_NX_TUN_GBP_ID', oxm: [NXM_NX, 38], bits: 16, format: 'decimal', prerequisite: 'none', maskable: true },
  tun_gbp_flags: { header: 'NXM_NX_TUN_GBP_FLAGS', oxm: [NXM_NX, 39], bits: 8, format: 'hexadecimal', prerequisite: 'none', maskable: true },

  reg0: { header: 'NXM_NX_REG0', oxm: [NXM_NX, 0], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg1: { header: 'NXM_NX_REG1', oxm: [NXM_NX, 1], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg2: { header: 'NXM_NX_REG2', oxm: [NXM_NX, 2], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg3: { header: 'NXM_NX_REG3', oxm: [NXM_NX, 3], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg4: { header: 'NXM_NX_REG4', oxm: [NXM_NX, 4], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg5: { header: 'NXM_NX_REG5', oxm: [NXM_NX, 5], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg6: { header: 'NXM_NX_REG6', oxm: [NXM_NX, 6], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg7: { header: 'NXM_NX_REG7', oxm: [NXM_NX, 7], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg8: { header: 'NXM_NX_REG8', oxm: [NXM_NX, 8], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg9: { header: 'NXM_NX_REG9', oxm: [NXM_NX, 9], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg10: { header: 'NXM_NX_REG10', oxm: [NXM_NX, 10], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg11: { header: 'NXM_NX_REG11', oxm: [NXM_NX, 11], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg12: { header: 'NXM_NX_REG12', oxm: [NXM_NX, 12], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg13: { header: 'NXM_NX_REG13', oxm: [NXM_NX, 13], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg14: { header: 'NXM_NX_REG14', oxm: [NXM_NX, 14], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg15: { header: 'NXM_NX_REG15', oxm: [NXM_NX, 15], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg0: { header: 'OXM_OF_PKT_REG0', oxm: [PKT_REG, 0], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg1: { header: 'OXM_OF_PKT_REG1', oxm: [PKT_REG, 1], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg2: { header: 'OXM_OF_PKT_REG2', oxm: [PKT_REG, 2], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg3: { header: 'OXM_OF_PKT_REG3', oxm: [PKT_REG, 3], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg4: { header: 'OXM_OF_PKT_REG4', oxm: [PKT_REG, 4], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg5: { header: 'OXM_OF_PKT_REG5', oxm: [PKT_REG, 5], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg6: { header: 'OXM_OF_PKT_REG6', oxm: [PKT_REG, 6], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg7: { header: 'OXM_OF_PKT_REG7', oxm: [PKT_REG, 7], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xxreg0: { header: 'NXM_NX_XXREG0', oxm: [NXM_NX, 111], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xxreg1: { header: 'NXM_NX_XXREG1', oxm: [NXM_NX, 112], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xxreg2: { header: 'NXM_NX_XXREG2', oxm: [NXM_NX, 113], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xxreg3: { header: 'NXM_NX_XXREG3', oxm: [NXM_NX, 114], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true },

  pkt_mark: { header: 'NXM_NX_PKT_MARK', oxm: [NXM_NX, 33], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  ct_state: { header: 'NXM_NX_CT_STATE', oxm: [NXM_NX, 105], bits: 32, format: 'ct-state', prerequisite: 'none', maskable: true },
  ct_zone: { header: 'NXM_NX_CT_ZONE', oxm: [NXM_NX, 106], bits: 16, format: 'hexadecimal', prerequisite: 'none' },
  ct_mark: { header: 'NXM_NX_CT_MARK', oxm: [NXM_NX, 107], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  ct_label: { header: 'NXM_NX_CT_LABEL', oxm: [NXM_NX, 108], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  ct_nw_src: { header: 'NXM_NX_CT_NW_SRC', oxm: [NXM_NX, 120], bits: 32, format: 'ipv4', prerequisite: 'ct', maskable: true },
  ct_ipv6_src: { header: 'NXM_NX_CT_IPV6_SRC', oxm: [NXM_NX, 122], bits: 128, format: 'ipv6', prerequisite: 'ct', maskable: true },
  ct_nw_dst: { header: 'NXM_NX_CT_NW_DST', oxm: [NXM_NX, 121], bits: 32, format: 'ipv4', prerequisite: 'ct', maskable: true },
  ct_ipv6_dst: { header: 'NXM_NX_CT_IPV6_DST', oxm: [NXM_NX, 123], bits: 128, format: 'ipv6', prerequisite: 'ct', maskable: true },
  ct_nw_proto: { header: 'NXM_NX_CT_NW_PROTO', oxm: [NXM_NX, 119], bits: 8, format: 'decimal', prerequisite: 'ct' },
  ct_tp_src: { header: 'NXM_NX_CT_TP_SRC', oxm: [NXM_NX, 124], bits: 16, format: 'decimal', prerequisite: 'ct', maskable: true },
  ct_tp_dst: { header: 'NXM_NX_CT_TP_DST', oxm: [NXM_NX, 125], bits: 16, format: 'decimal', prerequisite: 'ct', maskable: true },
  metadata: { header: 'OXM_OF_METADATA', oxm: [OXM_OF, 2], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
} as const satisfies Readonly<Record<string, RowShape>>;
