/** Tables Output and RemoteOutput: the last step of a unicast packet. */
import {
  Fits,
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
import type { LocalPort } from '../inputs.ts';

/**
 * What a port gets goes through the meters of its QoS policy, one a table; ports without one cost
 * no flow here, and no packet a lookup.
 */
export function limitIngress({ ofport, qos }: LocalPort): FlowDraft[] {
  const [first, second] = qos.ingress;
  if (first === undefined) return [];
  const to = { [OutputPort.register]: ofport };
  const limited = Output.flow(PRIORITY.exception).match(to).meter(first.meterId);
  if (second === undefined) return [limited.outputTo(OutputPort).done()];
  const again = IngressMeter.flow(PRIORITY.normal).match(to).meter(second.meterId);
  return [limited.goto(IngressMeter), again.outputTo(OutputPort).done()];
}

/** Open vSwitch itself never sends a packet back to its ingress port this way. */
export function outputToPort(): FlowDraft {
  return Output.flow(PRIORITY.normal).outputTo(OutputPort).done();
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
