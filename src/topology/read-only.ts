/** Attribute tables of what is only read: it follows from other records, or from hosts. */
import { type AttributeTable, BOOLEAN, derived, INTEGER, STRING } from './validate/attributes.ts';
import { FREE_OBJECT, orNull } from './validate/values.ts';

const USE = { used_ips: INTEGER, total_ips: INTEGER } as const;

const SUBNET_USES = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      subnet_id: STRING,
      subnet_name: STRING,
      cidr: STRING,
      ip_version: INTEGER,
      ...USE,
    },
  },
} as const;

export const NETWORK_IP_AVAILABILITY_ATTRIBUTES = {
  network_id: derived(STRING),
  network_name: derived(STRING),
  project_id: derived(STRING, { about: 'of the network' }),
  tenant_id: derived(STRING, { about: '`project_id`' }),
  used_ips: derived(USE.used_ips, { filter: 'none', about: 'addresses that ports have' }),
  total_ips: derived(USE.total_ips, { filter: 'none', about: 'of all allocation pools' }),
  subnet_ip_availability: derived(SUBNET_USES, { filter: 'none', about: 'the same by subnet' }),
} as const satisfies AttributeTable;

export const AGENT_ATTRIBUTES = {
  id: derived(STRING, {
    about: 'of hosts the `external_ids:system-id`; of controllers a UUID made of region and name',
  }),
  agent_type: derived(STRING, {
    about: 'of hosts `Open vSwitch agent`; a controller is one `DHCP agent` and one `L3 agent`',
  }),
  binary: derived(STRING, { about: 'of hosts `ovs-vswitchd`: nothing of ours runs there' }),
  topic: derived(STRING, { about: 'of hosts `N/A`' }),
  host: derived(STRING, { about: 'its host name, or the name of the controller' }),
  availability_zone: derived(orNull(STRING), { about: 'of hosts null: a switch is of every zone' }),
  admin_state_up: derived(BOOLEAN, { about: 'always true' }),
  alive: derived(BOOLEAN, {
    about: 'the controller that answers is connected to the host, or is it itself',
  }),
  created_at: derived(STRING, { about: 'when the host enrolled, or the controller started' }),
  started_at: derived(STRING, { about: '`created_at`' }),
  heartbeat_timestamp: derived(STRING, {
    about: 'now while it is alive, else its last audit, else `created_at`',
  }),
  description: derived(orNull(STRING), { about: 'always null' }),
  configurations: derived(FREE_OBJECT, {
    filter: 'none',
    about: 'of hosts its tunnels and its version',
  }),
  resources_synced: derived(orNull(BOOLEAN), { filter: 'none', about: 'always null' }),
} as const satisfies AttributeTable;

export const AVAILABILITY_ZONE_ATTRIBUTES = {
  name: derived(STRING, { about: 'a region is one zone: `nova`' }),
  resource: derived(STRING, { about: '`network` or `router`' }),
  state: derived(STRING, { about: 'always `available`' }),
} as const satisfies AttributeTable;

/** The only zone there is, by the name that clouds expect. */
export const ZONE = 'nova';
