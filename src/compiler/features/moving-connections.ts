/**
 * Connections of a VM that moves. The host where it arrives sees what others send to it, for they
 * send to both hosts, and tracks that; what the VM itself sends it would not see. So the host where
 * the VM runs shows it: a copy of each packet that it lets out goes there, as a control packet of
 * the tunnel.
 *
 *     where it runs     … ▶ StormControl ─┬─▶ Isolation
 *                                         └─▶ RemoteOutput, with the O bit
 *     where it arrives  TunnelPeer ─▶ TunnelNetwork ─▶ PortSecurityIp ─▶ … EgressVerdict ─▶ dropped
 *
 * There the copy is judged as if the VM had sent it there: by port security, and by the rules in
 * the zone of the port. So the zone holds what it would hold if the VM had always been there. Only
 * the host that the VM leaves is heard, and only for the port that moves.
 *
 * The flows that drop such a copy are there always. What is behind conntrack is looked up anew, and
 * a packet may meet there the flows of a moment when the port does not move any more.
 */
import {
  ConntrackZone,
  type FlowDraft,
  FromTunnel,
  InPort,
  Isolation,
  NeighborResponder,
  networkKey,
  PortSecurityIp,
  PRIORITY,
  Services,
  StormControl,
  TrackOnly,
  TunnelNetwork,
} from '../../pipeline/index.ts';
import type { AddressValue } from '../../topology/index.ts';
import type { LocalPort } from '../inputs.ts';
import { CONTROL_PACKET, UNICAST } from '../protocols.ts';
import { copyThroughTunnel } from './l2-forwarding.ts';
import { fromTunnelOf } from './tunnel-admission.ts';

/** Without security groups nothing is tracked; to multicast addresses nothing is remembered. */
export function followConnections(port: LocalPort): FlowDraft[] {
  const { move, groupSet } = port;
  if (move?.elsewhere === undefined || groupSet === undefined) return [];
  return move.arrives ? trackCopies(port, move.elsewhere) : [showCopies(port, move.elsewhere)];
}

function showCopies({ ofport }: LocalPort, elsewhere: AddressValue): FlowDraft {
  const flow = StormControl.flow(PRIORITY.normal).match(InPort.is(ofport), { eth_dst: UNICAST });
  flow.setField('tun_flags', CONTROL_PACKET.value);
  copyThroughTunnel(flow, elsewhere);
  return flow.setField('tun_flags', 0).goto(Isolation);
}

/** The port's own addresses alone: that its host lets no others out is checked again here. */
function trackCopies({ vni, ofport, facts }: LocalPort, elsewhere: AddressValue): FlowDraft[] {
  const key = networkKey(vni);
  const copy = { tun_id: key, vlan_vid: 0, tun_flags: CONTROL_PACKET };
  return facts.senders.map(({ mac }) =>
    TunnelNetwork.flow(PRIORITY.normal)
      .match(copy, fromTunnelOf(elsewhere), { eth_src: mac })
      .mark(FromTunnel)
      .mark(TrackOnly)
      .setField('metadata', key)
      .load(InPort, ofport)
      .load(ConntrackZone, ofport)
      .goto(PortSecurityIp),
  );
}

/** Wherever security groups let a packet go on. */
export function dropCopies(): FlowDraft[] {
  return [Services, NeighborResponder].map((table) =>
    table.flow(PRIORITY.sanity).matchMark(TrackOnly).drop(),
  );
}
