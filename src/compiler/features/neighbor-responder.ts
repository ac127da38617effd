/**
 * Tables NeighborResponder, ArpReply and NdReply: who has a known address is answered where it was
 * asked, so that it costs one flow an address and no broadcast.
 *
 * Only what was sent to everybody is answered. A unicast request asks whether the owner is still
 * there (RFC 1122 2.3.2.1, RFC 4861 7.3), which only the owner can say.
 */
import { ARP_OP, ICMPV6_TYPE } from '../../openflow/constants.ts';
import {
  ArpReply,
  type FlowBuilder,
  type FlowDraft,
  InPort,
  NdReply,
  NeighborResponder,
  networkKey,
  Output,
  OutputPort,
  PRIORITY,
  Scratch,
  StormControl,
  Told,
} from '../../pipeline/index.ts';
import type { LocalPort, RemotePort } from '../inputs.ts';
import type { PortFacts } from '../port-facts.ts';
import {
  ARP,
  ARP_REQUEST,
  BROADCAST_MAC,
  IPV6_MULTICAST_MAC,
  ND_ADVERT,
  ND_SOLICIT,
} from '../protocols.ts';
import { heardBy } from './isolation.ts';

/** Flags of an advertisement: solicited and override (RFC 4861 4.4). */
const SOLICITED_OVERRIDE = 0x6000_0000;
const TARGET_LINK_LAYER_ADDRESS = 2;

/**
 * One flow an address. It puts the requester and the owner in the Ethernet header; the reply
 * tables make the rest from there.
 */
export function answerFor(port: LocalPort | RemotePort): FlowDraft[] {
  const { vni, facts, answersNd } = port;
  return [...answerArp(vni, facts), ...(answersNd ? answerNd(vni, facts) : [])];
}

/**
 * A guest that asks for its own address looks for somebody else who has it (RFC 5227 2.1.1,
 * RFC 4862 5.4): the question goes to everybody, for an answer of ours would be a conflict.
 */
export function floodOwnProbes({ ofport, facts, answersNd }: LocalPort): FlowDraft[] {
  const own = InPort.is(ofport);
  const flow = () => NeighborResponder.flow(PRIORITY.exception);
  const solicited = answersNd ? facts.ipv6 : [];
  return [
    ...facts.ipv4.map((arp_tpa) => flow().match(own, ARP_REQUEST, { arp_tpa }).goto(StormControl)),
    ...solicited.map((nd_target) =>
      flow().match(own, ND_SOLICIT, { nd_target }).goto(StormControl),
    ),
  ];
}

/** What the controller was told of goes to whoever is asked for. */
export function floodToldQuestions(): FlowDraft[] {
  return [ARP_REQUEST, ND_SOLICIT].map((question) =>
    NeighborResponder.flow(PRIORITY.exception).match(question).matchMark(Told).goto(StormControl),
  );
}

/** The source and the target swap places; sender's hardware address is the new Ethernet source. */
export function finishArpReplies(): FlowDraft {
  const reply = ArpReply.flow(PRIORITY.normal)
    .match(ARP)
    .setField('arp_op', ARP_OP.REPLY)
    .move('arp_sha', 'arp_tha')
    .move('eth_src', 'arp_sha')
    .move('arp_spa', Scratch.subField)
    .move('arp_tpa', 'arp_spa')
    .move(Scratch.subField, 'arp_tpa');
  return sendBack(reply);
}

/**
 * The source link-layer option of the solicitation becomes the target option of the answer. That
 * takes a table of its own: its fields exist only once the type is that of an advertisement.
 */
export function finishNdReplies(): FlowDraft[] {
  const reply = NdReply.flow(PRIORITY.normal)
    .match(ND_ADVERT)
    .move('ipv6_src', 'ipv6_dst')
    .move('nd_target', 'ipv6_src')
    .setField('nd_reserved', SOLICITED_OVERRIDE)
    .setField('nd_options_type', TARGET_LINK_LAYER_ADDRESS)
    .move('eth_src', 'nd_tll');
  return [
    sendBack(reply),
    // A solicitation without the option has no room for the answer's: its owner answers it.
    NeighborResponder.flow(PRIORITY.exception).match(ND_SOLICIT, { nd_sll: 0 }).goto(StormControl),
  ];
}

/** To whoever asked, from the switch itself. */
function sendBack(reply: FlowBuilder): FlowDraft {
  return reply
    .move(InPort.subField, OutputPort.subField)
    .load(InPort, 0)
    .mayTurnBack()
    .goto(Output);
}

/** Nobody is told of a neighbour that it may not reach; nor is that asked then. */
function answerArp(vni: number, facts: PortFacts): FlowDraft[] {
  const metadata = networkKey(vni);
  return heardBy(facts).flatMap((heard) =>
    facts.ipv4.map((arp_tpa) =>
      NeighborResponder.flow(PRIORITY.normal)
        .match({ metadata, eth_dst: BROADCAST_MAC }, ARP_REQUEST, { arp_tpa }, heard)
        .move('eth_src', 'eth_dst')
        .setField('eth_src', facts.mac)
        .goto(ArpReply),
    ),
  );
}

function answerNd(vni: number, facts: PortFacts): FlowDraft[] {
  const metadata = networkKey(vni);
  return heardBy(facts).flatMap((heard) =>
    facts.ipv6.map((nd_target) =>
      NeighborResponder.flow(PRIORITY.normal)
        .match({ metadata, eth_dst: IPV6_MULTICAST_MAC }, ND_SOLICIT, { nd_target }, heard)
        .move('eth_src', 'eth_dst')
        .setField('eth_src', facts.mac)
        .setField('icmpv6_type', ICMPV6_TYPE.NEIGHBOR_ADVERT)
        .goto(NdReply),
    ),
  );
}
