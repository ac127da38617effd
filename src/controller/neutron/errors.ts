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

export function securityGroupNotFound(id: string): IntentError {
  return intentError('SecurityGroupNotFound', { id });
}

export function addressGroupNotFound(id: string): IntentError {
  return intentError('AddressGroupNotFound', { address_group_id: id });
}

export function routerNotFound(id: string): IntentError {
  return intentError('RouterNotFound', { router_id: id });
}

export function floatingIpNotFound(id: string): IntentError {
  return intentError('FloatingIPNotFound', { floatingip_id: id });
}
