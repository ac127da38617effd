/** Table Classifier: where a packet came from, and which network that makes it part of. */
import {
  Classifier,
  ConntrackZone,
  type FlowDraft,
  networkKey,
  PortSecurityEth,
  PRIORITY,
  TUNNEL_PORT,
  TunnelPeer,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';

export function classifyTunnel(): FlowDraft {
  return Classifier.flow(PRIORITY.normal).match({ in_port: TUNNEL_PORT }).goto(TunnelPeer);
}

/** Untagged packets only: a guest does not choose its network with a VLAN tag. */
export function classifyLocalPort({ ofport, vni }: LocalPort): FlowDraft {
  return Classifier.flow(PRIORITY.normal)
    .match({ in_port: ofport, vlan_vid: 0 })
    .setField('metadata', networkKey(vni))
    .load(ConntrackZone, ofport)
    .goto(PortSecurityEth);
}
