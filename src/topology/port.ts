/** A port: one attachment to a network, in the wire shape of Neutron v2.0. */
import {
  type Created,
  changeable,
  derived,
  NAME,
  required,
  STANDARD,
  STRING,
  type Updated,
} from './validate/attributes.ts';
import { readAddressPairs, readFixedIps } from './validate/port-values.ts';
import {
  boolean,
  dictionary,
  FREE_OBJECT,
  list,
  macAddress,
  nullAs,
  nullable,
  oneOf,
  orNull,
  text,
  uuid,
} from './validate/values.ts';

export interface FixedIp {
  readonly subnet_id: string;
  /** Canonical text: dotted quad, or compressed IPv6 (RFC 5952). */
  readonly ip_address: string;
}

export interface AddressPair {
  /** An address or a CIDR, canonical. */
  readonly ip_address: string;
  readonly mac_address: string;
}

export interface Port {
  readonly id: string;
  readonly network_id: string;
  readonly project_id: string;
  readonly name: string;
  readonly description: string;
  /** Six lower-case octets with colons. */
  readonly mac_address: string;
  readonly fixed_ips: readonly FixedIp[];
  readonly admin_state_up: boolean;
  readonly device_id: string;
  readonly device_owner: string;
  readonly port_security_enabled: boolean;
  readonly security_groups: readonly string[];
  readonly allowed_address_pairs: readonly AddressPair[];
  /** The host that the cloud manager wants the port on, or '' when any may plug it. */
  readonly 'binding:host_id': string;
  readonly 'binding:vnic_type': string;
  readonly 'binding:profile': Readonly<Record<string, unknown>>;
  readonly qos_policy_id: string | null;
  readonly tags: readonly string[];
  readonly revision_number: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export const PORT_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  network_id: required(uuid, { enforced: true, about: 'who hears it' }),
  /** Left out: one is generated. */
  mac_address: changeable(macAddress, {
    enforced: true,
    about: 'unique in the network; port security',
  }),
  /** Left out: one address of each version that the network has; `[]`: none. */
  fixed_ips: changeable(readFixedIps, {
    filter: 'fixed_ips',
    enforced: true,
    about: 'unique in the network; port security; ARP and ND are answered for them',
  }),
  admin_state_up: changeable(boolean, {
    initial: true,
    enforced: true,
    about: 'down: the port sends and receives nothing',
  }),
  status: derived(STRING, {
    about: "ACTIVE when the port's own host has acknowledged its flows, else DOWN",
  }),
  device_id: changeable(nullAs('', text(255)), { initial: '' }),
  device_owner: changeable(nullAs('', text(255)), {
    initial: '',
    about: "`network:router_*` may have the gateway's and SLAAC subnets' addresses",
  }),
  /** Left out: what the network says. */
  port_security_enabled: changeable(boolean, {
    enforced: true,
    about: 'MAC, IPv4, IPv6, ARP and ND sources; no DHCP server, no router behind the port',
  }),
  security_groups: changeable(nullAs([], list('security group', uuid)), {
    initial: [],
    filter: 'member',
    about: 'only empty; a group is refused, for there are none yet',
  }),
  allowed_address_pairs: changeable(nullAs([], readAddressPairs), {
    initial: [],
    enforced: true,
    about: "sources that port security lets pass besides the port's own",
  }),
  extra_dhcp_opts: derived({ type: 'array', items: FREE_OBJECT }, { about: 'empty' }),
  'binding:host_id': changeable(nullAs('', text(255)), {
    initial: '',
    enforced: true,
    about: 'system-id or host name: no other host gets the port',
  }),
  'binding:vnic_type': changeable(oneOf(['normal'], text(64)), {
    initial: 'normal',
    enforced: true,
    about: 'only normal',
  }),
  'binding:profile': changeable(nullAs({}, dictionary), { initial: {} }),
  'binding:vif_type': derived(STRING, {
    about: 'ovs when a host is named or has plugged it, else unbound',
  }),
  'binding:vif_details': derived(FREE_OBJECT),
  qos_policy_id: changeable(nullable(uuid), { initial: null, about: 'before that of the network' }),
  qos_network_policy_id: derived(orNull(STRING), { filter: 'none', about: "the network's" }),
  trunk_details: derived(FREE_OBJECT, { about: 'of the parent port of a trunk alone' }),
  resource_request: derived(orNull(FREE_OBJECT), {
    filter: 'none',
    about: 'what its policy promises, as Placement counts it; null when that is nothing',
  }),
} as const;

export type PortCreate = Created<typeof PORT_ATTRIBUTES>;
export type PortUpdate = Updated<typeof PORT_ATTRIBUTES>;
