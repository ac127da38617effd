/** How ports are plugged, in os-vif's terms: what Nova reads of a binding. */
import {
  givenVifName,
  type Intent,
  intentError,
  type Port,
  vifClaim,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
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

/**
 * A port may name its VIF. Another that names the same is found by the claim; one whose id it is
 * needs none, so that the commit goes through only while there is no such port.
 */
export function checkVifName(draft: Draft, port: Port, before?: Port): void {
  const name = givenVifName(port);
  if (name === undefined || name === port.id) return;
  draft.name([vifClaim(name)]);
  if (before !== undefined && givenVifName(before) === name) return;
  if (draft.topology.get('port', name) !== undefined) {
    throw intentError('VifNameInUse', { name, port_id: name });
  }
  draft.expect('port', name);
}
