/** The services that the controller answers for: who is asked what, with what the intent says. */
import {
  advertisersOf,
  answerDhcp4,
  answerDhcp6,
  answerSolicitation,
  answerTooBig,
  dhcp4Facts,
  dhcp6Facts,
  type ServiceSettings,
} from '../services/index.ts';
import type { Topology } from '../topology/index.ts';
import type { Answer, ServiceDeskOptions } from './service-desk.ts';

/** Neutron's `dhcp_lease_duration`. */
const LEASE_S = 86_400;

export function serviceHandlers(
  topology: Topology,
  { dnsDomain }: Pick<ServiceSettings, 'dnsDomain'>,
): ServiceDeskOptions['handlers'] {
  const settings = { dnsDomain, leaseS: LEASE_S };
  return {
    dhcpv4: (asker, { data }) => {
      const facts = dhcp4Facts(topology, asker, settings);
      return facts === undefined ? NO_ADDRESS : one(answerDhcp4(data, facts));
    },
    dhcpv6: (asker, { data }) => {
      const facts = dhcp6Facts(topology, asker, settings);
      return facts === undefined ? NO_ADDRESS : one(answerDhcp6(data, facts));
    },
    'router-solicitation': ({ network }, { data }) =>
      answerSolicitation(data, advertisersOf(topology, network, settings)),
    'packet-too-big': ({ network }, { data }) => one(answerTooBig(data, network.mtu)),
  };
}

const NO_ADDRESS = 'no address by DHCP';

function one(answer: Buffer | string): Answer {
  return typeof answer === 'string' ? answer : [answer];
}
