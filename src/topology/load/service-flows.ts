/**
 * How many flows services of a network and logs of a port cost, by what the compiler makes of them
 * (docs/pipeline.md).
 */
import type { Intent } from '../intent.ts';
import type { Port } from '../port.ts';
import { type LoggedEvents, loggedEvents } from '../port-logs.ts';
import { hasDhcp, isAdvertised, type Subnet } from '../subnet.ts';

interface Row {
  readonly flows: number;
  readonly isOffered: (subnet: Subnet) => boolean;
}

/** One row a service: a question of its clients, and with DHCP of IPv4 who the server is. */
const SERVICES: readonly Row[] = [
  { flows: 2, isOffered: (subnet) => subnet.ip_version === 4 && hasDhcp(subnet) },
  { flows: 1, isOffered: (subnet) => subnet.ip_version === 6 && hasDhcp(subnet) },
  { flows: 1, isOffered: isAdvertised },
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

/** Of a port on its host, for the logs that look at it. */
export function logFlows(intent: Intent, port: Port): number {
  const events = loggedEvents(intent, port);
  return events === undefined ? 0 : flowsOfEvents(events);
}

/** Both ways. */
export function flowsOfEvents({ accept, drop }: LoggedEvents): number {
  return (accept ? 8 : 0) + (drop ? 4 : 0);
}
