/**
 * A binding: where a port is plugged in, as the hosts' OVSDB shows it. One a port. While its VM
 * moves, a port is plugged in at two places, and both are served until it is known to run at the
 * new one (docs/pipeline.md, "While a VM moves").
 */

/** An interface of a host. */
export interface Plug {
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

export interface Binding extends Plug {
  readonly port_id: string;
  /** The other place, if there is one. */
  readonly move?: Move;
}

/**
 * arriving: the VM is expected there. left: it ran there, and the interface is still plugged; such
 * a place is served no more, and becomes one where the VM arrives only when it is plugged anew.
 */
export interface Move extends Plug {
  readonly state: 'arriving' | 'left';
}

/** Where the port is plugged in, whether or not it is served there. */
export function plugsOf(binding: Binding): readonly Plug[] {
  return binding.move === undefined ? [binding] : [binding, binding.move];
}

/** Where packets for the port go: the place where its VM runs, then the one where it arrives. */
export function placesOf(binding: Binding | undefined): readonly Plug[] {
  if (binding === undefined) return NOWHERE;
  return binding.move?.state === 'arriving' ? [binding, binding.move] : [binding];
}

export function hostsOf(binding: Binding | undefined): readonly string[] {
  return binding === undefined ? NO_HOSTS : placesOf(binding).map((place) => place.host_id);
}

/** The place of the port on a host. */
export function placeOn(binding: Binding | undefined, hostId: string): Plug | undefined {
  return placesOf(binding).find((place) => place.host_id === hostId);
}

const NOWHERE: readonly Plug[] = [];
const NO_HOSTS: readonly string[] = [];
