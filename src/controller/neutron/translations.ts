/** What floating IPs and port forwardings lead to, and how that ends when it goes. */
import {
  NO_ASSOCIATION,
  type Port,
  type PortForwarding,
  touchedFloatingIp,
  type Way,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';

/** Ends what leads to addresses that a port has no more: to all of them when it goes. */
export function endTranslations(draft: Draft, { id }: Port, kept: ReadonlySet<string>): void {
  const { topology } = draft;
  for (const fip of topology.members('floatingIpsOfPort', id).values()) {
    if (kept.has(fip.fixed_ip_address ?? '')) continue;
    draft.put('floatingip', fip.id, touchedFloatingIp(fip, NO_ASSOCIATION, draft.at));
  }
  for (const forwarding of topology.members('forwardingsOfPort', id).values()) {
    if (!kept.has(forwarding.internal_ip_address)) endForwarding(draft, forwarding);
  }
}

/** A floating IP needs no router any more when its last forwarding goes. */
export function endForwarding(draft: Draft, { id, floatingip_id }: PortForwarding): void {
  draft.delete('port_forwarding', id);
  const fip = draft.topology.get('floatingip', floatingip_id);
  if (fip === undefined) return;
  const isLast = draft.topology.members('forwardingsOfFloatingIp', floatingip_id).size === 0;
  const after = touchedFloatingIp(fip, isLast ? NO_ASSOCIATION : {}, draft.at);
  draft.put('floatingip', floatingip_id, after);
}

/**
 * Keeps a way as it was found: writing the inner port as it is lets nobody take the address away,
 * or translate it as well, meanwhile. The router's ports are held by references; only one that has
 * addresses besides may lose this one and stay.
 */
export function keepWay(draft: Draft, port: Port, { inside }: Way): void {
  draft.touch('port', port.id);
  if (inside.fixed_ips.length > 1) draft.touch('port', inside.id);
}
