/** A network: one layer-2 segment of one tenant, in the wire shape of Neutron v2.0. */
import {
  type Attribute,
  COMMON_ATTRIBUTES,
  type Created,
  READ_ONLY,
  type Updated,
} from './validate/attributes.ts';
import { boolean, integer, nonNegative, nullable, oneOf, text } from './validate/values.ts';

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
  readonly revision_number: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Exclusive: a VNI has 24 bits (RFC 7348 section 5, RFC 8926 section 3.4). */
export const VNI_END = 2 ** 24;

export const NETWORK_ATTRIBUTES = {
  ...COMMON_ATTRIBUTES,
  name: { read: text(255), post: 'optional', put: true, initial: '' },
  description: { read: text(255), post: 'optional', put: true, initial: '' },
  project_id: { read: text(255), post: 'optional', put: false },
  admin_state_up: { read: boolean, post: 'optional', put: true, initial: true },
  shared: { read: boolean, post: 'optional', put: true, initial: false },
  mtu: { read: nonNegative, post: 'optional', put: true, initial: 0 },
  port_security_enabled: { read: boolean, post: 'optional', put: true, initial: true },
  'router:external': { read: boolean, post: 'optional', put: false },
  'provider:network_type': {
    read: oneOf(['geneve', 'vxlan'], text(32)),
    post: 'optional',
    put: false,
  },
  'provider:physical_network': { read: nullable(text(64)), post: 'optional', put: false },
  'provider:segmentation_id': { read: integer, post: 'optional', put: false },
  subnets: READ_ONLY,
  availability_zones: READ_ONLY,
} as const satisfies Record<string, Attribute>;

export type NetworkCreate = Created<typeof NETWORK_ATTRIBUTES>;
export type NetworkUpdate = Updated<typeof NETWORK_ATTRIBUTES>;
