/** Refusals that several use cases give. Types and texts are rows of topology's table. */
import { type IntentError, intentError } from '../../topology/index.ts';

export function networkNotFound(id: string): IntentError {
  return intentError('NetworkNotFound', { net_id: id });
}

export function subnetNotFound(id: string): IntentError {
  return intentError('SubnetNotFound', { subnet_id: id });
}

export function trunkNotFound(id: string): IntentError {
  return intentError('TrunkNotFound', { trunk_id: id });
}

export function qosPolicyNotFound(id: string): IntentError {
  return intentError('QosPolicyNotFound', { policy_id: id });
}

export function portNotFound(id: string): IntentError {
  return intentError('PortNotFound', { port_id: id });
}
