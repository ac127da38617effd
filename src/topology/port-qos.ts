/** Which QoS policy holds for a port, and for which ports a policy holds. */
import type { Port } from './port.ts';
import type { QosRule } from './qos.ts';
import type { Topology } from './topology.ts';
import { rulesOf } from './validate/qos.ts';

/** Ports of the network itself have a policy of their own or none, as in Neutron. */
const NETWORK_OWNED = 'network:';

/** The rules that hold for a port: its own policy's, or else its network's. In a fixed order. */
export function qosRulesOf(topology: Topology, port: Port): readonly QosRule[] {
  const policyId = port.qos_policy_id ?? inheritedPolicy(topology, port);
  return policyId === null ? NO_RULES : rulesOf(topology, policyId);
}

/** The ports that a policy holds for, or may: whoever has it, and all of a network that has it. */
export function* portsOfPolicy(topology: Topology, policyId: string): Generator<string> {
  yield* topology.members('portsOfQosPolicy', policyId).keys();
  for (const networkId of topology.members('networksOfQosPolicy', policyId).keys()) {
    yield* topology.members('portsOfNetwork', networkId).keys();
  }
}

const NO_RULES: readonly QosRule[] = [];

function inheritedPolicy(topology: Topology, port: Port): string | null {
  if (port.device_owner.startsWith(NETWORK_OWNED)) return null;
  return topology.get('network', port.network_id)?.qos_policy_id ?? null;
}
