/**
 * Agents: there are none, for nothing of ours runs on a host. To operators and clients that look
 * for them each enrolled host reads as one, alive while we are connected to it; and this controller
 * as those of the services that need no host.
 */
import type { Clock } from '../../lib/clock.ts';
import { AGENT_ATTRIBUTES, type Host, intentError, timestamp } from '../../topology/index.ts';
import { AGENT_TIES } from './agent-ties.ts';
import { spaced } from './agent-times.ts';
import type { ReadingType } from './readings.ts';
import type { View } from './resource-type.ts';
import { type Self, serviceAgents } from './service-agents.ts';

/** A host as this controller sees it. */
export interface HostSight {
  readonly id: string;
  readonly state: string;
  readonly last_audit: string | null;
}

/** States in which a host is not connected to this controller. */
const AWAY: ReadonlySet<string> = new Set(['lost']);

/** What agents are made of, besides the records of hosts. */
export interface AgentSources {
  readonly hosts: () => readonly HostSight[];
  readonly self: Self;
  readonly clock: Clock;
}

export function agents({ hosts: sights, self, clock }: AgentSources): ReadingType {
  const own = serviceAgents(self, clock);
  const view = (host: Host, sight: HostSight | undefined): View => agentOf(host, sight, clock);
  return {
    singular: 'agent',
    plural: 'agents',
    attributes: AGENT_ATTRIBUTES,
    notFound: (id) => intentError('AgentNotFound', { id }),
    ties: AGENT_TIES,
    *items(topology) {
      const byId = new Map(sights().map((sight) => [sight.id, sight]));
      for (const host of topology.list('host')) yield view(host, byId.get(host.id));
      yield* own();
    },
    item: (id, topology) => {
      const host = topology.get('host', id);
      const sight = sights().find((one) => one.id === id);
      return host === undefined ? own().find((one) => one['id'] === id) : view(host, sight);
    },
  };
}

function agentOf(host: Host, sight: HostSight | undefined, clock: Clock): View {
  const alive = sight !== undefined && !AWAY.has(sight.state);
  const last = alive ? timestamp(clock.wallTimeMs()) : (sight?.last_audit ?? host.enrolled_at);
  return {
    id: host.id,
    agent_type: 'Open vSwitch agent',
    binary: 'ovs-vswitchd',
    topic: 'N/A',
    host: host.hostname,
    availability_zone: null,
    admin_state_up: true,
    alive,
    created_at: spaced(host.enrolled_at),
    started_at: spaced(host.enrolled_at),
    heartbeat_timestamp: spaced(last),
    description: null,
    configurations: {
      tunnel_types: [host.encap_type],
      tunneling_ip: host.encap_ip,
      ovs_version: host.ovs_version,
    },
    resources_synced: null,
  };
}
