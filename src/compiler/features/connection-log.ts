/**
 * What logs ask for, at a port: the first packet of each connection that is let through, and each
 * packet that is dropped, go to the controller as well. Each flow does what the one that it stands
 * before does (connection-verdict.ts); what is handed over beside it is limited by a meter of the
 * port, so that a flood costs no more than that.
 *
 * A copy that is only tracked, for a VM that moves, is told of where the VM still runs.
 *
 * What is judged by itself has no connection: of what stateless groups let through, and of
 * multicast, every packet is the first.
 */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  Allowed,
  ConntrackZone,
  EgressConnection,
  EgressTracking,
  EgressVerdict,
  type FlowBuilder,
  type FlowDraft,
  Genuine,
  IngressConnection,
  IngressTracking,
  IngressVerdict,
  InPort,
  loggedBytes,
  NeighborResponder,
  NotAllowed,
  Output,
  OutputPort,
  PRIORITY,
  packetMeter,
  portMeter,
  TOLD,
  type UnitContent,
} from '../../pipeline/index.ts';
import type { LoggedEvents } from '../../topology/index.ts';
import { GROUP_BIT, INVALID, IP_VERSIONS, NEW, NOT_LATER_FRAGMENT, UNICAST } from '../protocols.ts';

export interface LoggedPort {
  readonly id: string;
  readonly ofport: number;
  readonly events: LoggedEvents;
}

/** Packets a second and at once, as Neutron's `rate_limit` and `burst_limit` are. */
export const LOG_RATE = { rate: 100, burst: 25 };
/** All headers, however many IPv6 has. */
const LOGGED_BYTES = 192;

/** A connection is new until it is answered: what has been told of it is not told again. */
const UNTOLD = { ct_mark: { value: 0, mask: TOLD.mask } };

const EGRESS = {
  direction: 'egress',
  tracking: EgressTracking,
  connection: EgressConnection,
  verdict: EgressVerdict,
  next: NeighborResponder,
} as const;
const INGRESS = {
  direction: 'ingress',
  tracking: IngressTracking,
  connection: IngressConnection,
  verdict: IngressVerdict,
  next: Output,
} as const;

type Way = typeof EGRESS | typeof INGRESS;
type Hand = (flow: FlowBuilder) => FlowBuilder;

export function logConnections(port: LoggedPort): UnitContent {
  const { accept, drop } = port.events;
  const ways = [
    [EGRESS, InPort.is(port.ofport)],
    [INGRESS, OutputPort.is(port.ofport)],
  ] as const;
  return {
    flows: ways.flatMap(([way, at]) => [
      ...(accept ? logAccepted(way, at, handOver(port, way, 'ACCEPT')) : []),
      ...(drop ? logDropped(way, at, handOver(port, way, 'DROP')) : []),
    ]),
    meters: [packetMeter(portMeter('log', port.ofport), LOG_RATE)],
  };
}

function handOver(
  { id, ofport }: LoggedPort,
  { direction }: Way,
  verdict: 'ACCEPT' | 'DROP',
): Hand {
  const parameters = loggedBytes({ portId: id, direction, verdict });
  const meterId = portMeter('log', ofport);
  return (flow) => flow.tell('log', { parameters, meterId, maxLength: LOGGED_BYTES });
}

function logAccepted({ tracking, verdict, next }: Way, at: Match, hand: Hand): FlowDraft[] {
  const accepted = (): FlowBuilder =>
    verdict.flow(PRIORITY.bypass).match(at).matchMark(Allowed, Genuine);
  return [
    ...IP_VERSIONS.map((ip) =>
      hand(accepted().match(ip, NEW, UNTOLD, { eth_dst: UNICAST }, NOT_LATER_FRAGMENT))
        .commitMarked(ConntrackZone, TOLD)
        .goto(next),
    ),
    hand(accepted().match({ eth_dst: GROUP_BIT })).goto(next),
    hand(tracking.flow(PRIORITY.bypass).match(at).matchMark(Allowed, Genuine)).goto(next),
  ];
}

function logDropped({ connection, verdict }: Way, at: Match, hand: Hand): FlowDraft[] {
  return [
    hand(verdict.flow(PRIORITY.rest).match(at).matchMark(NotAllowed, Genuine)).done(),
    hand(connection.flow(PRIORITY.bypass).match(at, INVALID).matchMark(Genuine)).done(),
  ];
}
