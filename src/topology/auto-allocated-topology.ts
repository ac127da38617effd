/**
 * What was made for a project that asked for a network and named none: a network with subnets of
 * the default pools, and a router to the default external network. A project has it once.
 */
import { type AttributeTable, derived, STRING } from './validate/attributes.ts';

export interface AutoAllocatedTopology {
  /** The project's id. */
  readonly id: string;
  readonly network_id: string;
  /** Null when somebody has deleted the router. */
  readonly router_id: string | null;
}

export const AUTO_ALLOCATED_TOPOLOGY_ATTRIBUTES = {
  id: derived(STRING, { about: 'the network, made by the GET if there is none yet' }),
  project_id: derived(STRING, { about: 'whose it is' }),
  tenant_id: derived(STRING, { about: '`project_id`' }),
} as const satisfies AttributeTable;
