/**
 * DHCP and routing have no daemons here: controllers and flows serve them everywhere. To clients
 * that look for agents of theirs the controller that answers reads as one of each; it does not know
 * which others there are.
 */
import type { Clock } from '../../lib/clock.ts';
import { namedUuid } from '../../lib/named-uuid.ts';
import { timestamp, ZONE } from '../../topology/index.ts';
import { spaced } from './agent-times.ts';
import type { View } from './resource-type.ts';

/** Who this controller is. */
export interface Self {
  readonly region: string;
  readonly controllerId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export const DHCP_AGENT = 'DHCP agent';
export const L3_AGENT = 'L3 agent';

/** The namespace of the ids of our agents, chosen once at random. */
const AGENTS = '2b9f6e57-0c0f-4d0b-9a52-6a1f6a2d8c41';

const SERVICES = [
  { agent_type: DHCP_AGENT, binary: 'neutron-dhcp-agent', topic: 'dhcp_agent', configurations: {} },
  {
    agent_type: L3_AGENT,
    binary: 'neutron-l3-agent',
    topic: 'l3_agent',
    // Of Neutron's modes the one that takes routers of every kind.
    configurations: { agent_mode: 'dvr_snat' },
  },
] as const;

/** The agents of this controller as they are now; their ids outlive a restart. */
export function serviceAgents(self: Self, clock: Clock): () => readonly View[] {
  const { region, controllerId, startedAt } = self;
  const started = spaced(timestamp(startedAt));
  const agents = SERVICES.map((service) => ({
    id: namedUuid(AGENTS, `${region}/${controllerId}/${service.binary}`),
    ...service,
    host: controllerId,
    availability_zone: ZONE,
    admin_state_up: true,
    alive: true,
    created_at: started,
    started_at: started,
    description: null,
    resources_synced: null,
  }));
  return () => {
    const now = spaced(timestamp(clock.wallTimeMs()));
    return agents.map((agent) => ({ ...agent, heartbeat_timestamp: now }));
  };
}
