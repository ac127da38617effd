/**
 * What the tables behind conntrack do alike for what goes out and for what comes in (see
 * egress-security.ts): EgressConnection and EgressVerdict, IngressConnection and IngressVerdict.
 */
import {
  Allowed,
  ConntrackZone,
  type FlowDraft,
  PRIORITY,
  type Table,
} from '../../pipeline/index.ts';
import {
  FRAGMENT,
  INVALID,
  IP_VERSIONS,
  LATER_FRAGMENT,
  NEW,
  TRACKED,
  UNICAST,
} from '../protocols.ts';

export interface VerdictTables {
  readonly connection: Table;
  readonly verdict: Table;
  /** Where an allowed packet goes on. */
  readonly next: Table;
}

export function decideConnections({ connection, verdict, next }: VerdictTables): FlowDraft[] {
  return [
    connection.flow(PRIORITY.guard).match(INVALID).drop(),
    ...IP_VERSIONS.map((ip) =>
      connection
        .flow(PRIORITY.exception)
        .match(ip, TRACKED, LATER_FRAGMENT, { eth_dst: UNICAST })
        .mark(Allowed)
        .goto(verdict),
    ),
    // Nobody answers to a multicast address: such a connection would be remembered for nothing.
    ...IP_VERSIONS.map((ip) =>
      verdict
        .flow(PRIORITY.exception)
        .matchMark(Allowed)
        .match(ip, NEW, { eth_dst: UNICAST })
        .commit(ConntrackZone)
        .goto(next),
    ),
    ...IP_VERSIONS.map((ip) =>
      verdict
        .flow(PRIORITY.guard)
        .matchMark(Allowed)
        .match(ip, FRAGMENT, { eth_dst: UNICAST })
        .commit(ConntrackZone)
        .goto(next),
    ),
    verdict.flow(PRIORITY.normal).matchMark(Allowed).goto(next),
  ];
}
