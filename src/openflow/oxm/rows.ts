/**
 * Every match field that we know, one row each (ovs-fields(7), OpenFlow 1.5.1 §7.2.3.8).
 *
 * A row states our name of the field; the OXM header (name, class, number) that Open vSwitch itself
 * writes in OpenFlow 1.5 matches, set_field and move; the older Nicira header, where there is one,
 * that its own actions (learn, ct, output of a field) carry and that text shows; the width in bits;
 * the text format; the prerequisite; whether it takes masks and whether packets can be given it.
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
  | 'port16'
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

const { NXM_OF, NXM_NX, ERICOXM, OXM_OF, PKT_REG } = OXM_CLASS;

type Header = readonly [name: string, oxmClass: number, number: number, experimenter?: number];

interface RowShape {
  readonly oxm: Header;
  readonly nxm?: Header;
  readonly bits: number;
  /** Bits of a value, when there are more than the `bits` that a subfield may name. */
  readonly valueBits?: number;
  /** Open vSwitch has only these bits of the field, and writes them as a mask even when exact. */
  readonly onlyBits?: number;
  readonly format: FieldFormat;
  readonly prerequisite: Prerequisite;
  /** Absent: the field takes no mask. */
  readonly maskable?: true;
  /** Its bits are those of other fields, which matches name instead (`aliases.ts`). */
  readonly view?: true;
  /** Not for set_field, nor as destination of move. */
  readonly readOnly?: true;
  /** What `ovs-ofctl` calls it, when that is not our name. */
  readonly text?: string;
  /** More names that `ovs-ofctl` understands. */
  readonly aka?: readonly string[];
}

