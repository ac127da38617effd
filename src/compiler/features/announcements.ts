/**
 * Who has a MAC address that several ports may have (allowed address pairs): the one that said so
 * last, by ARP or a neighbour advertisement with an address of the pair. The first bytes of what a
 * port says that has it not go to the controller besides; what the port says that has it does not,
 * so that who has an address may announce it as often as it likes.
 *
 * Port security has seen to it that the address inside is one of the pair's.
 */
import type { Match } from '../../openflow/oxm/index.ts';
import {
  type FlowDraft,
  InPort,
  NeighborResponder,
  PRIORITY,
  portMeter,
  Services,
  Told,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import type { Sender } from '../port-facts.ts';
import { ANY, ARP, ND_ADVERT } from '../protocols.ts';

export function tellAnnouncements({ ofport, unlearned }: LocalPort): FlowDraft[] {
  const toldAtMost = {
    parameters: Buffer.alloc(0),
    meterId: portMeter('services', ofport),
    maxLength: ETHERNET_BYTES,
  };
  return unlearned.flatMap((sender) =>
    announcementsOf(sender).map((said) =>
      Services.flow(PRIORITY.normal)
        .match(InPort.is(ofport), { eth_src: sender.mac }, said)
        .tell('announcement', toldAtMost)
        .mark(Told)
        .goto(NeighborResponder),
    ),
  );
}

/** Which address it is stands in the Ethernet header. */
const ETHERNET_BYTES = 14;

/** With an address of the pair: a guest that waits for its turn has a link-local one, too. */
function announcementsOf({ ipv4, ipv6: [, ...ipv6] }: Sender): Match[] {
  return [
    ...ipv4.map((arp_spa) => ({ ...ARP, ...(arp_spa === undefined ? ANY : { arp_spa }) })),
    ...ipv6.map((nd_target) => ({
      ...ND_ADVERT,
      ...(nd_target === undefined ? ANY : { nd_target }),
    })),
  ];
}
