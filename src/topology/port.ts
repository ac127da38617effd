/** A port: one attachment to a network, in the wire shape of Neutron v2.0. */
import {
  type Attribute,
  COMMON_ATTRIBUTES,
  type Created,
  READ_ONLY,
  type Updated,
} from './validate/attributes.ts';
import { readAddressPairs, readFixedIps } from './validate/port-values.ts';
import {
  boolean,
  dictionary,
  list,
  macAddress,
  nullAs,
  oneOf,
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
  readonly revision_number: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export const PORT_ATTRIBUTES = {
  ...COMMON_ATTRIBUTES,
  network_id: { read: uuid, post: 'required', put: false },
  name: { read: text(255), post: 'optional', put: true, initial: '' },
  description: { read: text(255), post: 'optional', put: true, initial: '' },
  project_id: { read: text(255), post: 'optional', put: false },
  /** Left out: one is generated. */
  mac_address: { read: macAddress, post: 'optional', put: true },
  /** Left out: one address of each version that the network has; `[]`: none. */
  fixed_ips: { read: readFixedIps, post: 'optional', put: true },
  admin_state_up: { read: boolean, post: 'optional', put: true, initial: true },
  device_id: { read: nullAs('', text(255)), post: 'optional', put: true, initial: '' },
  device_owner: { read: nullAs('', text(255)), post: 'optional', put: true, initial: '' },
  /** Left out: what the network says. */
  port_security_enabled: { read: boolean, post: 'optional', put: true },
  security_groups: {
    read: nullAs([], list('security group', uuid)),
    post: 'optional',
    put: true,
    initial: [],
  },
  allowed_address_pairs: {
    read: nullAs([], readAddressPairs),
    post: 'optional',
    put: true,
    initial: [],
  },
  'binding:host_id': { read: nullAs('', text(255)), post: 'optional', put: true, initial: '' },
  'binding:vnic_type': {
    read: oneOf(['normal'], text(64)),
    post: 'optional',
    put: true,
    initial: 'normal',
  },
  'binding:profile': {
    read: nullAs({}, dictionary),
    post: 'optional',
    put: true,
    initial: {},
  },
  'binding:vif_type': READ_ONLY,
  'binding:vif_details': READ_ONLY,
} as const satisfies Record<string, Attribute>;

export type PortCreate = Created<typeof PORT_ATTRIBUTES>;
export type PortUpdate = Updated<typeof PORT_ATTRIBUTES>;
