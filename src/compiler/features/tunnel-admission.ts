/**
 * Tables TunnelPeer and TunnelNetwork: which tunnel packets come in. One flow a peer and one a
 * network, not one a pair: a peer is admitted when it shares any network with this host.
 */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  type FlowDraft,
  FromTunnel,
  Isolation,
  networkKey,
  PRIORITY,
  TunnelNetwork,
  TunnelPeer,
} from '../../pipeline/index.ts';
import type { AddressValue } from '../../topology/index.ts';
import { NO_CONTROL_PACKET } from '../protocols.ts';

export function admitPeer(encap: AddressValue): FlowDraft {
  return TunnelPeer.flow(PRIORITY.normal).match(fromTunnelOf(encap)).goto(TunnelNetwork);
}

/** As the sender of the outer packet. */
export function fromTunnelOf(encap: AddressValue): Match {
  return typeof encap === 'number' ? { tun_src: encap } : { tun_ipv6_src: encap };
}

/**
 * Without a VLAN tag, which would bring it into a VLAN of whoever gets it; and no copy that is for
 * the tracking of connections alone (moving-connections.ts).
 */
export function admitNetwork(vni: number): FlowDraft {
  const key = networkKey(vni);
  return TunnelNetwork.flow(PRIORITY.normal)
    .match({ tun_id: key, vlan_vid: 0, tun_flags: NO_CONTROL_PACKET })
    .mark(FromTunnel)
    .setField('metadata', key)
    .goto(Isolation);
}
