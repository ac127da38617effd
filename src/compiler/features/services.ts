/**
 * Tables Services, ServiceMeter and ServicePunt: questions of local ports that the controller
 * answers itself. A few flows a network say what its ports may ask for; one flow and one meter a
 * port see to it that a port which asks too much is the one that gets no answer.
 *
 * The address of services is asked for by ARP as any other; it has no port, so the network answers.
 */
import { ICMPV6_TYPE } from '../../openflow/constants.ts';
import type { Match } from '../../openflow/oxm/index.ts';
import {
  ANSWERED_SERVICES,
  type AnsweredService,
  ArpReply,
  ASKED_SERVICES,
  type AskedService,
  type FlowDraft,
  InPort,
  type MeterDraft,
  NeighborResponder,
  networkKey,
  PRIORITY,
  packetMeter,
  portMeter,
  SERVICE_MARKS,
  ServiceMeter,
  ServicePunt,
  Services,
} from '../../pipeline/index.ts';
import { SERVICE_IPV4, SERVICE_MAC } from '../../topology/index.ts';
import type { CarriedNetwork, LocalPort } from '../inputs.ts';
import { ARP_REQUEST, DHCP, ICMPV6, UDP_OVER_IPV4, UDP_OVER_IPV6 } from '../protocols.ts';

/**
 * Packets a second that one port may ask, and at once: a guest that boots asks a dozen times, one
 * that resends does so every second.
 */
const ASKING = { rate: 20, burst: 40 } as const;

/** What a question looks like. Port security has seen to who asks. */
const QUESTIONS: Readonly<Record<AskedService, Match>> = {
  dhcpv4: { ...UDP_OVER_IPV4, udp_src: DHCP.CLIENT, udp_dst: DHCP.SERVER },
  dhcpv6: { ...UDP_OVER_IPV6, udp_src: DHCP.V6_CLIENT, udp_dst: DHCP.V6_SERVER },
  'router-solicitation': { ...ICMPV6, icmpv6_type: ICMPV6_TYPE.ROUTER_SOLICIT },
};

/** What the ports of a network may ask for; the rest goes on. */
export function askServices({ vni, services }: CarriedNetwork): FlowDraft[] {
  const metadata = networkKey(vni);
  return [
    ...ASKED_SERVICES.filter((service) => services.includes(service)).map((service) =>
      Services.flow(PRIORITY.normal)
        .match({ metadata }, QUESTIONS[service])
        .mark(SERVICE_MARKS[service])
        .goto(ServiceMeter),
    ),
    // Where DHCP is there is metadata, which is asked for at the same address.
    ...(services.includes('metadata') ? [answerForServices(vni)] : []),
  ];
}

/** Whoever asks, and also who asks again whether the address is still there: it always is. */
function answerForServices(vni: number): FlowDraft {
  return NeighborResponder.flow(PRIORITY.normal)
    .match({ metadata: networkKey(vni) }, ARP_REQUEST, { arp_tpa: SERVICE_IPV4 })
    .move('eth_src', 'eth_dst')
    .setField('eth_src', SERVICE_MAC)
    .goto(ArpReply);
}

export function meterServices({ ofport }: LocalPort): FlowDraft {
  return ServiceMeter.flow(PRIORITY.normal)
    .match(InPort.is(ofport))
    .meter(portMeter('services', ofport))
    .goto(ServicePunt);
}

export function serviceMeter({ ofport }: LocalPort): MeterDraft {
  return packetMeter(portMeter('services', ofport), ASKING);
}

export function puntServices(): FlowDraft[] {
  return ANSWERED_SERVICES.map((service) =>
    ServicePunt.flow(PRIORITY.normal)
      .matchMark(SERVICE_MARKS[service])
      .punt(service, BYTES[service])
      .done(),
  );
}

/** Of packets that are not needed whole: what an ICMPv6 error quotes, at most. */
const BYTES: Readonly<Partial<Record<AnsweredService, number>>> = { 'packet-too-big': 1280 };
