/**
 * A floating IP: an address of an external network that stands for a port's (Neutron's own word).
 */

import type { Standard } from './standard.ts';
import {
  type Created,
  changeable,
  derived,
  once,
  required,
  STANDARD,
  STRING,
  type Updated,
} from './validate/attributes.ts';
import { dnsDomain, dnsName } from './validate/dns-values.ts';
import { FREE_OBJECT, ipAddress, nullable, orNull, uuid } from './validate/values.ts';

export interface FloatingIp extends Standard {
  readonly description: string;
  readonly floating_network_id: string;
  readonly floating_ip_address: string;
  /** Its own port in the external network, which owns the address. */
  readonly floating_port_id: string;
  /** The port that it stands for, and which of its addresses; null while it stands for none. */
  readonly port_id: string | null;
  readonly fixed_ip_address: string | null;
  /** The router between the two, also while port forwardings need one. */
  readonly router_id: string | null;
  /** That router's port outside: it stays as long as it is needed here. */
  readonly gateway_port_id: string | null;
  /** That router's port on the subnet of `fixed_ip_address`: likewise. */
  readonly interface_port_id: string | null;
  readonly qos_policy_id: string | null;
  readonly dns_name: string;
  readonly dns_domain: string;
}

export const FLOATING_IP_ATTRIBUTES = {
  ...STANDARD,
  floating_network_id: required(uuid),
  floating_ip_address: once(nullable(ipAddress), {
    about: 'left out: one is chosen; nobody else gets it',
  }),
  subnet_id: once(nullable(uuid), { input: true, about: 'where the address is chosen' }),
  port_id: changeable(nullable(uuid)),
  fixed_ip_address: changeable(nullable(ipAddress), {
    about: 'which address of the port; needed where it has several',
  }),
  router_id: derived(orNull(STRING), { about: 'the router that joins the two networks' }),
  status: derived(STRING, { about: 'always DOWN: no packet is translated yet' }),
  port_details: derived(orNull(FREE_OBJECT), { filter: 'none' }),
  port_forwardings: derived({ type: 'array', items: FREE_OBJECT }),
  qos_policy_id: changeable(nullable(uuid), { initial: null, about: 'no packet is limited yet' }),
  qos_network_policy_id: derived(orNull(STRING), {
    filter: 'none',
    about: 'of the external network',
  }),
  dns_name: once(dnsName, {
    initial: '',
    filter: 'none',
    about: 'names inside networks alone are answered',
  }),
  dns_domain: once(dnsDomain, { initial: '', filter: 'none', about: 'of `dns_name`' }),
} as const;

export type FloatingIpCreate = Created<typeof FLOATING_IP_ATTRIBUTES>;
export type FloatingIpUpdate = Updated<typeof FLOATING_IP_ATTRIBUTES>;
