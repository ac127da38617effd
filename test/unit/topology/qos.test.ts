/**
 * Goal: the rules of a QoS policy never contradict each other, and hold wherever the policy is.
 * Method: the pure rules over records; what Neutron says for the same requests was looked up.
 */
import { describe, expect, test } from 'vitest';
import { port, qosPolicy } from '../../../lab/records.ts';
import {
  checkRule,
  checkRuleUse,
  QOS_RULE_ATTRIBUTES,
  type QosRule,
  readCreate,
  readUpdate,
  rulesOf,
} from '../../../src/topology/index.ts';
import { refusal, World } from './world.ts';

const POLICY = 'policy';

/** A world with one policy and these rules. */
function worldWith(...rules: readonly QosRule[]): World {
  const world = new World();
  world.save('qos_policy', POLICY, qosPolicy(POLICY));
  for (const rule of rules) world.save('qos_rule', rule.id, rule);
  return world;
}

const rule = (id: string, values: object): QosRule =>
  ({ id, qos_policy_id: POLICY, ...values }) as QosRule;

const limit = (max_kbps: number, direction = 'egress', id = `limit-${direction}`) =>
  rule(id, { type: 'bandwidth_limit', max_kbps, max_burst_kbps: 0, direction });
const promise = (min_kbps: number, direction = 'egress', id = `promise-${direction}`) =>
  rule(id, { type: 'minimum_bandwidth', min_kbps, direction });
const packets = (direction: string, id = `packets-${direction}`) =>
  rule(id, { type: 'minimum_packet_rate', min_kpps: 1, direction });
const dscp = (id: string) => rule(id, { type: 'dscp_marking', dscp_mark: 26 });

/** What a new rule is refused with among others; undefined when it is taken. */
function refused(added: QosRule, ...others: readonly QosRule[]): string | undefined {
  const { topology } = worldWith(...others);
  try {
    checkRule(topology, added, added);
    return undefined;
  } catch {
    return refusal(() => checkRule(topology, added, added))[0];
  }
}

describe('a rule', () => {
  test('is there once a type and direction', () => {
    expect(refused(limit(2, 'egress', 'new'), limit(1))).toBe('QoSRulesConflict');
    expect(refused(limit(2, 'ingress', 'new'), limit(1))).toBeUndefined();
    expect(refused(dscp('new'), dscp('old'))).toBe('QoSRulesConflict');
    expect(refused(dscp('new'), limit(1))).toBeUndefined();
  });

  test('is no double of itself', () => {
    expect(refused(limit(2), limit(1))).toBeUndefined();
  });

  test('promises no more than another allows, in whatever direction', () => {
    expect(refused(promise(2, 'ingress'), limit(1))).toBe('QoSRuleParameterConflict');
    expect(refused(limit(1), promise(2, 'ingress'))).toBe('QoSRuleParameterConflict');
    expect(refused(promise(1), limit(1))).toBeUndefined();
    expect(refused(limit(1), promise(1))).toBeUndefined();
  });

  test('whose rate a request leaves alone is not held against others', () => {
    const { topology } = worldWith(limit(1), promise(2, 'ingress'));
    const moved = promise(2, 'egress', 'promise-ingress');
    expect(() => checkRule(topology, moved, { direction: 'egress' })).not.toThrow();
    expect(refusal(() => checkRule(topology, moved, { min_kbps: 2 }))).toEqual([
      'QoSRuleParameterConflict',
      409,
      'Unable to add the rule with value 2 to the policy policy as the existing rule of type ' +
        'bandwidth_limit has value 1.',
    ]);
  });

  test('promises packets for each direction or for both together', () => {
    expect(refused(packets('any'), packets('egress'))).toBe('QoSRuleParameterConflict');
    expect(refused(packets('egress'), packets('any'))).toBe('QoSRuleParameterConflict');
    expect(refused(packets('egress'), packets('ingress'))).toBeUndefined();
    expect(refused(packets('egress', 'packets-any'), packets('any'))).toBeUndefined();
  });
});

test('rules keep their order by type and id, whenever they were made', () => {
  const rules = [promise(1), dscp('b'), limit(1, 'ingress', 'z'), limit(1, 'egress', 'a')];
  const { topology } = worldWith(...rules);
  expect(rulesOf(topology, POLICY).map(({ id }) => id)).toEqual(['a', 'z', 'b', 'promise-egress']);
});

test('what is promised is not changed under an instance', () => {
  const world = worldWith();
  const owned = { device_owner: 'compute:nova', qos_policy_id: POLICY };
  world.save('port', 'p', port('p', { network: 'v', mac: 'fa:16:3e:00:00:01', ips: [] }, owned));
  for (const changed of [promise(1), packets('any')]) {
    expect(refusal(() => checkRuleUse(world.topology, changed)).slice(0, 2)).toEqual([
      'NotImplementedError',
      501,
    ]);
  }
  expect(() => checkRuleUse(world.topology, dscp('d'))).not.toThrow();
});

describe('a request for a rule', () => {
  const { bandwidth_limit: limits, dscp_marking: marks } = QOS_RULE_ATTRIBUTES;

  test('needs its rate, and takes the rest from defaults', () => {
    expect(readCreate(limits, { max_kbps: '7' })).toEqual({
      max_kbps: 7,
      max_burst_kbps: 0,
      direction: 'egress',
    });
    expect(refusal(() => readCreate(limits, {}))[2]).toContain("'max_kbps' not specified");
  });

  test.each([
    [{ max_kbps: -1 }, "'-1' is too small - must be at least '0'"],
    [{ max_kbps: 2 ** 31 }, "'2147483648' is too large - must be no larger than '2147483647'"],
    [{ max_kbps: 'x' }, "'x' is not an integer"],
    [{ max_kbps: 1, direction: 'any' }, 'any is not in'],
    [{ max_kbps: 1, direction: 5 }, "'5' is not a valid string"],
    [{ max_kbps: 1, qos_policy_id: 'x' }, 'Unrecognized attribute'],
  ])('with %j is refused', (body, reason) => {
    const [, status, message] = refusal(() => readCreate(limits, body));
    expect([status, message]).toEqual([400, expect.stringContaining(reason)]);
  });

  test('takes code points that have a name', () => {
    expect(readUpdate(marks, { dscp_mark: '46' })).toEqual({ dscp_mark: 46 });
    for (const mark of [1, 64, -8, null]) {
      expect(refusal(() => readUpdate(marks, { dscp_mark: mark }))[1]).toBe(400);
    }
  });
});
