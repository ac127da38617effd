/** Port forwardings: from a checked request to a record, and what forbids one. */
import type { FloatingIp } from '../floating-ip.ts';
import type { Intent } from '../intent.ts';
import { type IntentError, intentError } from '../intent-error.ts';
import type { FixedIp, Port } from '../port.ts';
import type {
  PortForwarding,
  PortForwardingCreate,
  PortForwardingUpdate,
} from '../port-forwarding.ts';
import { type Way, wayOut } from '../routing.ts';
import { badResource } from './bad-resource.ts';
import type { Birth } from './birth.ts';
import { isIpv4 } from './floating-ip.ts';
import { formatPortRange, parsePortRange } from './transport-values.ts';

type Given = PortForwardingCreate | PortForwardingUpdate;

export function freshForwarding(
  given: PortForwardingCreate,
  birth: Birth,
  fip: FloatingIp,
  way: Way,
): PortForwarding {
  return {
    id: birth.id,
    project_id: fip.project_id,
    floatingip_id: fip.id,
    protocol: given.protocol,
    external_port_range: rangeOf(given.external_port, given.external_port_range, undefined),
    internal_port_id: given.internal_port_id,
    internal_ip_address: given.internal_ip_address,
    internal_port_range: rangeOf(given.internal_port, given.internal_port_range, undefined),
    description: given.description,
    interface_port_id: way.inside.id,
  };
}

export function updatedForwarding(
  before: PortForwarding,
  given: PortForwardingUpdate,
  way: Way | undefined,
): PortForwarding {
  const { external_port_range: outside, internal_port_range: inside } = before;
  return {
    ...before,
    protocol: given.protocol ?? before.protocol,
    external_port_range: rangeOf(given.external_port, given.external_port_range, outside),
    internal_port_id: given.internal_port_id ?? before.internal_port_id,
    internal_ip_address: given.internal_ip_address ?? before.internal_ip_address,
    internal_port_range: rangeOf(given.internal_port, given.internal_port_range, inside),
    description: given.description ?? before.description,
    interface_port_id: way?.inside.id ?? before.interface_port_id,
  };
}

/** One port, or a range; where both are named they must agree. */
function rangeOf(
  port: number | null | undefined,
  range: string | null | undefined,
  before: string | undefined,
): string {
  const single = port == null ? undefined : formatPortRange({ first: port, last: port });
  const chosen = single ?? range ?? before;
  if (chosen === undefined) {
    throw badForwarding('Both an internal and an external port or range must be specified');
  }
  if (single !== undefined && range != null && single !== range) throw badRelation();
  return chosen;
}

function badRelation(): IntentError {
  const rule = 'The relation between internal and external ports must be N-N or 1-N';
  return badForwarding(`Invalid ranges of internal and/or external ports. ${rule}`);
}

/** The way between the inner address that is named and the floating IP. */
export function wayOfForwarding(
  topology: Intent,
  fip: FloatingIp,
  port: Port,
  address: string,
): Way {
  const fixed = fixedOf(port, address);
  const way = wayOut(topology, { port, fixed }, fip.floating_network_id);
  if (way === undefined) {
    const where = `External network ${fip.floating_network_id} is not reachable from subnet`;
    const what = `Cannot set Port forwarding for port ${port.id} with Floating IP ${fip.id}`;
    throw badForwarding(`${where} ${fixed.subnet_id}. ${what}`);
  }
  if (fip.router_id !== null && fip.router_id !== way.router.id) {
    const what = `The Floating IP ${fip.id} had been set on router ${fip.router_id}`;
    throw badForwarding(`${what}, the internal Neutron port ${port.id} can not reach it`);
  }
  return way;
}

function fixedOf(port: Port, address: string): FixedIp {
  const own = port.fixed_ips.filter(isIpv4);
  if (own.length === 0) {
    const rule = 'must allocate an IPv4 address at least.';
    throw badForwarding(`Requested internal port ${port.id} ${rule}`);
  }
  const fixed = own.find(({ ip_address }) => ip_address === address);
  if (fixed !== undefined) return fixed;
  const shown = own.map(
    (it) => `{'subnet_id': '${it.subnet_id}', 'ip_address': '${it.ip_address}'}`,
  );
  const what = `Requested internal IP address ${address} is not suitable for internal neutron port`;
  throw badForwarding(`${what} ${port.id}, as its fixed_ips are [${shown.join(', ')}]`);
}

/** Neither side of it is another's: neither the ports inside nor those outside. */
export function checkForwarding(topology: Intent, fip: FloatingIp, after: PortForwarding): void {
  const [inside, outside] = [after.internal_port_range, after.external_port_range];
  const count = (range: string): number => parsePortRange(range).last - parsePortRange(range).first;
  if (count(inside) > 0 && count(inside) !== count(outside)) throw badRelation();
  for (const other of topology.members('forwardingsOfPort', after.internal_port_id).values()) {
    if (other.internal_ip_address !== after.internal_ip_address) continue;
    checkApart('internal_port_range', other, after);
  }
  for (const other of topology.members('forwardingsOfFloatingIp', fip.id).values()) {
    checkApart('external_port_range', other, after);
  }
}

function checkApart(
  side: 'internal_port_range' | 'external_port_range',
  other: PortForwarding,
  after: PortForwarding,
): void {
  if (other.id === after.id || other.protocol !== after.protocol) return;
  const [a, b] = [parsePortRange(other[side]), parsePortRange(after[side])];
  if (a.last < b.first || b.last < a.first) return;
  const which = `The following ranges collides: ${other[side]} and ${after[side]}`;
  throw badForwarding(`There is a port collision with the ${side}. ${which}`);
}

/** A port that has a floating IP of its own needs none to be forwarded to it. */
export function checkPortHasNoFloatingIp(topology: Intent, port: Port, given: Given): void {
  const [fip] = topology.members('floatingIpsOfPort', port.id).values();
  if (fip === undefined) return;
  throw intentError('PortHasBindingFloatingIP', {
    floating_ip_address: fip.floating_ip_address,
    fip_id: fip.id,
    port_id: port.id,
    fixed_ip: given.internal_ip_address ?? '',
  });
}

/** A floating IP that stands for a port as a whole has no ports to forward. */
export function checkFloatingIpIsFree(fip: FloatingIp, given: PortForwardingCreate): void {
  if (fip.port_id === null) return;
  throw intentError('FloatingIPPortAlreadyAssociated', {
    floating_ip_address: fip.floating_ip_address,
    fip_id: fip.id,
    port_id: given.internal_port_id,
    fixed_ip: given.internal_ip_address,
    net_id: fip.floating_network_id,
  });
}

function badForwarding(msg: string): IntentError {
  return badResource('port_forwarding', msg);
}
