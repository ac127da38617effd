/**
 * Table DnsQueries: in a network whose ports have names, DNS queries of local ports are handed to
 * the controller, which answers those for names of the network and passes the others on. They come
 * here from where everything passes that a port may send, once its security groups have let it out:
 * so a query that goes on to a server has been judged as without names.
 *
 * A meter a port of its own, not that of services: a guest that resolves much still gets its
 * address, and one that floods loses its own queries alone.
 */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  DnsQueries,
  type FlowDraft,
  InPort,
  type MeterDraft,
  NeighborResponder,
  networkKey,
  PRIORITY,
  packetMeter,
  portMeter,
} from '../../pipeline/index.ts';
import type { CarriedNetwork } from '../inputs.ts';
import { UDP_OVER_IPV4, UDP_OVER_IPV6, UNICAST } from '../protocols.ts';

/** Packets a second of one port, and at once: what a busy mail server asks. */
const ASKING = { rate: 100, burst: 100 } as const;

const DNS_PORT = 53;

/** To somebody: no server is asked by multicast here (RFC 6762 has a port of its own). */
const QUERIES: readonly Match[] = [UDP_OVER_IPV4, UDP_OVER_IPV6].map((udp) => ({
  ...udp,
  udp_dst: DNS_PORT,
  eth_dst: UNICAST,
}));

export function takeQueries({ vni, isNamed, localPorts }: CarriedNetwork): FlowDraft[] {
  if (!isNamed) return [];
  const metadata = networkKey(vni);
  return [
    ...QUERIES.map((query) =>
      NeighborResponder.flow(PRIORITY.normal).match({ metadata }, query).goto(DnsQueries),
    ),
    ...localPorts.map((ofport) =>
      DnsQueries.flow(PRIORITY.normal)
        .match(InPort.is(ofport))
        .meter(portMeter('dns', ofport))
        .punt('dns')
        .done(),
    ),
  ];
}

export function queryMeters({ isNamed, localPorts }: CarriedNetwork): MeterDraft[] {
  return isNamed ? localPorts.map((port) => packetMeter(portMeter('dns', port), ASKING)) : [];
}
