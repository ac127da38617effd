/**
 * Ports that are made and taken away together with a router or a floating IP, in one commit with
 * it. Nobody plugs them, so they have no flows.
 */
import {
  freshPort,
  type Network,
  PORT_ATTRIBUTES,
  type Port,
  readCreate,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { namedClaims, releasePort } from './ports.ts';

/** What is a service port's own; everything else is as a request would leave it. */
interface ServicePort {
  readonly project_id: string;
  readonly device_id: string;
  readonly device_owner: string;
  /** Left out: one address of each version that the network has. */
  readonly fixed_ips?: readonly object[];
}

/** Outside, the port is nobody's: the network's owner sees it, the tenant does not. */
export const NO_PROJECT = '';

export function addServicePort(draft: Draft, network: Network, attributes: ServicePort): Port {
  const given = readCreate(PORT_ATTRIBUTES, {
    ...attributes,
    network_id: network.id,
    port_security_enabled: false,
    security_groups: [],
  });
  const port = freshPort(given, draft.birth(), network, draft);
  // The network's revision stands for its set of subnets, from which the addresses were chosen.
  draft.expect('network', network.id);
  draft.name(namedClaims(draft.topology, port, given));
  draft.put('port', port.id, port);
  return port;
}

export function removeServicePort(draft: Draft, port: Port): void {
  releasePort(draft, port);
  draft.delete('port', port.id);
}
