/** The services that the controller answers for: who is asked what, with what the intent says. */
import { answerDhcp4, type Dhcp4Settings, dhcp4Facts } from '../services/index.ts';
import type { Topology } from '../topology/index.ts';
import type { ServiceDeskOptions } from './service-desk.ts';

/** How long a guest may keep its address without asking again: Neutron's `dhcp_lease_duration`. */
const LEASE_S = 86_400;

export function serviceHandlers(
  topology: Topology,
  { dnsDomain }: Pick<Dhcp4Settings, 'dnsDomain'>,
): ServiceDeskOptions['handlers'] {
  const settings = { dnsDomain, leaseS: LEASE_S };
  return {
    dhcpv4: (asker, { data }) => {
      const facts = dhcp4Facts(topology, asker, settings);
      return facts === undefined ? 'no address by DHCP' : answerDhcp4(data, facts);
    },
  };
}
