/** A network: one layer-2 segment of one tenant, in the wire shape of Neutron v2.0. */

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
