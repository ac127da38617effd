/** Which networks DHCP agents host, and which routers L3 agents: what operators say is kept. */
import {
  DHCP_NETWORK_LINK,
  type Hosted,
  hostingId,
  intentError,
  isHosted,
  isHostedUntold,
  L3_ROUTER_LINK,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { networkNotFound, routerNotFound } from './errors.ts';
import type { Tie } from './readings.ts';
import type { View } from './resource-type.ts';
import { DHCP_AGENT, L3_AGENT } from './service-agents.ts';

const network = (id: string): Hosted => ({ kind: 'network', id });
const router = (id: string): Hosted => ({ kind: 'router', id });

const NETWORKS_OF_DHCP_AGENTS: Tie = {
  name: 'dhcp-networks',
  singular: 'dhcp-network',
  kind: 'network',
  member: 'network_id',
  body: DHCP_NETWORK_LINK,
  back: 'dhcp-agents',
  otherNotFound: networkNotFound,
  isTied: (topology, agent, id) =>
    isOf(agent, DHCP_AGENT) && isHosted(topology, idOf(agent), network(id)),

  add: (draft, agent, network_id) => {
    const agent_id = idOf(agent);
    if (!isOf(agent, DHCP_AGENT)) throw intentError('InvalidDHCPAgent', { id: agent_id });
    if (isHosted(draft.topology, agent_id, network(network_id))) {
      throw intentError('NetworkHostedByDHCPAgent', { network_id, agent_id });
    }
    say(draft, agent_id, { ...network(network_id), hosted: true });
  },

  drop: (draft, agent, network_id) => {
    const agent_id = idOf(agent);
    if (!NETWORKS_OF_DHCP_AGENTS.isTied(draft.topology, agent, network_id)) {
      throw intentError('NetworkNotHostedByDhcpAgent', { network_id, agent_id });
    }
    say(draft, agent_id, { ...network(network_id), hosted: false });
  },
};

/** Several agents may host a router, as Neutron has it for routers that are highly available. */
const ROUTERS_OF_L3_AGENTS: Tie = {
  name: 'l3-routers',
  singular: 'l3-router',
  kind: 'router',
  member: 'router_id',
  body: L3_ROUTER_LINK,
  back: 'l3-agents',
  otherNotFound: routerNotFound,
  isTied: (topology, agent, id) =>
    isOf(agent, L3_AGENT) && isHosted(topology, idOf(agent), router(id)),

  add: (draft, agent, id) => {
    if (!isOf(agent, L3_AGENT)) throw intentError('InvalidL3Agent', { id: idOf(agent) });
    say(draft, idOf(agent), { ...router(id), hosted: true });
  },

  drop: (draft, agent, id) => {
    if (draft.topology.get('router', id) === undefined) throw routerNotFound(id);
    if (isOf(agent, L3_AGENT)) say(draft, idOf(agent), { ...router(id), hosted: false });
  },
};

export const AGENT_TIES: readonly Tie[] = [NETWORKS_OF_DHCP_AGENTS, ROUTERS_OF_L3_AGENTS];

/** Keeps what was said where the agent would do otherwise by itself. */
function say(draft: Draft, agentId: string, said: Hosted & { readonly hosted: boolean }): void {
  const id = hostingId(agentId, said);
  const { kind, id: object_id, hosted } = said;
  if (hosted === isHostedUntold(draft.topology, said))
    return draft.deleteIfAny('agent_hosting', id);
  draft.expect('agent_hosting', id);
  draft.put('agent_hosting', id, {
    id,
    agent_id: agentId,
    object_kind: kind,
    object_id,
    hosted,
  });
}

function isOf(agent: View, type: string): boolean {
  return agent['agent_type'] === type;
}

function idOf(agent: View): string {
  return String(agent['id']);
}
