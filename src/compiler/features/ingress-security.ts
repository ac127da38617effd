/**
 * Tables IngressSecurity to IngressVerdict: whether the security groups of the port in OutputPort
 * let a packet in (see egress-security.ts for what it is judged by).
 *
 * A copy of a multicast packet was tracked once before it was copied (flood.ts): its original tuple
 * is the packet's own, and no port tracks it again.
 */
import {
  Allowed,
  ConntrackZone,
  EgressRules,
  type FlowDraft,
  GroupSet,
  IngressConnection,
  IngressPacketRules,
  IngressRules,
  IngressSecurity,
  IngressStateless,
  IngressTracking,
  IngressVerdict,
  NotAllowed,
  Output,
  OutputPort,
  PRIORITY,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { GROUP_BIT, INVALID, IP_VERSIONS, NEW, OPENING, REPLYING, UNICAST } from '../protocols.ts';
import { ALWAYS_IN } from './always-allowed.ts';

export function judgeIngress({ ofport, groupSet }: LocalPort): FlowDraft[] {
  const to = { [OutputPort.register]: ofport };
  if (groupSet === undefined) {
    return [IngressSecurity.flow(PRIORITY.bypass).match(to).goto(Output)];
  }
  return IP_VERSIONS.map((ip) =>
    IngressSecurity.flow(PRIORITY.normal)
      .match(to, ip)
      .beginsZone(ofport)
      .mark(NotAllowed)
      .load(ConntrackZone, ofport)
      .setField(GroupSet.field, groupSet)
      .goto(IngressStateless),
  );
}

export function ingressForAll(): FlowDraft[] {
  return [
    ...ALWAYS_IN.map((match) => IngressSecurity.flow(PRIORITY.exception).match(match).goto(Output)),
    ...IP_VERSIONS.map((ip) =>
      IngressStateless.flow(PRIORITY.normal)
        .match(ip)
        .ask(IngressPacketRules)
        .goto(IngressTracking),
    ),
    IngressTracking.flow(PRIORITY.guard).matchMark(Allowed).goto(Output),
    IngressTracking.flow(PRIORITY.exception)
      .match({ eth_dst: GROUP_BIT })
      .ask(IngressRules)
      .goto(IngressVerdict),
    ...IP_VERSIONS.map((ip) =>
      IngressTracking.flow(PRIORITY.normal).match(ip).track(ConntrackZone, IngressConnection),
    ),
    IngressConnection.flow(PRIORITY.guard).match(INVALID).drop(),
    IngressConnection.flow(PRIORITY.normal).match(OPENING).ask(IngressRules).goto(IngressVerdict),
    IngressConnection.flow(PRIORITY.normal).match(REPLYING).ask(EgressRules).goto(IngressVerdict),
    ...IP_VERSIONS.map((ip) =>
      IngressVerdict.flow(PRIORITY.exception)
        .matchMark(Allowed)
        .match(ip, NEW, { eth_dst: UNICAST })
        .commit(ConntrackZone)
        .goto(Output),
    ),
    IngressVerdict.flow(PRIORITY.normal).matchMark(Allowed).goto(Output),
  ];
}
