/**
 * Which port has a MAC address that is not its own, as it last said itself: the address of an
 * allowed address pair, which moves from port to port, or that of a machine behind a MAC-learning
 * port. Intent says who may have it, this who has.
 */
export interface LearnedMac {
  readonly network_id: string;
  /** Six lower-case octets with colons. */
  readonly mac_address: string;
  readonly port_id: string;
}

/** In the key of its record: an address has one port in a network. */
export function learnedMacId(networkId: string, mac: string): string {
  return `${networkId}/${mac}`;
}
