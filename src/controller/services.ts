/** The services that the controller answers for: who is asked what, with what the intent says. */
import {
  advertisersOf,
  answerDhcp4,
  answerDhcp6,
  answerDns,
  answerSolicitation,
  answerTooBig,
  dhcp4Facts,
  dhcp6Facts,
  ethernetSource,
  NetworkNames,
  type ServiceSettings,
} from '../services/index.ts';
import { formatMac, learnsMacs, type PluggedPort, type Topology } from '../topology/index.ts';
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
      if (isBehind(asker, data)) return 'for another MAC address';
      const facts = dhcp6Facts(topology, asker, settings);
      return facts === undefined ? NO_ADDRESS : one(answerDhcp6(data, facts));
    },
    'router-solicitation': ({ network }, { data }) =>
      answerSolicitation(data, advertisersOf(topology, network, settings)),
    'packet-too-big': ({ network }, { data }) => one(answerTooBig(data, network.mtu)),
    dns: ({ network }, { data }) =>
      one(answerDns(data, new NetworkNames(topology, network, settings))),
  };
}

/** Clients of DHCPv6 are called otherwise than by their MAC addresses, and ask for the port. */
function isBehind({ port }: PluggedPort, data: Buffer): boolean {
  if (!learnsMacs(port)) return false;
  const source = ethernetSource(data);
  return source === undefined || formatMac(source) !== port.mac_address;
}

const NO_ADDRESS = 'no address by DHCP';

function one(answer: Buffer | Exclude<Answer, readonly Buffer[]>): Answer {
  return Buffer.isBuffer(answer) ? [answer] : answer;
}
