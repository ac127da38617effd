/**
 * The table Metadata: connections of local ports to the metadata service, which the controller
 * serves itself (src/services/tcp). Its switch never sees the other direction as packets of a
 * conversation, so conntrack cannot follow one: it would take the second segment of the guest for
 * invalid.
 *
 * Therefore the security groups of the port judge the segment that opens a connection, with all
 * else that the guest sends; the later ones go round them. Without the opening they are worth
 * nothing, for the controller knows a connection by it alone.
 */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  EgressSecurity,
  type FlowDraft,
  InPort,
  Metadata,
  type MeterDraft,
  NeighborResponder,
  networkKey,
  PRIORITY,
  packetMeter,
  portMeter,
  Services,
} from '../../pipeline/index.ts';
import { METADATA_IPV6, SERVICE_IPV4, SERVICE_MAC } from '../../topology/index.ts';
import type { CarriedNetwork, LocalPort } from '../inputs.ts';
import { ND_SOLICIT, TCP_OVER_IPV4, TCP_OVER_IPV6 } from '../protocols.ts';

/**
 * Packets a second, and at once. A small answer takes seven of the guest, a large one an
 * acknowledgment for every second segment; a guest that boots asks some thirty times.
 */
const SENDING = { rate: 100, burst: 300 } as const;

const HTTP = 80;
/** The MAC address comes first: of all other packets the fast path need not look at more. */
const SEGMENTS: readonly Match[] = [
  { ...TCP_OVER_IPV4, eth_dst: SERVICE_MAC, ip_dst: SERVICE_IPV4, tcp_dst: HTTP },
  { ...TCP_OVER_IPV6, eth_dst: SERVICE_MAC, ipv6_dst: METADATA_IPV6, tcp_dst: HTTP },
];

const SYN = 0x002;
const NOT_OPENING = { tcp_flags: { value: 0, mask: SYN } } as const;

/** Segments of connections that were judged when they were opened. */
export function passSegments(): FlowDraft[] {
  return SEGMENTS.map((segment) =>
    EgressSecurity.flow(PRIORITY.exception).match(segment, NOT_OPENING).goto(Services),
  );
}

/**
 * In a network that has metadata. Who has its IPv6 address is answered by the controller as well: a
 * kernel datapath cannot write the answer, and without a controller nobody has it.
 */
export function askMetadata({ vni, services }: CarriedNetwork): FlowDraft[] {
  if (!services.includes('metadata')) return [];
  const metadata = networkKey(vni);
  return [...SEGMENTS, { ...ND_SOLICIT, nd_target: METADATA_IPV6 }].map((match) =>
    NeighborResponder.flow(PRIORITY.guard).match({ metadata }, match).goto(Metadata),
  );
}

export function puntMetadata({ ofport }: LocalPort): FlowDraft {
  return Metadata.flow(PRIORITY.normal)
    .match(InPort.is(ofport))
    .meter(portMeter('metadata', ofport))
    .punt('metadata')
    .done();
}

export function metadataMeter({ ofport }: LocalPort): MeterDraft {
  return packetMeter(portMeter('metadata', ofport), SENDING);
}
