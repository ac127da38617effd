/** A port: one attachment to a network, in the wire shape of Neutron v2.0. */

export interface FixedIp {
  readonly subnet_id: string;
  /** Canonical text: dotted quad, or compressed IPv6 (RFC 5952). */
  readonly ip_address: string;
}

export interface AddressPair {
  /** An address or a CIDR. */
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
