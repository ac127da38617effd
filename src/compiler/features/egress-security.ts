/**
 * Tables EgressSecurity to EgressVerdict: whether the security groups of the sending port let a
 * packet out. What a packet is judged by is not itself but the opening of its connection, which
 * conntrack gives as the original tuple: so that a rule that goes cuts its connections both ways
 * and at once, and answers and related errors need no rules of their own.
 */
import {
  Allowed,
  ConntrackZone,
  EgressConnection,
  EgressPacketRules,
  EgressRules,
  EgressSecurity,
  EgressStateless,
  EgressTracking,
  EgressVerdict,
  type FlowDraft,
  GroupSet,
  IngressRules,
  NeighborResponder,
  PRIORITY,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { INVALID, IP_VERSIONS, NEW, OPENING, REPLYING, UNICAST } from '../protocols.ts';
import { ALWAYS_OUT } from './always-allowed.ts';

export function judgeEgress({ ofport, groupSet }: LocalPort): FlowDraft[] {
  const in_port = ofport;
  if (groupSet === undefined) {
    return [EgressSecurity.flow(PRIORITY.bypass).match({ in_port }).goto(NeighborResponder)];
  }
  return IP_VERSIONS.map((ip) =>
    EgressSecurity.flow(PRIORITY.normal)
      .match({ in_port }, ip)
      .setField(GroupSet.field, groupSet)
      .goto(EgressStateless),
  );
}

export function egressForAll(): FlowDraft[] {
  return [
    ...ALWAYS_OUT.map((match) =>
      EgressSecurity.flow(PRIORITY.exception).match(match).goto(NeighborResponder),
    ),
    ...IP_VERSIONS.map((ip) =>
      EgressStateless.flow(PRIORITY.normal).match(ip).ask(EgressPacketRules).goto(EgressTracking),
    ),
    EgressTracking.flow(PRIORITY.exception).matchMark(Allowed).goto(NeighborResponder),
    ...IP_VERSIONS.map((ip) =>
      EgressTracking.flow(PRIORITY.normal).match(ip).track(ConntrackZone, EgressConnection),
    ),
    EgressConnection.flow(PRIORITY.guard).match(INVALID).drop(),
    EgressConnection.flow(PRIORITY.normal).match(OPENING).ask(EgressRules).goto(EgressVerdict),
    EgressConnection.flow(PRIORITY.normal).match(REPLYING).ask(IngressRules).goto(EgressVerdict),
    // Nobody answers to a multicast address: such a connection would be remembered for nothing.
    ...IP_VERSIONS.map((ip) =>
      EgressVerdict.flow(PRIORITY.exception)
        .matchMark(Allowed)
        .match(ip, NEW, { eth_dst: UNICAST })
        .commit(ConntrackZone)
        .goto(NeighborResponder),
    ),
    EgressVerdict.flow(PRIORITY.normal).matchMark(Allowed).goto(NeighborResponder),
  ];
}
