/**
 * Port forwardings of a floating IP. Each write of one writes the floating IP and the inner port as
 * well: their revisions stand for the sets of forwardings that must stay apart.
 */
import {
  checkFloatingIpIsFree,
  checkForwarding,
  checkPortHasNoFloatingIp,
  type FloatingIp,
  freshForwarding,
  intentError,
  PORT_FORWARDING_ATTRIBUTES,
  singlePort,
  touchedFloatingIp,
  updatedForwarding,
  type Way,
  wayOfForwarding,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { ResourceType } from './resource-type.ts';
import { endForwarding, keepWay } from './translations.ts';
import { visible } from './visible.ts';

export const PORT_FORWARDINGS: ResourceType<'port_forwarding', typeof PORT_FORWARDING_ATTRIBUTES> =
  {
    kind: 'port_forwarding',
    singular: 'port_forwarding',
    plural: 'port_forwardings',
    path: '/v2.0/floatingips/:parent/port_forwardings',
    parent: 'floatingip_id',
    attributes: PORT_FORWARDING_ATTRIBUTES,
    notFound: (id) => intentError('PortForwardingNotFound', { id }),

    checkParent: (id, viewer) => {
      visible('floatingip', id, viewer);
    },

    derive: (forwarding) => ({
      internal_port: singlePort(forwarding.internal_port_range) ?? null,
      external_port: singlePort(forwarding.external_port_range) ?? null,
    }),

    create: (draft, given, parentId) => {
      const fip = visible('floatingip', parentId, draft);
      const port = visible('port', given.internal_port_id, draft);
      checkPortHasNoFloatingIp(draft.topology, port, given);
      checkFloatingIpIsFree(fip, given);
      const way = wayOfForwarding(draft.topology, fip, port, given.internal_ip_address);
      const forwarding = freshForwarding(given, draft.birth(), fip, way);
      checkForwarding(draft.topology, fip, forwarding);
      keepWay(draft, port, way);
      putFloatingIp(draft, fip, way);
      return forwarding;
    },

    update: (draft, before, given) => {
      const { topology } = draft;
      const fip = visible('floatingip', before.floatingip_id, draft);
      const { internal_port_id: portId = before.internal_port_id } = given;
      const { internal_ip_address: address = before.internal_ip_address } = given;
      const port = visible('port', portId, draft);
      if (given.internal_port_id !== undefined) checkPortHasNoFloatingIp(topology, port, given);
      const isMoved = portId !== before.internal_port_id || address !== before.internal_ip_address;
      const way = isMoved ? wayOfForwarding(topology, fip, port, address) : undefined;
      const forwarding = updatedForwarding(before, given, way);
      checkForwarding(topology, fip, forwarding);
      if (way === undefined) draft.touch('port', port.id);
      else keepWay(draft, port, way);
      putFloatingIp(draft, fip, way);
      return forwarding;
    },

    remove: endForwarding,

    narrow: (_, topology, parentId) =>
      topology.members('forwardingsOfFloatingIp', parentId).values(),
  };

/** While it has forwardings, a floating IP belongs to the router that all of them go through. */
function putFloatingIp(draft: Draft, fip: FloatingIp, way?: Way): void {
  const through = way && { router_id: way.router.id, gateway_port_id: way.gateway.id };
  draft.put('floatingip', fip.id, touchedFloatingIp(fip, through ?? {}, draft.at));
}