// biome-ignore format: a table, one field a row.
export const FIELD_ROWS = {
  packet_type: { oxm: ['OXM_OF_PACKET_TYPE', OXM_OF, 44], bits: 32, format: 'packet-type', prerequisite: 'none', readOnly: true },
  dp_hash: { oxm: ['NXM_NX_DP_HASH', NXM_NX, 35], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true, readOnly: true },
  recirc_id: { oxm: ['NXM_NX_RECIRC_ID', NXM_NX, 36], bits: 32, format: 'decimal', prerequisite: 'none', readOnly: true },
  conj_id: { oxm: ['NXM_NX_CONJ_ID', NXM_NX, 37], bits: 32, format: 'decimal', prerequisite: 'none', readOnly: true },
  in_port: { oxm: ['OXM_OF_IN_PORT', OXM_OF, 0], bits: 32, format: 'port', prerequisite: 'none', readOnly: true, text: 'in_port_oxm' },
  nxm_in_port: { oxm: ['NXM_OF_IN_PORT', NXM_OF, 0], bits: 16, format: 'port16', prerequisite: 'none', text: 'in_port', view: true },
  actset_output: { oxm: ['OXM_OF_ACTSET_OUTPUT', OXM_OF, 43], bits: 32, format: 'port', prerequisite: 'none', readOnly: true },

  eth_src: { oxm: ['OXM_OF_ETH_SRC', OXM_OF, 4], nxm: ['NXM_OF_ETH_SRC', NXM_OF, 2], bits: 48, format: 'mac', prerequisite: 'ethernet', maskable: true, aka: ['dl_src'] },
  eth_dst: { oxm: ['OXM_OF_ETH_DST', OXM_OF, 3], nxm: ['NXM_OF_ETH_DST', NXM_OF, 1], bits: 48, format: 'mac', prerequisite: 'ethernet', maskable: true, aka: ['dl_dst'] },
  eth_type: { oxm: ['OXM_OF_ETH_TYPE', OXM_OF, 5], nxm: ['NXM_OF_ETH_TYPE', NXM_OF, 3], bits: 16, format: 'hexadecimal', prerequisite: 'ethernet', readOnly: true, aka: ['dl_type'] },
  vlan_tci: { oxm: ['NXM_OF_VLAN_TCI', NXM_OF, 4], bits: 16, format: 'hexadecimal', prerequisite: 'ethernet', maskable: true, view: true },
  vlan_vid: { oxm: ['OXM_OF_VLAN_VID', OXM_OF, 6], bits: 12, valueBits: 13, format: 'decimal', prerequisite: 'ethernet', maskable: true },
  vlan_pcp: { oxm: ['OXM_OF_VLAN_PCP', OXM_OF, 7], bits: 3, format: 'decimal', prerequisite: 'vlan' },
  mpls_tc: { oxm: ['OXM_OF_MPLS_TC', OXM_OF, 35], bits: 3, format: 'decimal', prerequisite: 'mpls' },
  mpls_bos: { oxm: ['OXM_OF_MPLS_BOS', OXM_OF, 36], bits: 1, format: 'decimal', prerequisite: 'mpls', readOnly: true },
  mpls_ttl: { oxm: ['NXM_NX_MPLS_TTL', NXM_NX, 30], bits: 8, format: 'decimal', prerequisite: 'mpls' },
  mpls_label: { oxm: ['OXM_OF_MPLS_LABEL', OXM_OF, 34], bits: 20, format: 'decimal', prerequisite: 'mpls' },

  ip_src: { oxm: ['OXM_OF_IPV4_SRC', OXM_OF, 11], nxm: ['NXM_OF_IP_SRC', NXM_OF, 7], bits: 32, format: 'ipv4', prerequisite: 'ipv4', maskable: true, aka: ['nw_src'] },
  ip_dst: { oxm: ['OXM_OF_IPV4_DST', OXM_OF, 12], nxm: ['NXM_OF_IP_DST', NXM_OF, 8], bits: 32, format: 'ipv4', prerequisite: 'ipv4', maskable: true, aka: ['nw_dst'] },
  ipv6_src: { oxm: ['OXM_OF_IPV6_SRC', OXM_OF, 26], nxm: ['NXM_NX_IPV6_SRC', NXM_NX, 19], bits: 128, format: 'ipv6', prerequisite: 'ipv6', maskable: true },
  ipv6_dst: { oxm: ['OXM_OF_IPV6_DST', OXM_OF, 27], nxm: ['NXM_NX_IPV6_DST', NXM_NX, 20], bits: 128, format: 'ipv6', prerequisite: 'ipv6', maskable: true },
  ip_frag: { oxm: ['NXM_NX_IP_FRAG', NXM_NX, 26], bits: 2, format: 'frag', prerequisite: 'ip', maskable: true, readOnly: true, aka: ['nw_frag'] },
  nw_tos: { oxm: ['NXM_OF_IP_TOS', NXM_OF, 5], bits: 8, format: 'decimal', prerequisite: 'ip', view: true },
  ip_dscp: { oxm: ['OXM_OF_IP_DSCP', OXM_OF, 8], bits: 6, format: 'decimal', prerequisite: 'ip' },
  ip_ecn: { oxm: ['OXM_OF_IP_ECN', OXM_OF, 9], nxm: ['NXM_NX_IP_ECN', NXM_NX, 28], bits: 2, format: 'decimal', prerequisite: 'ip', text: 'nw_ecn' },
  nw_ttl: { oxm: ['NXM_NX_IP_TTL', NXM_NX, 29], bits: 8, format: 'decimal', prerequisite: 'ip' },
  ipv6_label: { oxm: ['OXM_OF_IPV6_FLABEL', OXM_OF, 28], nxm: ['NXM_NX_IPV6_LABEL', NXM_NX, 27], bits: 20, format: 'hexadecimal', prerequisite: 'ipv6', maskable: true },
  ip_proto: { oxm: ['OXM_OF_IP_PROTO', OXM_OF, 10], nxm: ['NXM_OF_IP_PROTO', NXM_OF, 6], bits: 8, format: 'decimal', prerequisite: 'ip', readOnly: true, text: 'nw_proto' },
  tcp_src: { oxm: ['OXM_OF_TCP_SRC', OXM_OF, 13], nxm: ['NXM_OF_TCP_SRC', NXM_OF, 9], bits: 16, format: 'decimal', prerequisite: 'tcp', maskable: true },
  tcp_dst: { oxm: ['OXM_OF_TCP_DST', OXM_OF, 14], nxm: ['NXM_OF_TCP_DST', NXM_OF, 10], bits: 16, format: 'decimal', prerequisite: 'tcp', maskable: true },
  tcp_flags: { oxm: ['OXM_OF_TCP_FLAGS', OXM_OF, 42], nxm: ['NXM_NX_TCP_FLAGS', NXM_NX, 34], bits: 12, format: 'tcp-flags', prerequisite: 'tcp', maskable: true, readOnly: true },
  udp_src: { oxm: ['OXM_OF_UDP_SRC', OXM_OF, 15], nxm: ['NXM_OF_UDP_SRC', NXM_OF, 11], bits: 16, format: 'decimal', prerequisite: 'udp', maskable: true },
  udp_dst: { oxm: ['OXM_OF_UDP_DST', OXM_OF, 16], nxm: ['NXM_OF_UDP_DST', NXM_OF, 12], bits: 16, format: 'decimal', prerequisite: 'udp', maskable: true },
  sctp_src: { oxm: ['OXM_OF_SCTP_SRC', OXM_OF, 17], bits: 16, format: 'decimal', prerequisite: 'sctp', maskable: true },
  sctp_dst: { oxm: ['OXM_OF_SCTP_DST', OXM_OF, 18], bits: 16, format: 'decimal', prerequisite: 'sctp', maskable: true },
  icmp_type: { oxm: ['OXM_OF_ICMPV4_TYPE', OXM_OF, 19], nxm: ['NXM_OF_ICMP_TYPE', NXM_OF, 13], bits: 8, format: 'decimal', prerequisite: 'icmp4' },
  icmp_code: { oxm: ['OXM_OF_ICMPV4_CODE', OXM_OF, 20], nxm: ['NXM_OF_ICMP_CODE', NXM_OF, 14], bits: 8, format: 'decimal', prerequisite: 'icmp4' },
  icmpv6_type: { oxm: ['OXM_OF_ICMPV6_TYPE', OXM_OF, 29], nxm: ['NXM_NX_ICMPV6_TYPE', NXM_NX, 21], bits: 8, format: 'decimal', prerequisite: 'icmp6' },
  icmpv6_code: { oxm: ['OXM_OF_ICMPV6_CODE', OXM_OF, 30], nxm: ['NXM_NX_ICMPV6_CODE', NXM_NX, 22], bits: 8, format: 'decimal', prerequisite: 'icmp6' },
  nd_reserved: { oxm: ['ERICOXM_OF_ICMPV6_ND_RESERVED', ERICOXM, 1], bits: 32, format: 'decimal', prerequisite: 'nd' },
  nd_target: { oxm: ['OXM_OF_IPV6_ND_TARGET', OXM_OF, 31], nxm: ['NXM_NX_ND_TARGET', NXM_NX, 23], bits: 128, format: 'ipv6', prerequisite: 'nd', maskable: true },
  nd_options_type: { oxm: ['ERICOXM_OF_ICMPV6_ND_OPTIONS_TYPE', ERICOXM, 2], bits: 8, format: 'decimal', prerequisite: 'nd' },
  nd_sll: { oxm: ['OXM_OF_IPV6_ND_SLL', OXM_OF, 32], nxm: ['NXM_NX_ND_SLL', NXM_NX, 24], bits: 48, format: 'mac', prerequisite: 'nd-solicit', maskable: true },
  nd_tll: { oxm: ['OXM_OF_IPV6_ND_TLL', OXM_OF, 33], nxm: ['NXM_NX_ND_TLL', NXM_NX, 25], bits: 48, format: 'mac', prerequisite: 'nd-advert', maskable: true },
  arp_op: { oxm: ['OXM_OF_ARP_OP', OXM_OF, 21], nxm: ['NXM_OF_ARP_OP', NXM_OF, 15], bits: 16, format: 'decimal', prerequisite: 'arp' },
  arp_spa: { oxm: ['OXM_OF_ARP_SPA', OXM_OF, 22], nxm: ['NXM_OF_ARP_SPA', NXM_OF, 16], bits: 32, format: 'ipv4', prerequisite: 'arp', maskable: true },
  arp_tpa: { oxm: ['OXM_OF_ARP_TPA', OXM_OF, 23], nxm: ['NXM_OF_ARP_TPA', NXM_OF, 17], bits: 32, format: 'ipv4', prerequisite: 'arp', maskable: true },
  arp_sha: { oxm: ['OXM_OF_ARP_SHA', OXM_OF, 24], nxm: ['NXM_NX_ARP_SHA', NXM_NX, 17], bits: 48, format: 'mac', prerequisite: 'arp', maskable: true },
  arp_tha: { oxm: ['OXM_OF_ARP_THA', OXM_OF, 25], nxm: ['NXM_NX_ARP_THA', NXM_NX, 18], bits: 48, format: 'mac', prerequisite: 'arp', maskable: true },

  tun_id: { oxm: ['OXM_OF_TUNNEL_ID', OXM_OF, 38], nxm: ['NXM_NX_TUN_ID', NXM_NX, 16], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, aka: ['tunnel_id'] },
  tun_flags: { oxm: ['NXM_NX_TUN_FLAGS', NXM_NX, 104], bits: 1, valueBits: 16, onlyBits: 1, format: 'tun-flags', prerequisite: 'none', maskable: true },
  tun_src: { oxm: ['NXM_NX_TUN_IPV4_SRC', NXM_NX, 31], bits: 32, format: 'ipv4', prerequisite: 'none', maskable: true },
  tun_dst: { oxm: ['NXM_NX_TUN_IPV4_DST', NXM_NX, 32], bits: 32, format: 'ipv4', prerequisite: 'none', maskable: true },
  tun_ipv6_src: { oxm: ['NXM_NX_TUN_IPV6_SRC', NXM_NX, 109], bits: 128, format: 'ipv6', prerequisite: 'none', maskable: true },
  tun_ipv6_dst: { oxm: ['NXM_NX_TUN_IPV6_DST', NXM_NX, 110], bits: 128, format: 'ipv6', prerequisite: 'none', maskable: true },
  tun_gbp_id: { oxm: ['NXM_NX_TUN_GBP_ID', NXM_NX, 38], bits: 16, format: 'decimal', prerequisite: 'none', maskable: true },
  tun_gbp_flags: { oxm: ['NXM_NX_TUN_GBP_FLAGS', NXM_NX, 39], bits: 8, format: 'hexadecimal', prerequisite: 'none', maskable: true },

  reg0: { oxm: ['NXM_NX_REG0', NXM_NX, 0], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg1: { oxm: ['NXM_NX_REG1', NXM_NX, 1], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg2: { oxm: ['NXM_NX_REG2', NXM_NX, 2], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg3: { oxm: ['NXM_NX_REG3', NXM_NX, 3], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg4: { oxm: ['NXM_NX_REG4', NXM_NX, 4], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg5: { oxm: ['NXM_NX_REG5', NXM_NX, 5], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg6: { oxm: ['NXM_NX_REG6', NXM_NX, 6], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg7: { oxm: ['NXM_NX_REG7', NXM_NX, 7], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg8: { oxm: ['NXM_NX_REG8', NXM_NX, 8], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg9: { oxm: ['NXM_NX_REG9', NXM_NX, 9], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg10: { oxm: ['NXM_NX_REG10', NXM_NX, 10], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg11: { oxm: ['NXM_NX_REG11', NXM_NX, 11], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg12: { oxm: ['NXM_NX_REG12', NXM_NX, 12], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg13: { oxm: ['NXM_NX_REG13', NXM_NX, 13], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg14: { oxm: ['NXM_NX_REG14', NXM_NX, 14], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  reg15: { oxm: ['NXM_NX_REG15', NXM_NX, 15], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  xreg0: { oxm: ['OXM_OF_PKT_REG0', PKT_REG, 0], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xreg1: { oxm: ['OXM_OF_PKT_REG1', PKT_REG, 1], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xreg2: { oxm: ['OXM_OF_PKT_REG2', PKT_REG, 2], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xreg3: { oxm: ['OXM_OF_PKT_REG3', PKT_REG, 3], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xreg4: { oxm: ['OXM_OF_PKT_REG4', PKT_REG, 4], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xreg5: { oxm: ['OXM_OF_PKT_REG5', PKT_REG, 5], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xreg6: { oxm: ['OXM_OF_PKT_REG6', PKT_REG, 6], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xreg7: { oxm: ['OXM_OF_PKT_REG7', PKT_REG, 7], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xxreg0: { oxm: ['NXM_NX_XXREG0', NXM_NX, 111], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xxreg1: { oxm: ['NXM_NX_XXREG1', NXM_NX, 112], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xxreg2: { oxm: ['NXM_NX_XXREG2', NXM_NX, 113], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },
  xxreg3: { oxm: ['NXM_NX_XXREG3', NXM_NX, 114], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true, view: true },

  pkt_mark: { oxm: ['NXM_NX_PKT_MARK', NXM_NX, 33], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  ct_state: { oxm: ['NXM_NX_CT_STATE', NXM_NX, 105], bits: 32, onlyBits: 0xff, format: 'ct-state', prerequisite: 'none', maskable: true, readOnly: true },
  ct_zone: { oxm: ['NXM_NX_CT_ZONE', NXM_NX, 106], bits: 16, format: 'hexadecimal', prerequisite: 'none', readOnly: true },
  ct_mark: { oxm: ['NXM_NX_CT_MARK', NXM_NX, 107], bits: 32, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  ct_label: { oxm: ['NXM_NX_CT_LABEL', NXM_NX, 108], bits: 128, format: 'hexadecimal', prerequisite: 'none', maskable: true },
  ct_nw_src: { oxm: ['NXM_NX_CT_NW_SRC', NXM_NX, 120], bits: 32, format: 'ipv4', prerequisite: 'ct', maskable: true, readOnly: true },
  ct_ipv6_src: { oxm: ['NXM_NX_CT_IPV6_SRC', NXM_NX, 122], bits: 128, format: 'ipv6', prerequisite: 'ct', maskable: true, readOnly: true },
  ct_nw_dst: { oxm: ['NXM_NX_CT_NW_DST', NXM_NX, 121], bits: 32, format: 'ipv4', prerequisite: 'ct', maskable: true, readOnly: true },
  ct_ipv6_dst: { oxm: ['NXM_NX_CT_IPV6_DST', NXM_NX, 123], bits: 128, format: 'ipv6', prerequisite: 'ct', maskable: true, readOnly: true },
  ct_nw_proto: { oxm: ['NXM_NX_CT_NW_PROTO', NXM_NX, 119], bits: 8, format: 'decimal', prerequisite: 'ct', readOnly: true },
  ct_tp_src: { oxm: ['NXM_NX_CT_TP_SRC', NXM_NX, 124], bits: 16, format: 'decimal', prerequisite: 'ct', maskable: true, readOnly: true },
  ct_tp_dst: { oxm: ['NXM_NX_CT_TP_DST', NXM_NX, 125], bits: 16, format: 'decimal', prerequisite: 'ct', maskable: true, readOnly: true },
  metadata: { oxm: ['OXM_OF_METADATA', OXM_OF, 2], bits: 64, format: 'hexadecimal', prerequisite: 'none', maskable: true },
} as const satisfies Readonly<Record<string, RowShape>>;
