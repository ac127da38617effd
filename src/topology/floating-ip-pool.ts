/**
 * A pool of floating IPs: a subnet that they come from. It is not stored: subnets are what it is.
 */
import { derived, STRING } from './validate/attributes.ts';

export const FLOATING_IP_POOL_ATTRIBUTES = {
  subnet_id: derived(STRING, { filter: 'none' }),
  subnet_name: derived(STRING, { filter: 'none' }),
  network_id: derived(STRING, { filter: 'none' }),
  cidr: derived(STRING, { filter: 'none' }),
  project_id: derived(STRING, { filter: 'none', about: 'who asks' }),
  tenant_id: derived(STRING, { filter: 'none', about: '`project_id`' }),
} as const;
