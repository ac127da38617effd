/**
 * Random rules of QoS policies, and who has which policy. Policies are no more than names here: a
 * rule may be of one that nobody has, and one that somebody has may have no rules, or two alike.
 */
import { qosRule } from '../../lab/records.ts';
import type { Network, Port, QosRule } from '../../src/topology/index.ts';
import { type Draft, type Edit, editOne } from './world-draft.ts';
import type { SeededRandom } from './world-random.ts';

const POLICIES = 3;
const RULES = 8;

const putRule: Edit = (random, draft) => {
  const id = `limit-${1 + random.integer(RULES)}`;
  draft.set(`qos_rule/${id}`, randomRule(random, id));
};

const deleteRule = editOne<QosRule>('qos_rule', (_, draft, { id }) => {
  draft.delete(`qos_rule/${id}`);
});

const editRate = editOne<QosRule>('qos_rule', (random, draft, old) => {
  const { id, type } = old;
  const rate = random.pick([0, 1000, 2000]);
  if (type === 'bandwidth_limit') draft.set(`qos_rule/${id}`, { ...old, max_kbps: rate });
  if (type === 'minimum_bandwidth') draft.set(`qos_rule/${id}`, { ...old, min_kbps: rate });
});

const editNetwork = editOne<Network>('network', (random, draft, old) => {
  draft.set(`network/${old.id}`, { ...old, qos_policy_id: randomPolicy(random) });
});

const editPort = editOne<Port>('port', (random, draft, old) => {
  draft.set(`port/${old.id}`, { ...old, qos_policy_id: randomPolicy(random) });
});

const editOwner = editOne<Port>('port', (random, draft, old) => {
  const device_owner = random.pick(['', 'compute:nova', 'network:dhcp']);
  draft.set(`port/${old.id}`, { ...old, device_owner });
});

export const QOS_EDITS: readonly Edit[] = [
  putRule,
  putRule,
  deleteRule,
  editRate,
  editNetwork,
  editPort,
  editPort,
  editOwner,
];

/** Adds most of what may exist. */
export function addQos(random: SeededRandom, draft: Draft): void {
  for (let i = 0; i < 12; i++) putRule(random, draft);
  for (let i = 0; i < 3; i++) editNetwork(random, draft);
  for (let i = 0; i < 6; i++) editPort(random, draft);
}

function randomRule(random: SeededRandom, id: string): QosRule {
  const policyId = `policy-${1 + random.integer(POLICIES)}`;
  const direction = random.pick(['ingress', 'egress'] as const);
  const rule = random.pick([
    { type: 'bandwidth_limit', max_kbps: 5000, max_burst_kbps: random.pick([0, 800]), direction },
    { type: 'packet_rate_limit', max_kpps: 2, max_burst_kpps: random.pick([0, 1]), direction },
    { type: 'dscp_marking', dscp_mark: random.pick([0, 10, 46] as const) },
    { type: 'minimum_bandwidth', min_kbps: 100, direction },
  ] as const);
  return qosRule(id, policyId, rule);
}

function randomPolicy(random: SeededRandom): string | null {
  return random.chance(0.3) ? null : `policy-${1 + random.integer(POLICIES)}`;
}
