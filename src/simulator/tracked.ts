/** What the connection tracker knows, and what a packet carries of it. */

/** Addresses, protocol, and ports or what ICMP has in place of them. */
export interface Tuple {
  readonly ethertype: number;
  readonly protocol: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Of an ICMP query; else 0. */
  readonly id: number;
}

interface Endpoint {
  readonly address: number | bigint;
  /** TCP and UDP: the port. ICMP queries: their type, and the type of their replies. Else 0. */
  readonly port: number;
}

/** `over`: the connection has ended, and the packet would open another. */
export type Verdict = 'new' | 'established' | 'invalid' | 'over';

export interface Connection {
  /** Of the packet that opened it. */
  readonly tuple: Tuple;
  mark: number;
  /** Takes note of a packet, and says what it is to the connection. */
  update(tcpFlags: number, reply: boolean): Verdict;
}

/** What the datapath keeps with a packet that was tracked. */
export interface Tracked {
  /** CT_STATE bits. */
  readonly state: number;
  readonly zone: number;
  /** Of the packet that opened the connection, or would open it. */
  readonly tuple: Tuple | undefined;
  readonly connection: Connection | undefined;
  /** Of the packet itself, as it was then: text of its tuple. */
  readonly seen: string | undefined;
}
