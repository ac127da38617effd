/** Table Classifier: where a packet came from, and which network that makes it part of. */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  Classifier,
  ConntrackZone,
  EgressMeter,
  type FlowBuilder,
  type FlowDraft,
  type MeterDraft,
  networkKey,
  PortSecurityEth,
  PRIORITY,
  type Priority,
  TUNNEL_PORT,
  TunnelPeer,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { IP_VERSIONS } from '../protocols.ts';

export function classifyTunnel(): FlowDraft {
  return Classifier.flow(PRIORITY.normal).match({ in_port: TUNNEL_PORT }).goto(TunnelPeer);
}

/**
 * Untagged packets only: a guest does not choose its network with a VLAN tag. What a port sends
 * goes through the meters of its QoS policy first, and so costs nothing more when it is too much.
 */
export function classifyLocalPort(port: LocalPort): FlowDraft[] {
  const { ofport, qos } = port;
  const [first, second] = qos.egress;
  const begin = (priority: Priority, ...conditions: Match[]): FlowBuilder => {
    const flow = Classifier.flow(priority).match({ in_port: ofport, vlan_vid: 0 }, ...conditions);
    if (first !== undefined) flow.meter(first.meterId);
    return flow.setField('metadata', networkKey(port.vni)).load(ConntrackZone, ofport);
  };
  const next = second === undefined ? PortSecurityEth : EgressMeter;
  const { dscp } = qos;
  const marked =
    dscp === undefined
      ? []
      : IP_VERSIONS.map((ip) => begin(PRIORITY.exception, ip).setField('ip_dscp', dscp).goto(next));
  return [begin(PRIORITY.normal).goto(next), ...marked, ...meterAgain(ofport, second)];
}

/** A packet passes one meter a table (see FlowBuilder.meter). */
function meterAgain(in_port: number, meter: MeterDraft | undefined): FlowDraft[] {
  if (meter === undefined) return [];
  const flow = EgressMeter.flow(PRIORITY.normal).match({ in_port });
  return [flow.meter(meter.meterId).goto(PortSecurityEth)];
}
