/** Table Classifier: where a packet came from, and which network that makes it part of. */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  Classifier,
  ConntrackZone,
  EgressMeter,
  type FlowBuilder,
  type FlowDraft,
  InPort,
  type MeterDraft,
  networkKey,
  PortSecurityEth,
  PRIORITY,
  type Priority,
  RemoteSender,
  TUNNEL_PORT,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { IP_VERSIONS } from '../protocols.ts';
import { markSender } from './isolation.ts';
import { arrivalAt, leaveWire } from './trunks.ts';

export function classifyTunnel(): FlowDraft {
  return Classifier.flow(PRIORITY.normal).match({ in_port: TUNNEL_PORT }).goto(RemoteSender);
}

/**
 * Untagged packets only, or those of the VLAN that is a subport: no other tag means anything, so
 * that a guest does not choose its network. What a port sends goes through the meters of its QoS
 * policy first, and so costs nothing more when it is too much; what it is promised has a queue.
 */
export function classifyLocalPort(port: LocalPort): FlowDraft[] {
  const { ofport, wire, qos } = port;
  const [first, second] = qos.egress;
  const begin = (priority: Priority, ...conditions: Match[]): FlowBuilder => {
    const flow = Classifier.flow(priority).match(arrivalAt(port), ...conditions);
    if (first !== undefined) flow.meter(first.meterId);
    if (qos.queue !== undefined) flow.queue(qos.queue.queueId);
    if (wire !== undefined) leaveWire(flow);
    flow.setField('metadata', networkKey(port.vni));
    return markSender(flow, port.facts).load(InPort, ofport).load(ConntrackZone, ofport);
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
function meterAgain(ofport: number, meter: MeterDraft | undefined): FlowDraft[] {
  if (meter === undefined) return [];
  const flow = EgressMeter.flow(PRIORITY.normal).match(InPort.is(ofport));
  return [flow.meter(meter.meterId).goto(PortSecurityEth)];
}
