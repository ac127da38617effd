/**
 * Table PortSecurityNd: what neighbour discovery says inside. A solicitation names the sender's own
 * link-layer address or none; an advertisement speaks for own addresses only (RFC 4861 4.3, 4.4).
 * Everything that is not neighbour discovery passes by the table-miss flow.
 *
 * An option that is absent reads as zero, and so does every option and the target of a message
 * with an option twice: a target of :: is dropped, or it would hide what it carries.
 */
import { ICMPV6_TYPE } from '../../openflow/constants.ts';
import {
  EgressSecurity,
  type FlowDraft,
  InPort,
  PortSecurityNd,
  PRIORITY,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import type { Sender } from '../port-facts.ts';
import { ANY, ICMPV6, IPV6_UNSPECIFIED, ND_ADVERT, ND_SOLICIT } from '../protocols.ts';

/** Flows that hold for every port, each source address having been checked before. */
export function checkNdAlways(): FlowDraft[] {
  return [
    PortSecurityNd.flow(PRIORITY.sanity).match(ND_SOLICIT, { nd_target: IPV6_UNSPECIFIED }).drop(),
    PortSecurityNd.flow(PRIORITY.guard).match(ND_SOLICIT, { ipv6_src: IPV6_UNSPECIFIED }).drop(),
    PortSecurityNd.flow(PRIORITY.normal).match(ND_SOLICIT, { nd_sll: 0 }).goto(EgressSecurity),
  ];
}

export function checkNd({ ofport, facts }: LocalPort): FlowDraft[] {
  if (!facts.secured) return [];
  return [
    ...facts.senders.flatMap((sender) => passSender(ofport, sender)),
    ...[ICMPV6_TYPE.NEIGHBOR_SOLICIT, ICMPV6_TYPE.NEIGHBOR_ADVERT].map((icmpv6_type) =>
      PortSecurityNd.flow(PRIORITY.rest)
        .match(InPort.is(ofport), { ...ICMPV6, icmpv6_type })
        .drop(),
    ),
  ];
}

function passSender(ofport: number, { mac, ipv6 }: Sender): FlowDraft[] {
  const from = { ...InPort.is(ofport), eth_src: mac };
  const targets = ipv6.map((range) => (range === undefined ? ANY : { nd_target: range }));
  return [
    PortSecurityNd.flow(PRIORITY.normal)
      .match(from, ND_SOLICIT, { nd_sll: mac })
      .goto(EgressSecurity),
    // Duplicate address detection asks for an own address, from :: and without options.
    ...targets.map((target) =>
      PortSecurityNd.flow(PRIORITY.bypass)
        .match(from, ND_SOLICIT, { ipv6_src: IPV6_UNSPECIFIED, nd_sll: 0 }, target)
        .goto(EgressSecurity),
    ),
    ...targets.flatMap((target) =>
      [0, mac].map((nd_tll) =>
        PortSecurityNd.flow(PRIORITY.normal)
          .match(from, ND_ADVERT, { nd_tll }, target)
          .goto(EgressSecurity),
      ),
    ),
  ];
}
