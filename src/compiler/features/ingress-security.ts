/**
 * Tables IngressSecurity to IngressVerdict: whether the security groups of the port in OutputPort
 * let a packet in (see egress-security.ts for what it is judged by).
 *
 * A copy of a multicast packet was tracked once before it was copied (flood.ts): its original tuple
 * is the packet's own, and no port tracks it again.
 */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  Allowed,
  ConntrackZone,
  CopyIsolation,
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
  type Table,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { GROUP_BIT, IP_VERSIONS, OPENING, REPLYING } from '../protocols.ts';
import { ALWAYS_IN } from './always-allowed.ts';
import { decideConnections } from './connection-verdict.ts';
import { heardBy } from './isolation.ts';

export function judgeIngress({ ofport, groupSet, facts }: LocalPort): FlowDraft[] {
  const to = OutputPort.is(ofport);
  const heard = heardBy(facts);
  if (groupSet === undefined) {
    return heard.map((from) => IngressSecurity.flow(PRIORITY.bypass).match(to, from).goto(Output));
  }
  // Flows of IngressSecurity change with whom the port hears: connections are kept then.
  const ask = (state: Match, rules: Table): FlowDraft =>
    IngressConnection.flow(PRIORITY.normal)
      .match(to, state)
      .beginsZone(ofport)
      .setField(GroupSet.field, groupSet)
      .ask(rules)
      .goto(IngressVerdict);
  return [
    ...IP_VERSIONS.flatMap((ip) =>
      heard.map((from) =>
        IngressSecurity.flow(PRIORITY.normal)
          .match(to, ip, from)
          .mark(NotAllowed)
          .load(ConntrackZone, ofport)
          .setField(GroupSet.field, groupSet)
          .goto(IngressStateless),
      ),
    ),
    ask(OPENING, IngressRules),
    ask(REPLYING, EgressRules),
  ];
}

export function ingressForAll(): FlowDraft[] {
  return [
    ...ALWAYS_IN.map((match) =>
      IngressSecurity.flow(PRIORITY.exception).match(match).goto(CopyIsolation),
    ),
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
    ...decideConnections({ connection: IngressConnection, verdict: IngressVerdict, next: Output }),
  ];
}
