/** A port: one attachment to a network, in the wire shape of Neutron v2.0. */

import { type DhcpOption, readDhcpOptions } from './dhcp-options.ts';
import { invalidInput } from './intent-error.ts';
import { ISOLATIONS, type Isolation } from './isolation.ts';
import type { Standard } from './standard.ts';
import {
  type Created,
  changeable,
  derived,
  NAME,
  once,
  required,
  STANDARD,
  STRING,
  STRINGS,
  type Updated,
} from './validate/attributes.ts';
import { dnsDomain, dnsHostName } from './validate/dns-values.ts';
import { readAddressPairs, readFixedIps } from './validate/port-values.ts';
import { readTags } from './validate/tag-list.ts';
import {
  boolean,
  dictionary,
  FREE_OBJECT,
  items,
  type Json,
  macAddress,
  nullAs,
  nullable,
  oneOf,
  orNull,
  type Read,
  reader,
  type Schema,
  text,
  uuid,
} from './validate/values.ts';
import { vifNameFlaw } from './vif-name.ts';

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

/** To a host that the port's VM may move to; the active binding is in the port's own attributes. */
export interface InactiveBinding {
  readonly host: string;
  readonly vnic_type: string;
  readonly profile: Readonly<Record<string, unknown>>;
}

export interface Port extends Standard {
  readonly network_id: string;
  readonly name: string;
  readonly description: string;
  /** Six lower-case octets with colons. */
  readonly mac_address: string;
  readonly fixed_ips: readonly FixedIp[];
  readonly admin_state_up: boolean;
  readonly device_id: string;
  readonly device_owner: string;
  readonly port_security_enabled: boolean;
  /** Whether machines behind the port have MAC addresses of their own. */
  readonly mac_learning_enabled: boolean;
  readonly security_groups: readonly string[];
  readonly allowed_address_pairs: readonly AddressPair[];
  /** The host that the cloud manager wants the port on, or '' when any may plug it. */
  readonly 'binding:host_id': string;
  readonly 'binding:vnic_type': string;
  readonly 'binding:profile': Readonly<Record<string, unknown>>;
  readonly extra_dhcp_opts: readonly DhcpOption[];
  readonly dns_name: string;
  readonly dns_domain: string;
  /** Whether the port was to have addresses when it was made. */
  readonly ip_allocation: 'immediate' | 'none';
  readonly propagate_uplink_status: boolean;
  readonly data_plane_status: DataPlaneStatus | null;
  readonly device_profile: string | null;
  readonly numa_affinity_policy: NumaAffinityPolicy | null;
  readonly qos_policy_id: string | null;
  /** Null: as promiscuous. */
  readonly isolation: Isolation | null;
  /** The name of its community, where that is its isolation; else null. */
  readonly isolation_community: string | null;
  /** Where its VM may move to; see port-binding.ts. */
  readonly inactive_bindings?: readonly InactiveBinding[];
}

/** Of these we serve `normal`; the others are plugged past the switch. */
const VNIC_TYPES = [
  'normal',
  'direct',
  'macvtap',
  'baremetal',
  'direct-physical',
  'virtio-forwarder',
  'smart-nic',
  'vdpa',
  'accelerator-direct',
  'accelerator-direct-physical',
  'remote-managed',
] as const;

const DATA_PLANE_STATUSES = ['ACTIVE', 'DOWN'] as const;
type DataPlaneStatus = (typeof DATA_PLANE_STATUSES)[number];

const NUMA_AFFINITY_POLICIES = ['required', 'preferred', 'legacy'] as const;
type NumaAffinityPolicy = (typeof NUMA_AFFINITY_POLICIES)[number];

/** Neutron's bound on the text of a profile. */
const PROFILE_LENGTH_MAX = 4095;

/** Also of the bindings of a port to other hosts. */
export const vnicType = oneOf(VNIC_TYPES, text(64));
export const bindingProfile: Read<Json> = reader(FREE_OBJECT, (value) => {
  const profile = nullAs({}, dictionary)(value);
  const flaw = vifNameFlaw(profile);
  if (flaw !== undefined) throw flaw;
  if (JSON.stringify(profile).length <= PROFILE_LENGTH_MAX) return profile;
  throw invalidInput('binding:profile value too large');
});

const DNS_ASSIGNMENTS: Schema = {
  type: 'array',
  items: {
    type: 'object',
    properties: { hostname: STRING, ip_address: STRING, fqdn: STRING },
  },
};

