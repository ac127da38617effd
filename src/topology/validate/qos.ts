/** QoS: from checked requests to policies and rules, and which rules do not go together. */
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import type { Port } from '../port.ts';
import {
  QOS_RULE_TYPES,
  type QosPolicy,
  type QosPolicyCreate,
  type QosPolicyUpdate,
  type QosRule,
} from '../qos.ts';
import { type Birth, born, touched } from './birth.ts';

export function freshQosPolicy(given: QosPolicyCreate, birth: Birth): QosPolicy {
  const { name, description, is_default } = given;
  return { name, description, is_default, ...born(birth, given) };
}

export function updatedQosPolicy(
  policy: QosPolicy,
  given: Omit<QosPolicyUpdate, 'shared'>,
  at: string,
): QosPolicy {
  return { ...policy, ...given, ...touched(policy, at) };
}

/** A policy's record after one of its rules came, changed or went. */
export function touchedQosPolicy(policy: QosPolicy, at: string): QosPolicy {
  return { ...policy, ...touched(policy, at) };
}

/** The rules of a policy in an order that stays: by type, and within a type by id. */
export function rulesOf(intent: Intent, policyId: string): QosRule[] {
  const rank = ({ type }: QosRule): number => QOS_RULE_TYPES.indexOf(type);
  return [...intent.members('rulesOfQosPolicy', policyId).values()].sort(
    (a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1),
  );
}

/**
 * Refuses a rule that does not go with the others of its policy.
 * @param given what the request names: values that it does not change are not held against it
 */
export function checkRule(intent: Intent, rule: QosRule, given: object): void {
  const others = rulesOf(intent, rule.qos_policy_id).filter(({ id }) => id !== rule.id);
  for (const other of others) checkBandwidth(rule, other, given);
  for (const other of others) checkMixed(rule, other);
  for (const other of others) {
    if (!isDouble(rule, other)) continue;
    const policy_id = rule.qos_policy_id;
    throw intentError('QoSRulesConflict', {
      new_rule_type: rule.type,
      rule_id: other.id,
      policy_id,
    });
  }
}

/** Nothing can be promised that is more than what is allowed, in whatever direction. */
function checkBandwidth(rule: QosRule, other: QosRule, given: object): void {
  const isLower = rule.type === 'bandwidth_limit' && other.type === 'minimum_bandwidth';
  if (isLower && 'max_kbps' in given && other.min_kbps > rule.max_kbps) {
    throw parameterConflict(rule.max_kbps, other, other.min_kbps);
  }
  const isHigher = rule.type === 'minimum_bandwidth' && other.type === 'bandwidth_limit';
  if (isHigher && 'min_kbps' in given && other.max_kbps < rule.min_kbps) {
    throw parameterConflict(rule.min_kbps, other, other.max_kbps);
  }
}

/** Packet rates are promised for each direction or for both together. */
function checkMixed(rule: QosRule, other: QosRule): void {
  if (rule.type !== 'minimum_packet_rate' || other.type !== rule.type) return;
  if ((rule.direction === 'any') === (other.direction === 'any')) return;
  throw parameterConflict(rule.direction, other, other.direction);
}

function parameterConflict(value: number | string, other: QosRule, existing: number | string) {
  return intentError('QoSRuleParameterConflict', {
    rule_value: value,
    policy_id: other.qos_policy_id,
    existing_rule: other.type,
    existing_value: existing,
  });
}

function isDouble(rule: QosRule, other: QosRule): boolean {
  if (rule.type !== other.type) return false;
  return directionOf(rule) === directionOf(other);
}

function directionOf(rule: QosRule): string {
  return 'direction' in rule ? rule.direction : '';
}

/** The ports that a policy holds for: those that have it, and those that have it of a network. */
function* portsUnder(intent: Intent, policyId: string): Iterable<Port> {
  yield* intent.members('portsOfQosPolicy', policyId).values();
  for (const networkId of intent.members('networksOfQosPolicy', policyId).keys()) {
    for (const port of intent.members('portsOfNetwork', networkId).values()) {
      if (port.qos_policy_id === null) yield port;
    }
  }
}

const COMPUTE = 'compute:';
const TRACKED = 'Cannot update QoS policies/rules backed by resources tracked in Placement';

/**
 * What is promised to a running instance was counted when it was placed, so such rules stay. Call
 * it when the rule has come, changed or gone in `intent`.
 */
export function checkRuleUse(intent: Intent, { type, qos_policy_id: policyId }: QosRule): void {
  if (type !== 'minimum_bandwidth' && type !== 'minimum_packet_rate') return;
  for (const { device_owner } of portsUnder(intent, policyId)) {
    if (!device_owner.startsWith(COMPUTE)) continue;
    throw intentError('NotImplementedError', { msg: TRACKED });
  }
}

export function checkQosPolicyDelete(intent: Intent, id: string): void {
  const [port] = intent.members('portsOfQosPolicy', id).keys();
  if (port !== undefined) throw inUse(id, 'port', port);
  const [network] = intent.members('networksOfQosPolicy', id).keys();
  if (network !== undefined) throw inUse(id, 'network', network);
  const [fip] = intent.members('floatingIpsOfQosPolicy', id).keys();
  if (fip !== undefined) throw inUse(id, 'fip', fip);
  const [router] = intent.members('routersOfQosPolicy', id).keys();
  if (router !== undefined) throw inUse(id, 'router', router);
}

function inUse(policyId: string, type: string, id: string) {
  return intentError('QosPolicyInUse', {
    policy_id: policyId,
    object_type: type,
    object_id: id,
  });
}
