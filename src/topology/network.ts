/** A network: one layer-2 segment of one tenant, in the wire shape of Neutron v2.0. */

import type { Standard } from './standard.ts';
import {
  BOOLEAN,
  type Created,
  changeable,
  derived,
  NAME,
  once,
  STANDARD,
  STRING,
  STRINGS,
  type Updated,
} from './validate/attributes.ts';
import { dnsDomain } from './validate/dns-values.ts';
import { onlySegment } from './validate/segment-list.ts';
import {
  boolean,
  integer,
  items,
  nonNegative,
  nullable,
  oneOf,
  orNull,
  text,
  uuid,
} from './validate/values.ts';

export type TunnelType = 'geneve' | 'vxlan';

const NETWORK_TYPES = ['geneve', 'vxlan', 'vlan', 'flat', 'local'] as const;

export type NetworkType = (typeof NETWORK_TYPES)[number];

export interface Network extends Standard {
  readonly name: string;
  readonly description: string;
  readonly admin_state_up: boolean;
  /** Octets of the largest layer-3 packet of the network. */
  readonly mtu: number;
  /** What `port_security_enabled` of a new port is when its request does not say. */
  readonly port_security_enabled: boolean;
  readonly 'router:external': boolean;
  readonly is_default: boolean;
  readonly dns_domain: string;
  readonly availability_zone_hints: readonly string[];
  readonly 'provider:network_type': NetworkType;
  readonly 'provider:physical_network': string | null;
  /** A VNI of a tunnelled network, a VLAN ID of a VLAN network, null of others. */
  readonly 'provider:segmentation_id': number | null;
  /**
   * What the network is called between our hosts, 1 to 2^24 - 1, unique in the region: of a
   * tunnelled network its segmentation id.
   */
  readonly vni: number;
  readonly qos_policy_id: string | null;
}

/** Exclusive: a VNI has 24 bits (RFC 7348 section 5, RFC 8926 section 3.4). */
export const VNI_END = 2 ** 24;

export function isTunnelled(type: NetworkType): type is TunnelType {
  return type === 'geneve' || type === 'vxlan';
}

/** Where routers lead that are made for a project by itself. */
export function isDefaultExternal(network: Network): boolean {
  return network.is_default && network['router:external'];
}

/** How the attributes are read that say how a network is carried. */
const PROVIDER = {
  'provider:network_type': oneOf(NETWORK_TYPES, text(32)),
  'provider:physical_network': nullable(text(64)),
  'provider:segmentation_id': nullable(integer),
} as const;

export const NETWORK_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  admin_state_up: changeable(boolean, {
    initial: true,
    enforced: true,
    about: 'down: no port of the network sends or receives',
  }),
  status: derived(STRING, { about: 'always ACTIVE; ports tell what is realised' }),
  shared: changeable(boolean, {
    initial: false,
    enforced: true,
    about: 'every project may use it: an RBAC policy for `*`',
  }),
  mtu: changeable(nonNegative, {
    initial: 0,
    enforced: true,
    about:
      'told by DHCP and RA, at least what the subnets need; who sends more to another host is told',
  }),
  subnets: derived(STRINGS),
  port_security_enabled: changeable(boolean, {
    initial: true,
    enforced: true,
    about: 'what new ports start with',
  }),
  'router:external': changeable(boolean, {
    initial: false,
    about: 'every project may have its routers there; nothing leads outside yet',
  }),
  is_default: changeable(boolean, {
    initial: false,
    enforced: true,
    about: 'the external network of auto-allocated topologies; one a region',
  }),
  'provider:network_type': once(PROVIDER['provider:network_type'], {
    about: 'tunnels are of the type that the hosts name; vlan, flat and local are tunnelled, too',
  }),
  'provider:physical_network': once(PROVIDER['provider:physical_network'], {
    about: 'of vlan and flat networks',
  }),
  'provider:segmentation_id': once(PROVIDER['provider:segmentation_id'], {
    enforced: true,
    about: 'the VNI of its tunnel packets, unique in the region; of vlan networks the VLAN ID',
  }),
  segments: once(onlySegment(PROVIDER), {
    input: true,
    about: 'the provider attributes, in a list of exactly one',
  }),
  qos_policy_id: changeable(nullable(uuid), {
    enforced: true,
    initial: null,
    about: 'holds for its ports that have none of their own; the default of its project if none',
  }),
  dns_domain: changeable(dnsDomain, {
    initial: '',
    enforced: true,
    about: 'told by DHCP, before that of the settings; nothing publishes it yet',
  }),
  availability_zone_hints: once(items(text(255)), {
    initial: [],
    filter: 'member',
    about: 'zones that there are: a region is one, `nova`',
  }),
  availability_zones: derived(STRINGS, { about: 'the hints' }),
  ipv4_address_scope: derived(orNull(STRING), { filter: 'none', about: 'of the subnet pool' }),
  ipv6_address_scope: derived(orNull(STRING), { filter: 'none', about: 'of the subnet pool' }),
  l2_adjacency: derived(BOOLEAN, { filter: 'none', about: 'always true' }),
} as const;

export type NetworkCreate = Created<typeof NETWORK_ATTRIBUTES>;
export type NetworkUpdate = Updated<typeof NETWORK_ATTRIBUTES>;
