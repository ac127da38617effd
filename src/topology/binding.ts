/**
 * A binding: where a port is plugged in, as the hosts' OVSDB shows it. One a port. While its VM
 * moves, a port is plugged in at two places, and both are served until it is known to run at the
 * new one (docs/pipeline.md, "While a VM moves").
 */

/** An interface of a host. */
export interface Plug {
  readonly host_id: string;
  readonly ofport: number;
  readonly interface_name: string;
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

/** Where packets for the port go: the place where its VM runs, then the one where it arrives. */
export function placesOf(binding: Binding | undefined): readonly Plug[] {
  if (binding === undefined) return NOWHERE;
  return binding.move?.state === 'arriving' ? [binding, binding.move] : [binding];
}

export function hostsOf(binding: Binding | undefined): readonly string[] {
  return placesOf(binding).map((place) => place.host_id);
}

/** The place of the port on a host. */
export function placeOn(binding: Binding | undefined, hostId: string): Plug | undefined {
  return placesOf(binding).find((place) => place.host_id === hostId);
}

const NOWHERE: readonly Plug[] = [];