export const PORT_ATTRIBUTES = {
  ...STANDARD,
  tags: once(reader(STRINGS, readTags), { filter: 'none', about: 'set under `/tags`, too' }),
  name: NAME,
  network_id: required(uuid, { enforced: true, about: 'who hears it' }),
  /** Left out, or null: one is generated. */
  mac_address: changeable(nullable(macAddress), {
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
  device_id: changeable(nullAs('', text(255)), {
    initial: '',
    enforced: true,
    about: 'the server whose metadata the port gets',
  }),
  device_owner: changeable(nullAs('', text(255)), {
    initial: '',
    about:
      '`network:*`, of the network itself: no port security, no groups; `network:router_*`: the ' +
      "gateway's and SLAAC subnets' addresses too",
  }),
  /** Left out: what the network says. */
  port_security_enabled: changeable(boolean, {
    enforced: true,
    about: 'MAC, IPv4, IPv6, ARP and ND sources; no DHCP server, no router behind the port',
  }),
  mac_learning_enabled: changeable(boolean, {
    initial: false,
    enforced: true,
    about:
      'what is for a MAC address that no port has goes to such ports, and to the one that sent ' +
      'from it last; without port security alone',
  }),
  /** Left out: the default group of the project, with port security. */
  security_groups: changeable(nullAs([], items(uuid)), {
    filter: 'member',
    enforced: true,
    about: 'a secured port in none sends and gets nothing but ARP, ND and DHCP',
  }),
  allowed_address_pairs: changeable(nullAs([], readAddressPairs), {
    initial: [],
    enforced: true,
    about:
      "sources that port security lets pass besides the port's own; of several ports that may " +
      'have a MAC address, the one that announced it last has it',
  }),
  extra_dhcp_opts: changeable(readDhcpOptions, {
    initial: [],
    enforced: true,
    about: 'names of dnsmasq, or numbers; an unknown name or a wrong value is passed over',
  }),
  'binding:host_id': changeable(nullAs('', text(255)), {
    initial: '',
    enforced: true,
    about: 'system-id or host name: no host gets the port that it does not name',
  }),
  'binding:vnic_type': changeable(vnicType, {
    initial: 'normal',
    enforced: true,
    about: 'only normal is served; of all others the binding fails',
  }),
  'binding:profile': changeable(bindingProfile, {
    initial: {},
    enforced: true,
    about:
      '`migrating_to`: a host that may plug the port besides, for its VM moves there; ' +
      '`iface-id`: the name of its VIF, where that is not the id of the port',
  }),
  'binding:vif_type': derived(STRING, {
    about: 'ovs when a host is named or has plugged it, else unbound',
  }),
  'binding:vif_details': derived(FREE_OBJECT),
  dns_name: changeable(dnsHostName, {
    initial: '',
    enforced: true,
    about:
      'kept where the domain of the settings is not the default; told by DHCP, answered by DNS ' +
      'in its network; not published',
  }),
  dns_domain: changeable(dnsDomain, {
    initial: '',
    about: 'for publishing, and kept as `dns_name`; nothing is answered within it',
  }),
  dns_assignment: derived(DNS_ASSIGNMENTS, {
    filter: 'none',
    about: 'the names of its addresses in the domain of the settings',
  }),
  ip_allocation: derived(STRING, { about: 'none: the port was made with `fixed_ips` of []' }),
  propagate_uplink_status: once(boolean, { initial: true }),
  data_plane_status: {
    ...changeable(nullable(oneOf(DATA_PLANE_STATUSES, text(16)))),
    post: 'never',
  },
  device_profile: once(nullable(text(255)), { initial: null }),
  numa_affinity_policy: changeable(nullable(oneOf(NUMA_AFFINITY_POLICIES, text(16))), {
    initial: null,
    about: 'for Nova; not while the port is bound',
  }),
  qos_policy_id: changeable(nullable(uuid), {
    initial: null,
    enforced: true,
    about: 'before that of the network',
  }),
  qos_network_policy_id: derived(orNull(STRING), { filter: 'none', about: "the network's" }),
  isolation: changeable(nullable(oneOf(ISOLATIONS, text(16))), {
    initial: null,
    enforced: true,
    about:
      '`isolated`: hears, and is heard by, promiscuous ports alone; `community`: those of its ' +
      'community, too; `promiscuous`, or null: all. Needs port security, and pairs without a MAC ' +
      'address of their own',
  }),
  isolation_community: changeable(nullable(text(255)), {
    initial: null,
    enforced: true,
    about: 'name of the community in the network; with `isolation` of `community` alone',
  }),
  trunk_details: derived(FREE_OBJECT, { about: 'of the parent port of a trunk alone' }),
  resource_request: derived(orNull(FREE_OBJECT), {
    filter: 'none',
    about: 'what its policy promises, as Placement counts it; null when that is nothing',
  }),
} as const;

export type PortCreate = Created<typeof PORT_ATTRIBUTES>;
export type PortUpdate = Updated<typeof PORT_ATTRIBUTES>;
