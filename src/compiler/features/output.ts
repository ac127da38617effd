/** Tables Output and RemoteOutput: the last step of a unicast packet. */
import {
  type FlowDraft,
  FromTunnel,
  NetworkKey,
  Output,
  OutputPort,
  PRIORITY,
  RemoteOutput,
  TUNNEL_PORT,
  TunnelKey,
} from '../../pipeline/index.ts';

/** Open vSwitch itself never sends a packet back to its ingress port this way. */
export function outputToPort(): FlowDraft {
  return Output.flow(PRIORITY.normal).outputTo(OutputPort).done();
}

/** A packet from the tunnel for a port of yet another host: its sender is behind; split horizon. */
export function outputToTunnel(): FlowDraft[] {
  return [
    RemoteOutput.flow(PRIORITY.exception).matchMark(FromTunnel).drop(),
    RemoteOutput.flow(PRIORITY.normal)
      .move(NetworkKey.subField, TunnelKey.subField)
      .output(TUNNEL_PORT)
      .done(),
  ];
}
