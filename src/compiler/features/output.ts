/** Tables Output and RemoteOutput: the last step of a unicast packet. */
import {
  Fits,
  type FlowBuilder,
  type FlowDraft,
  FromTunnel,
  IngressMeter,
  NetworkKey,
  Output,
  OutputPort,
  PRIORITY,
  RemoteOutput,
  TUNNEL_PORT,
  TunnelKey,
} from '../../pipeline/index.ts';
import type { Wire } from '../../topology/index.ts';
import type { LocalPort } from '../inputs.ts';
import { dropOwnCopies, enterWire } from './trunks.ts';

/**
 * Ports that have more to them than a number: what they get goes through the meters of a QoS
 * policy, one a table, or into a VLAN. All others cost no flow here, and no packet a lookup.
 */
export function outputToLocalPort({ ofport, wire, qos }: LocalPort): FlowDraft[] {
  const [first, second] = qos.ingress;
  if (first === undefined && wire === undefined) return [];
  const to = OutputPort.is(ofport);
  const flow = Output.flow(PRIORITY.exception).match(to);
  if (first !== undefined) flow.meter(first.meterId);
  const own = wire === undefined ? [] : [dropOwnCopies(ofport)];
  if (second === undefined) return [...own, sendOut(flow, wire)];
  const again = IngressMeter.flow(PRIORITY.normal).match(to).meter(second.meterId);
  return [...own, flow.goto(IngressMeter), sendOut(again, wire)];
}

/** Open vSwitch itself never sends a packet back to its ingress port this way. */
export function outputToPort(): FlowDraft {
  return sendOut(Output.flow(PRIORITY.normal), undefined);
}

function sendOut(flow: FlowBuilder, wire: Wire | undefined): FlowDraft {
  return (wire === undefined ? flow.outputTo(OutputPort) : enterWire(flow, wire)).done();
}

/** A packet from the tunnel for a port of yet another host: its sender is behind; split horizon. */
export function outputToTunnel(): FlowDraft[] {
  return [
    RemoteOutput.flow(PRIORITY.guard).matchMark(FromTunnel).drop(),
    RemoteOutput.flow(PRIORITY.normal)
      .matchMark(Fits)
      .move(NetworkKey.subField, TunnelKey.subField)
      .output(TUNNEL_PORT)
      .done(),
  ];
}
