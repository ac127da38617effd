/** A binding: the place where a port is plugged in, as the host's OVSDB shows it. One a port. */

export interface Binding {
  readonly port_id: string;
  readonly host_id: string;
  /**
   * Number of the port on its host: that of its OpenFlow port. A subport has none; its number is
   * one that no OpenFlow port of the host has, and stays while it is there.
   */
  readonly ofport: number;
  readonly interface_name: string;
  /** Of a subport alone. */
  readonly wire?: Wire;
}

/** Where the packets of a subport are: in a VLAN, on the OpenFlow port of the trunk's parent. */
export interface Wire {
  readonly ofport: number;
  /** VLAN ID, 1 to 4094. */
  readonly vlan: number;
}

/** The name in the index `subportsByNumber` of a number on a host. */
export function numberOn(hostId: string, ofport: number): string {
  return `${hostId} ${ofport}`;
}
