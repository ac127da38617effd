/**
 * What networks, ports and bindings say together: which hosts carry which networks and have ports
 * of which groups, and the sums that the load of a host is made of. As an index of a table, they
 * are made when somebody first asks, and kept from then on.
 *
 * A record may come before or after those it refers to, and may go before or after them: each that
 * comes or goes is joined with the others that are there.
 */
import { type Binding, hostsOf } from './binding.ts';
import { Carriers, type Place } from './carriers.ts';
import { type GroupPlace, GroupPlaces, groupSetOf } from './group-places.ts';
import { type Plugged, PortSums } from './load/port-sums.ts';
import type { Network } from './network.ts';
import type { Port } from './port.ts';

/** A port and where it is plugged in, of which either may not be there. */
export interface Bound {
  readonly port: Port | undefined;
  readonly binding: Binding | undefined;
}

const NOT_THERE: Bound = { port: undefined, binding: undefined };

export class Joins {
  readonly carriers = new Carriers();
  readonly places = new GroupPlaces();
  readonly sums = new PortSums();

  /** Of records that are there already. */
  constructor(networks: Iterable<Network>, ports: Iterable<Bound & { readonly port: Port }>) {
    for (const network of networks) this.setNetwork(network.id, network);
    for (const bound of ports) this.setPort(bound.port.id, NOT_THERE, bound);
  }

  setNetwork(id: string, network: Network | undefined): void {
    this.carriers.setNetwork(id, network?.admin_state_up === true);
  }

  /** A port came, changed or went. */
  setPort(id: string, before: Bound, after: Bound): void {
    this.sums.setPort(before.port, after.port);
    this.move(id, before, after);
  }

  /** A port that was on hosts, or was not there, is on others, or is not. */
  move(portId: string, before: Bound, after: Bound): void {
    const [was, is] = [plugged(before), plugged(after)];
    this.carriers.move(portId, localPlaces(was), localPlaces(is));
    this.places.move(groupPlacesOf(was), groupPlacesOf(is));
    this.sums.move(was, is);
  }
}

export function plugged({ port, binding }: Bound): Plugged | undefined {
  return port && { port, hostIds: hostsOf(binding), isSubport: isSubport(binding) };
}

/** Where a port is judged; nowhere while it is not bound, down, or judged by nobody. */
export function groupPlacesOf(plug: Plugged | undefined): readonly GroupPlace[] {
  const set = groupSetOf(plug?.port);
  if (plug === undefined || set === undefined) return [];
  return plug.hostIds.map((hostId) => ({ hostId, set }));
}

/** Whether it is the same for all who ask here which of the two a binding is. */
export function isSamePlace(one: Binding | undefined, other: Binding | undefined): boolean {
  const [hosts, others] = [hostsOf(one), hostsOf(other)];
  const isSameHosts =
    hosts.length === others.length && hosts.every((id, index) => id === others[index]);
  return isSameHosts && isSubport(one) === isSubport(other);
}

/** Where a port is local: nowhere while it is down or not bound. */
function localPlaces(plug: Plugged | undefined): readonly Place[] {
  if (plug?.port.admin_state_up !== true) return [];
  return plug.hostIds.map((hostId) => ({ networkId: plug.port.network_id, hostId }));
}

function isSubport(binding: Binding | undefined): boolean {
  return binding?.wire !== undefined;
}
