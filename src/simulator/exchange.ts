/** A packet, and what the guest that gets it would answer: both ways through the fleet. */
import { ETH_TYPE, OFPVID_PRESENT } from '../openflow/constants.ts';
import type { FieldName } from '../openflow/oxm/index.ts';
import type { FleetSimulator, FleetTrace } from './fleet-simulator.ts';
import type { PacketFields } from './packet.ts';

/** Where a port is plugged in. */
export interface Place {
  readonly hostId: string;
  readonly ofport: number;
  /** VLAN that its packets are in there: 0 is none. */
  readonly vlan: number;
}

export interface Exchange {
  readonly request: FleetTrace;
  readonly isDelivered: boolean;
  /** Undefined when the packet did not arrive, or is of a kind that nobody answers. */
  readonly reply: FleetTrace | undefined;
  readonly isAnswered: boolean;
}

/**
 * Sends a packet from one port to another, and the answer back, which meets the connections that
 * the packet left. A receiver that is plugged in nowhere is undefined.
 */
export function exchange(
  fleet: FleetSimulator,
  { from, to }: { readonly from: Place; readonly to: Place | undefined },
  packet: PacketFields,
): Exchange {
  const request = sendFrom(fleet, from, packet);
  const isDelivered = arrives(request, to);
  const answer = isDelivered ? answerTo(packet) : undefined;
  const reply = to === undefined || answer === undefined ? undefined : sendFrom(fleet, to, answer);
  return { request, isDelivered, reply, isAnswered: reply !== undefined && arrives(reply, from) };
}

/** Sends a packet of a port, in the VLAN that it is in there. */
export function sendFrom(fleet: FleetSimulator, from: Place, packet: PacketFields): FleetTrace {
  return fleet.trace(from.hostId, from.ofport, inVlan(packet, from.vlan));
}

/** To a switch that reads one tag, which is the default (`vlan-limit`), a second is a protocol. */
export function inVlan(packet: PacketFields, vlan: number): PacketFields {
  if (vlan === 0) return packet;
  const { eth_src = 0, eth_dst = 0 } = packet;
  const inner = vlanOf(packet) === 0 ? packet : { eth_src, eth_dst, eth_type: ETH_TYPE.VLAN };
  return { ...inner, vlan_vid: OFPVID_PRESENT | vlan };
}

/** What a guest sends back; undefined for what has no answer, as an ICMP error. */
export function answerTo(packet: PacketFields): PacketFields | undefined {
  const answer: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(packet)) {
    const answered = ICMP_ANSWERS.get(field)?.get(Number(value));
    if (answered === undefined && ICMP_ANSWERS.has(field)) return undefined;
    answer[OTHER_END.get(field) ?? field] = answered ?? value;
  }
  if (packet.tcp_flags !== undefined) answer['tcp_flags'] = SYN | ACK;
  return answer as PacketFields;
}

/** Of a TCP segment that opens a connection, and with ACK of the answer to it. */
export const SYN = 0x02;
const ACK = 0x10;

const OTHER_END: ReadonlyMap<string, FieldName> = new Map(
  (['eth', 'ip', 'ipv6', 'tcp', 'udp', 'sctp'] as const).flatMap((layer) => [
    [`${layer}_src`, `${layer}_dst`] as const,
    [`${layer}_dst`, `${layer}_src`] as const,
  ]),
);

/** Echo, timestamp, information (RFC 792); echo (RFC 4443). */
const ICMP_ANSWERS: ReadonlyMap<string, ReadonlyMap<number, number>> = new Map([
  [
    'icmp_type',
    new Map([
      [8, 0],
      [13, 14],
      [15, 16],
    ]),
  ],
  ['icmpv6_type', new Map([[128, 129]])],
]);

function arrives({ delivered }: FleetTrace, at: Place | undefined): boolean {
  return delivered.some(
    ({ hostId, port, packet }) =>
      hostId === at?.hostId && port === at.ofport && vlanOf(packet) === at.vlan,
  );
}

/** VLAN that a packet is in; 0 is none. */
export function vlanOf({ vlan_vid = 0 }: PacketFields): number {
  return vlan_vid & ~OFPVID_PRESENT;
}
