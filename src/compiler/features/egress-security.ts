/**
 * Tables EgressSecurity to EgressVerdict: whether the security groups of the sending port let a
 * packet out. What a packet is judged by is not itself but the opening of its connection, which
 * conntrack gives as the original tuple: so that a rule that goes cuts its connections both ways
 * and at once, and answers and related errors need no rules of their own.
 *
 * The groups of the port are written once more behind conntrack: a fast path caches what is before
 * it and what is behind it apart, and for a moment the one may be older than the other. So a packet
 * meets the groups and the rules of one moment.
 *
 * A userspace datapath reads no ports of the original tuple for later fragments: only the first can
 * be judged. The others pass to the verdict, where conntrack puts the datagram together once more:
 * it comes out whole or, when its first fragment was dropped, not at all.
 */
import type { Match } from '../../openflow/oxm/index.ts';
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
  InPort,
  NeighborResponder,
  PRIORITY,
  Services,
  type Table,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { IP_VERSIONS, OPENING, REPLYING } from '../protocols.ts';
import { ALWAYS_OUT } from './always-allowed.ts';
import { decideConnections } from './connection-verdict.ts';

export function judgeEgress({ ofport, groupSet }: LocalPort): FlowDraft[] {
  const from = InPort.is(ofport);
  if (groupSet === undefined) {
    return [EgressSecurity.flow(PRIORITY.bypass).match(from).goto(Services)];
  }
  const ask = (state: Match, rules: Table): FlowDraft =>
    EgressConnection.flow(PRIORITY.normal)
      .match(from, state)
      .setField(GroupSet.field, groupSet)
      .ask(rules)
      .goto(EgressVerdict);
  return [
    ...IP_VERSIONS.map((ip) =>
      EgressSecurity.flow(PRIORITY.normal)
        .match(from, ip)
        .setField(GroupSet.field, groupSet)
        .goto(EgressStateless),
    ),
    ask(OPENING, EgressRules),
    ask(REPLYING, IngressRules),
  ];
}

export function egressForAll(): FlowDraft[] {
  return [
    ...ALWAYS_OUT.map((match) =>
      EgressSecurity.flow(PRIORITY.exception).match(match).goto(Services),
    ),
    ...IP_VERSIONS.map((ip) =>
      EgressStateless.flow(PRIORITY.normal).match(ip).ask(EgressPacketRules).goto(EgressTracking),
    ),
    EgressTracking.flow(PRIORITY.exception).matchMark(Allowed).goto(NeighborResponder),
    ...IP_VERSIONS.map((ip) =>
      EgressTracking.flow(PRIORITY.normal).match(ip).track(ConntrackZone, EgressConnection),
    ),
    ...decideConnections({
      connection: EgressConnection,
      verdict: EgressVerdict,
      next: NeighborResponder,
    }),
  ];
}
