/** How ports are plugged, in os-vif's terms: what Nova reads of a binding. */
import type { Intent, Port } from '../../topology/index.ts';
import type { View } from './resource-type.ts';

/** How a host plugs a bound port: the filter is ours, the bridge is known. */
const VIF_DETAILS = {
  port_filter: true,
  connectivity: 'l2',
  ovs_hybrid_plug: false,
  bridge_name: 'br-int',
} as const;

const NO_DETAILS = {};

export type VifType = 'ovs' | 'unbound' | 'binding_failed';

/** Nova reads the answer to its own `binding:host_id` at once, before anything is plugged. */
export function vifType(port: Port, topology: Intent): VifType {
  const isPlugged = topology.get('binding', port.id) !== undefined;
  return isPlugged ? 'ovs' : vifTypeOf(port['binding:host_id'], port['binding:vnic_type']);
}

/** Of a port, or a binding, at a host: we serve what is plugged into its switch. */
export function vifTypeOf(host: string, vnicType: string): VifType {
  if (host === '') return 'unbound';
  return vnicType === 'normal' ? 'ovs' : 'binding_failed';
}

export function vifDetails(type: VifType): View {
  return type === 'ovs' ? VIF_DETAILS : NO_DETAILS;
}
