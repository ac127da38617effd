/** A host: one hypervisor that enrolled, known by the `system-id` of its Open vSwitch. */
import type { TunnelType } from './network.ts';

export interface Host {
  /** `external_ids:system-id` of its Open_vSwitch row. */
  readonly id: string;
  readonly hostname: string;
  /** The address, IPv4 or IPv6, at which it receives tunnel packets. */
  readonly encap_ip: string;
  readonly encap_type: TunnelType;
  readonly ovs_version: string;
  /** Whether its switch can write the ND option fields that the ND responder needs. */
  readonly nd_extensions: boolean;
  /** Whether its way out is known, so that queues there keep what ports are promised. */
  readonly egress_queues: boolean;
  readonly enrolled_at: string;
}
