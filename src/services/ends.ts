/** Who sends a packet to whom, by either version of IP, and the way back. */

interface Ends<Address> {
  /** 48-bit numbers. */
  readonly sourceMac: number;
  readonly destinationMac: number;
  readonly source: Address;
  readonly destination: Address;
}

/** Addresses are 32-bit numbers. */
export type Ends4 = Ends<number>;
/** Addresses are 128-bit numbers. */
export type Ends6 = Ends<bigint>;

/** Of UDP or TCP. */
export interface Ports {
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export function isIp4<More>(packet: (Ends4 | Ends6) & More): packet is Ends4 & More {
  return typeof packet.source === 'number';
}

/** The other direction; what else is said of a packet stays. */
export function turned<Packet extends Ends4 | Ends6>(packet: Packet): Packet {
  const { sourceMac, destinationMac, source, destination } = packet;
  const macs = { sourceMac: destinationMac, destinationMac: sourceMac };
  return { ...packet, ...macs, source: destination, destination: source };
}

/** The same of what is between two ports. */
export function turnedWithPorts<Packet extends (Ends4 | Ends6) & Ports>(packet: Packet): Packet {
  const { sourcePort, destinationPort } = packet;
  return { ...turned(packet), sourcePort: destinationPort, destinationPort: sourcePort };
}
