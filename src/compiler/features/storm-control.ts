/**
 * Table StormControl: what a local port sends to many at once costs every port of the network and
 * every host that carries it, so that a port has a limit. Unicast needs none, but for what nobody
 * has the address of, where that is flooded (mac-learning.ts).
 *
 * What each network needs is not excepted, for a flood of it is a storm as well. It need not be:
 * whoever asks the controller, or for a neighbour that is known, has had the answer before.
 */
import {
  type FlowDraft,
  InPort,
  L2Forwarding,
  MacLearning,
  type MeterDraft,
  PRIORITY,
  packetMeter,
  portMeter,
  StormControl,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { GROUP_BIT } from '../protocols.ts';
import type { CompilerSettings } from '../settings.ts';

type Storm = CompilerSettings['storm'];

export function limitStorms({ ofport, learns }: LocalPort, storm: Storm): FlowDraft[] {
  if (storm === undefined) return [];
  return [
    StormControl.flow(PRIORITY.normal)
      .match(InPort.is(ofport), { eth_dst: GROUP_BIT })
      .meter(portMeter('storm', ofport))
      .goto(learns ? MacLearning : L2Forwarding),
  ];
}

/** A rate that changes changes the meter and no flow. */
export function stormMeters({ ofport }: LocalPort, storm: Storm): MeterDraft[] {
  return storm === undefined ? [] : [packetMeter(portMeter('storm', ofport), storm)];
}
