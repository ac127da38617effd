/** A network: one layer-2 segment of one tenant, in the wire shape of Neutron v2.0. */
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
import { boolean, integer, nonNegative, nullable, oneOf, orNull, text } from './validate/values.ts';

export type TunnelType = 'geneve' | 'vxlan';

export interface Network {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly description: string;
  readonly admin_state_up: boolean;
  readonly shared: boolean;
  /** Octets of the largest layer-3 packet of the network. */
  readonly mtu: number;
  /** What `port_security_enabled` of a new port is when its request does not say. */
  readonly port_security_enabled: boolean;
  readonly 'router:external': false;
  readonly 'provider:network_type': TunnelType;
  /** The VNI: 1 to 2^24 - 1, unique in the region. */
  readonly 'provider:segmentation_id': number;
  readonly tags: readonly string[];
  readonly revision_number: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Exclusive: a VNI has 24 bits (RFC 7348 section 5, RFC 8926 section 3.4). */
export const VNI_END = 2 ** 24;

export const NETWORK_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  admin_state_up: changeable(boolean, {
    initial: true,
    enforced: true,
    about: 'down: no port of the network sends or receives',
  }),
  status: derived(STRING, { about: 'always ACTIVE; ports tell what is realised' }),
  shared: changeable(boolean, { initial: false, about: 'every project may use it' }),
  mtu: changeable(nonNegative, {
    initial: 0,
    about: 'shown to clients, at least what the subnets need; packets are not checked against it',
  }),
  subnets: derived(STRINGS),
  port_security_enabled: changeable(boolean, {
    initial: true,
    enforced: true,
    about: 'what new ports start with',
  }),
  'router:external': once(boolean, { about: 'only false; true is refused' }),
  'provider:network_type': once(oneOf(['geneve', 'vxlan'], text(32)), {
    about: 'geneve or vxlan; tunnels are of the type that the hosts name',
  }),
  'provider:physical_network': once(nullable(text(64)), { about: 'null' }),
  'provider:segmentation_id': once(integer, {
    enforced: true,
    about: 'the VNI of its tunnel packets, unique in the region',
  }),
  availability_zone_hints: derived(STRINGS, { about: 'empty' }),
  availability_zones: derived(STRINGS, { about: 'empty' }),
  ipv4_address_scope: derived(orNull(STRING), { filter: 'none', about: 'null' }),
  ipv6_address_scope: derived(orNull(STRING), { filter: 'none', about: 'null' }),
  l2_adjacency: derived(BOOLEAN, { filter: 'none', about: 'always true' }),
} as const;

export type NetworkCreate = Created<typeof NETWORK_ATTRIBUTES>;
export type NetworkUpdate = Updated<typeof NETWORK_ATTRIBUTES>;
