/**
 * Tables TunnelPeer and TunnelNetwork: which tunnel packets come in. One flow a peer and one a
 * network, not one a pair: a peer is admitted when it shares any network with this host.
 */
import {
  type FlowDraft,
  FromTunnel,
  L2Forwarding,
  networkKey,
  PRIORITY,
  TunnelNetwork,
  TunnelPeer,
} from '../../pipeline/index.ts';
import type { AddressValue } from '../../topology/index.ts';

export function admitPeer(encap: AddressValue): FlowDraft {
  const source = typeof encap === 'number' ? { tun_src: encap } : { tun_ipv6_src: encap };
  return TunnelPeer.flow(PRIORITY.normal).match(source).goto(TunnelNetwork);
}

/** Without a VLAN tag, which would bring it into a VLAN of whoever gets it. */
export function admitNetwork(vni: number): FlowDraft {
  const key = networkKey(vni);
  return TunnelNetwork.flow(PRIORITY.normal)
    .match({ tun_id: key, vlan_vid: 0 })
    .mark(FromTunnel)
    .setField('metadata', key)
    .goto(L2Forwarding);
}
