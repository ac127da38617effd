/** Which QoS policy holds for a port, and for which ports a policy holds. */
import type { Intent } from './intent.ts';
import type { Port } from './port.ts';
import type { QosRule } from './qos.ts';
import { rulesOf } from './validate/qos.ts';

/** Ports of the network itself have a policy of their own or none, as in Neutron. */
const NETWORK_OWNED = 'network:';

/** The rules that hold for a port: its own policy's, or else its network's. In a fixed order. */
export function qosRulesOf(intent: Intent, port: Port): readonly QosRule[] {
  const policyId = port.qos_policy_id ?? inheritedPolicy(intent, port);
  return policyId === null ? NO_RULES : rulesOf(intent, policyId);
}

/** The ports that a policy holds for, or may: whoever has it, and all of a network that has it. */
export function* portsOfPolicy(intent: Intent, policyId: string): Generator<string> {
  yield* intent.members('portsOfQosPolicy', policyId).keys();
  for (const networkId of intent.members('networksOfQosPolicy', policyId).keys()) {
    yield* intent.members('portsOfNetwork', networkId).keys();
  }
}

const NO_RULES: readonly QosRule[] = [];

function inheritedPolicy(intent: Intent, port: Port): string | null {
  if (port.device_owner.startsWith(NETWORK_OWNED)) return null;
  return intent.get('network', port.network_id)?.qos_policy_id ?? null;
}
