/**
 * Subports of trunks: ports whose packets are in a VLAN on the wire of another port, their parent.
 *
 *     Classifier   in_port of the parent, VLAN of the subport ─▶ no tag, number of the subport
 *     …            every table knows a port by its number alone
 *     Output       number of the subport ─▶ VLAN of the subport, OpenFlow port of the parent
 *
 * A packet that goes from one port of a wire to another leaves by its ingress port, which Open
 * vSwitch allows only once that is forgotten. That it does not come back to its sender, which Open
 * vSwitch sees to elsewhere, is then for a flow of the subport to see to.
 */
import { ETH_TYPE, OFPVID_PRESENT } from '../../openflow/constants.ts';
import type { Match } from '../../openflow/oxm/index.ts';
import {
  type FlowBuilder,
  type FlowDraft,
  InPort,
  Output,
  OutputPort,
  PortSecurityEth,
  PRIORITY,
} from '../../pipeline/index.ts';
import type { Wire } from '../../topology/index.ts';
import type { LocalPort } from '../inputs.ts';

/** How packets of a port come in: those of the VLAN of a subport, or untagged ones. */
export function arrivalAt({ ofport, wire }: LocalPort): Match {
  if (wire === undefined) return { in_port: ofport, vlan_vid: 0 };
  return { in_port: wire.ofport, vlan_vid: OFPVID_PRESENT | wire.vlan };
}

export function leaveWire(flow: FlowBuilder): FlowBuilder {
  return flow.untag().mayTurnBack();
}

export function enterWire(flow: FlowBuilder, { ofport, vlan }: Wire): FlowBuilder {
  return flow.tag(vlan).mayTurnBack().output(ofport);
}

/**
 * A second tag, which is in the place of the first once that is gone: it would bring a packet into
 * a VLAN of whoever gets it. A switch that reads one tag sees the second as a protocol, one that
 * reads two (`vlan-limit`) as a tag.
 */
export function dropSecondTags(): FlowDraft[] {
  const tagged: readonly Match[] = [
    { eth_type: ETH_TYPE.VLAN },
    { eth_type: ETH_TYPE.QINQ },
    { vlan_vid: { value: OFPVID_PRESENT, mask: OFPVID_PRESENT } },
  ];
  return tagged.map((tag) => PortSecurityEth.flow(PRIORITY.sanity).match(tag).drop());
}

export function dropOwnCopies(ofport: number): FlowDraft {
  return Output.flow(PRIORITY.guard).match(InPort.is(ofport), OutputPort.is(ofport)).drop();
}
