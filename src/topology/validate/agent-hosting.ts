/** Whether an agent hosts a network or router. */
import type { Hosted } from '../agent-hosting.ts';
import type { Intent } from '../intent.ts';

/** One record for each agent and what it hosts: two operators cannot both be the first. */
export function hostingId(agentId: string, { id }: Hosted): string {
  return `${id}:${agentId}`;
}

/** Whether an agent hosts it: as an operator said, else as it does by itself. */
export function isHosted(intent: Intent, agentId: string, object: Hosted): boolean {
  const said = intent.get('agent_hosting', hostingId(agentId, object));
  return said?.hosted ?? isHostedUntold(intent, object);
}

/** Whether every agent hosts it of which nobody has said otherwise. */
export function isHostedUntold(intent: Intent, { kind, id }: Hosted): boolean {
  if (kind === 'router') return intent.get('router', id) !== undefined;
  const subnets = [...intent.members('subnetsOfNetwork', id).values()];
  return subnets.some(({ enable_dhcp }) => enable_dhcp);
}
