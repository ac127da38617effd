/**
 * How many flows services of a network, and logs and QoS policies of a port cost, by what the
 * compiler makes of them (docs/pipeline.md).
 */
import type { Intent } from '../intent.ts';
import type { Port } from '../port.ts';
import { type LoggedEvents, loggedEvents } from '../port-logs.ts';
import { qosRulesOf } from '../port-qos.ts';
import type { QosRule } from '../qos.ts';
import { hasDhcp, isAdvertised, type Subnet } from '../subnet.ts';

interface Row {
  readonly flows: number;
  readonly isOffered: (subnet: Subnet) => boolean;
}

/**
 * One row a service: a question of its clients. Metadata has its address asked for and its
 * connections, by IPv4 and by IPv6; the one of IPv4 is also that of the DHCP server.
 */
const SERVICES: readonly Row[] = [
  { flows: 1, isOffered: (subnet) => subnet.ip_version === 4 && hasDhcp(subnet) },
  { flows: 1, isOffered: (subnet) => subnet.ip_version === 6 && hasDhcp(subnet) },
  { flows: 1, isOffered: isAdvertised },
  { flows: 4, isOffered: ({ enable_dhcp }) => enable_dhcp },
];

/** Of a network on each host that carries it. */
export function serviceFlows(intent: Intent, networkId: string): number {
  return offered([...intent.members('subnetsOfNetwork', networkId).values()]);
}

/** Of the services that some subnets offer together. */
export function offered(subnets: readonly Subnet[]): number {
  return SERVICES.filter(({ isOffered }) => subnets.some(isOffered)).reduce(
    (sum, { flows }) => sum + flows,
    0,
  );
}

/** Of a port on its host, for the logs that look at it and the QoS policy that holds for it. */
export function policyFlows(intent: Intent, port: Port): number {
  return logFlows(intent, port) + qosFlows(intent, port);
}

function logFlows(intent: Intent, port: Port): number {
  const events = loggedEvents(intent, port);
  return events === undefined ? 0 : flowsOfEvents(events);
}

/** Both ways. */
export function flowsOfEvents({ accept, drop }: LoggedEvents): number {
  return (accept ? 8 : 0) + (drop ? 4 : 0);
}

function qosFlows(intent: Intent, port: Port): number {
  const limits = { egress: new Set<string>(), ingress: new Set<string>() };
  let flows = 0;
  for (const rule of qosRulesOf(intent, port)) {
    if (rule.type === 'dscp_marking') flows = QOS_FLOWS_OF_RULE;
    else if (isLimit(rule)) limits[rule.direction].add(rule.type);
  }
  // The first limit of what a port sends is in a flow that is there anyhow.
  return flows + Math.max(0, limits.egress.size - 1) + limits.ingress.size;
}

/** Of one rule, at most: a mark has a flow for each version of IP. */
export const QOS_FLOWS_OF_RULE = 2;

type Limit = Extract<QosRule, { type: 'bandwidth_limit' | 'packet_rate_limit' }>;

function isLimit(rule: QosRule): rule is Limit {
  if (rule.type === 'bandwidth_limit') return rule.max_kbps > 0;
  return rule.type === 'packet_rate_limit' && rule.max_kpps > 0;
}
