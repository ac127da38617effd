/**
 * What DHCP and L3 agents host. By itself each agent hosts every network that wants DHCP, or every
 * router; a record stands where an operator has said otherwise.
 */
import { required } from './validate/attributes.ts';
import { text } from './validate/values.ts';

/** What an agent is given a network, or a router, by. */
export const DHCP_NETWORK_LINK = { network_id: required(text(255)) } as const;
export const L3_ROUTER_LINK = { router_id: required(text(255)) } as const;

/** What can be taken from an agent and given to it. */
export interface Hosted {
  readonly kind: 'network' | 'router';
  readonly id: string;
}

export interface AgentHosting {
  /** `hostingId`: one for each agent and what it hosts. */
  readonly id: string;
  readonly agent_id: string;
  readonly object_kind: Hosted['kind'];
  readonly object_id: string;
  readonly hosted: boolean;
}
