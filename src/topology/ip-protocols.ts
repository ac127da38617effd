/** IP protocols by the names that security group rules may use (IANA's numbers). */

export const IP_PROTOCOLS = {
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ip: 0,
  ipip: 4,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-icmp': 58,
  icmpv6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  'ipv6-route': 43,
  ospf: 89,
  pgm: 113,
  rsvp: 46,
  sctp: 132,
  tcp: 6,
  udp: 17,
  udplite: 136,
  vrrp: 112,
} as const satisfies Readonly<Record<string, number>>;

export type IpProtocolName = keyof typeof IP_PROTOCOLS;

export function isProtocolName(text: string): text is IpProtocolName {
  return Object.hasOwn(IP_PROTOCOLS, text);
}

/** The number of a protocol that a rule names or numbers. */
export function protocolNumber(protocol: string): number {
  return isProtocolName(protocol) ? IP_PROTOCOLS[protocol] : Number(protocol);
}

const PROTOCOL_MAX = 255;

/** As `protocolNumber`, of a text that may be neither. */
export function protocolOf(text: string): number | undefined {
  if (isProtocolName(text)) return IP_PROTOCOLS[text];
  return /^\d{1,3}$/.test(text) && Number(text) <= PROTOCOL_MAX ? Number(text) : undefined;
}
