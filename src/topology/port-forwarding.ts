/**
 * A port forwarding: a port of a floating IP that leads to one of a port's (Neutron's own word).
 */
import {
  type AttributeTable,
  type Created,
  changeable,
  derived,
  once,
  STRING,
  type Updated,
} from './validate/attributes.ts';
import { portNumber, portRange, protocol } from './validate/transport-values.ts';
import { ipAddress, nullable, text, uuid } from './validate/values.ts';

export interface PortForwarding {
  readonly id: string;
  /** The floating IP's. */
  readonly project_id: string;
  readonly floatingip_id: string;
  readonly protocol: string;
  /** `first:last`, on the floating IP. */
  readonly external_port_range: string;
  readonly internal_port_id: string;
  readonly internal_ip_address: string;
  /** `first:last`: one port, or as many as outside. */
  readonly internal_port_range: string;
  readonly description: string;
  /** The router's port on the subnet of the internal address: it stays as long as this does. */
  readonly interface_port_id: string;
}

export const PORT_FORWARDING_ATTRIBUTES = {
  id: derived(STRING),
  project_id: once(text(255), { input: true }),
  protocol: { ...changeable(protocol), post: 'required' },
  internal_port_id: { ...changeable(uuid), post: 'required' },
  internal_ip_address: { ...changeable(ipAddress, { filter: 'none' }), post: 'required' },
  internal_port: changeable(nullable(portNumber), {
    filter: 'none',
    about: 'null where it is a range',
  }),
  internal_port_range: changeable(nullable(portRange), {
    filter: 'none',
    about: 'one port, or as many as outside',
  }),
  external_port: changeable(nullable(portNumber), { about: 'null where it is a range' }),
  external_port_range: changeable(nullable(portRange)),
  description: changeable(text(255), { initial: '', about: 'a label' }),
} as const satisfies AttributeTable;

export type PortForwardingCreate = Created<typeof PORT_FORWARDING_ATTRIBUTES>;
export type PortForwardingUpdate = Updated<typeof PORT_FORWARDING_ATTRIBUTES>;
