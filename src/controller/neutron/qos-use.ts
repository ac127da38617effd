/** Who has which QoS policy: what networks, ports and sharing ask of it. */
import { intentError, type Network, type Port, type QosPolicy } from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { qosPolicyNotFound } from './errors.ts';
import { isAllowed } from './policy.ts';

/** A policy that the requester may give to something; undefined for none. */
function usablePolicy({ topology, requester }: Draft, id: string | null): QosPolicy | undefined {
  if (id === null) return undefined;
  const policy = topology.get('qos_policy', id);
  if (policy === undefined || !isAllowed('get_policy', requester, policy, topology)) {
    throw qosPolicyNotFound(id);
  }
  return policy;
}

/**
 * The policy that a floating IP or a gateway is to have, and has now: any rule will do. What it has
 * it may keep, though the requester does not see it.
 */
export function checkAddressPolicy(draft: Draft, wanted: string | null, has: string | null): void {
  if (wanted !== has) usablePolicy(draft, wanted);
}

/** What a network gets must be there still when it gets it. */
export function applyNetworkPolicy(draft: Draft, network: Network): void {
  const policy = usablePolicy(draft, network.qos_policy_id);
  if (policy !== undefined) draft.expect('qos_policy', policy.id);
}

/**
 * A policy of its own a port touches: a rule that is decided where the port is not known yet must
 * be decided again (see `checkRuleUse`). For that of the network ports would wait for each other.
 */
export function applyPortPolicy(draft: Draft, port: Port): void {
  const own = usablePolicy(draft, port.qos_policy_id)?.id;
  if (own !== undefined) draft.touch('qos_policy', own);
}

/** Refuses to take away a policy that the requester cannot see: an operator has put it there. */
export function checkMayReplacePolicy({ topology, requester }: Draft, id: string | null): void {
  const policy = id === null ? undefined : topology.get('qos_policy', id);
  if (policy === undefined || isAllowed('get_policy', requester, policy, topology)) return;
  throw intentError('PolicyRemoveAuthorizationError', { policy_id: policy.id });
}

/** The policy that new networks of a project get when they name none. */
export function defaultPolicyOf({ topology }: Draft, projectId: string): string | null {
  for (const policy of topology.ofProject('qos_policy', projectId).values()) {
    if (policy.is_default) return policy.id;
  }
  return null;
}
