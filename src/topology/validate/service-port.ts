/** What may not be done, through `/ports`, to ports that belong to a router or a floating IP. */
import { FLOATING_IP, isRouterInterface } from '../device-owner.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import type { Port } from '../port.ts';
import { routerOfPort } from '../routing.ts';
import { badResource } from './bad-resource.ts';
import { isIpv4 } from './floating-ip.ts';
import { portInUse } from './router-interface.ts';

/** They go with what they belong to. */
export function checkServicePortDelete(topology: Intent, port: Port): void {
  if (!isTaken(topology, port)) return;
  const reason = `has device owner ${port.device_owner}`;
  throw intentError('ServicePortInUse', { port_id: port.id, reason });
}

function isTaken(topology: Intent, port: Port): boolean {
  return routerOfPort(topology, port) !== undefined || isOfFloatingIp(topology, port);
}

function isOfFloatingIp(topology: Intent, { id, device_id }: Port): boolean {
  return topology.get('floatingip', device_id)?.floating_port_id === id;
}

export function checkServicePortUpdate(topology: Intent, before: Port, after: Port): void {
  if (before.mac_address !== after.mac_address && after.device_owner.startsWith('network:')) {
    const { id: port_id, device_owner } = after;
    throw intentError('UnsupportedPortDeviceOwner', {
      op: 'mac address update',
      device_owner,
      port_id,
    });
  }
  if (!isTaken(topology, before)) return;
  const { device_id, device_owner } = after;
  if (device_id !== before.device_id || device_owner !== before.device_owner) {
    throw portInUse(before);
  }
  // A gateway may be given other addresses; hosts inside know an interface by its own.
  const isFixed = isRouterInterface(device_owner) || device_owner === FLOATING_IP;
  if (isFixed && ipv4Of(before) !== ipv4Of(after)) {
    throw badResource('ports', `IP updates for port ${after.id} are not allowed`);
  }
}

function ipv4Of({ fixed_ips }: Port): string {
  return fixed_ips
    .filter(isIpv4)
    .map((fixed) => fixed.ip_address)
    .toSorted()
    .join();
}
