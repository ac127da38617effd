/** External networks: who may have gateways there, and what forbids to close one. */
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import { EVERYBODY, type RbacPolicy } from '../rbac-policy.ts';
import { gatewaysIn } from '../routing.ts';

/** The policies that open a network for gateways. */
export function externalPolicies(topology: Intent, networkId: string): readonly RbacPolicy[] {
  const policies = topology.members('policiesOfObject', networkId).values();
  return [...policies].filter(({ action }) => action === 'access_as_external');
}

/** Refuses to make a network the default one beside another. */
export function checkOnlyDefault(topology: Intent, networkId: string): void {
  for (const other of topology.members('defaultExternalNetworks', 'all').keys()) {
    if (other !== networkId) throw intentError('DefaultExternalNetworkExists', { net_id: other });
  }
}

export function checkNoGateways(topology: Intent, networkId: string): void {
  if (gatewaysIn(topology, networkId).length === 0) return;
  throw intentError('ExternalNetworkInUse', { net_id: networkId });
}

/**
 * Refuses a change of the policies of an external network, as they are after it, that takes away
 * from a project what its routers use.
 * @param taken who had it by the policy that goes
 */
export function checkGatewaysOpen(topology: Intent, networkId: string, taken: string): void {
  const open = new Set(externalPolicies(topology, networkId).map((it) => it.target_tenant));
  if (open.has(EVERYBODY)) return;
  const network = topology.get('network', networkId);
  if (taken === EVERYBODY && network?.is_default === true) {
    const details = 'Default external networks must be shared to everyone.';
    throw intentError('RbacPolicyInUse', { object_id: networkId, details });
  }
  const owners = gatewaysIn(topology, networkId).map(
    ({ device_id }) => topology.get('router', device_id)?.project_id ?? '',
  );
  const concerned = owners.filter((owner) => taken === EVERYBODY || taken === owner);
  if (concerned.every((owner) => open.has(owner))) return;
  const details =
    'There are routers attached to this network that depend on this policy for access.';
  throw intentError('RbacPolicyInUse', { object_id: networkId, details });
}
