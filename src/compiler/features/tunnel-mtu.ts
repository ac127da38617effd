/**
 * Table TunnelMtu, and what RemoteOutput does with what is too big: a packet for another host that
 * is larger than its network carries would be lost in the underlay without a word (`df_default`).
 * Its sender is told (src/services/too-big.ts), as far as its meter for questions allows.
 *
 * One flow a network, because the MTU is the network's; on packets for other hosts alone, because a
 * datapath looks at the size of each.
 */
import {
  type FlowDraft,
  networkKey,
  PRIORITY,
  RemoteOutput,
  SERVICE_MARKS,
  ServiceMeter,
  Size,
  TooBig,
  TunnelMtu,
} from '../../pipeline/index.ts';
import type { CarriedNetwork } from '../inputs.ts';
import { IP_VERSIONS, NOT_LATER_FRAGMENT } from '../protocols.ts';

/** Guests send no tags. */
const ETHERNET_HEADER = 14;
/** What the action holds; no IP packet of a guest is larger by more than its Ethernet header. */
const SIZE_MAX = 0xffff;

export function checkSize({ vni, mtu }: CarriedNetwork): FlowDraft {
  return TunnelMtu.flow(PRIORITY.normal)
    .match({ metadata: networkKey(vni) })
    .checkLarger(Math.min(mtu + ETHERNET_HEADER, SIZE_MAX), Size)
    .goto(RemoteOutput);
}

/** Of a datagram in parts the first one alone (RFC 1122 3.2.2); what is not IP has no answer. */
export function tellTooBig(): FlowDraft[] {
  return IP_VERSIONS.map((ip) =>
    RemoteOutput.flow(PRIORITY.exception)
      .match(ip, NOT_LATER_FRAGMENT)
      .matchMark(TooBig)
      .mark(SERVICE_MARKS['packet-too-big'])
      .ask(ServiceMeter)
      .done(),
  );
}
