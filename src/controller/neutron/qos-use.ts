/** Who has which QoS policy: what networks, ports and sharing ask of it. */
import {
  checkNetworkQos,
  checkPortQos,
  intentError,
  type Network,
  type Port,
  type QosPolicy,
} from '../../topology/index.ts';
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

/** The rules of the policy must hold when the network gets it: none comes meanwhile. */
export function applyNetworkPolicy(draft: Draft, network: Network): void {
  const policy = usablePolicy(draft, network.qos_policy_id);
  if (policy === undefined) return;
  draft.expect('qos_policy', policy.id);
  checkNetworkQos(draft.topology, policy.id, network);
}

/**
 * As for networks; a port without a policy of its own has that of its network. One of its own it
 * touches: a rule that is decided where the port is not known yet must be decided again. For that
 * of the network ports would wait for each other, and Neutron lets the network have such a rule.
 */
export function applyPortPolicy(draft: Draft, port: Port): void {
  const own = usablePolicy(draft, port.qos_policy_id)?.id;
  const id = own ?? draft.topology.get('network', port.network_id)?.qos_policy_id ?? undefined;
  if (id === undefined) return;
  if (own === undefined) draft.expect('qos_policy', id);
  else draft.touch('qos_policy', id);
  checkPortQos(draft.topology, id, port);
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
