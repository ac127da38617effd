/** What guests tell of the multicast groups that they listen to, whichever protocol they use. */
import { ETH_TYPE } from '../../openflow/constants.ts';
import { DecodeError } from '../../openflow/wire/index.ts';
import { type AddressValue, isStreamGroup } from '../../topology/index.ts';
import { ethernetType } from '../ethernet.ts';
import { readIgmp } from './igmp.ts';
import { readMld } from './mld.ts';

/**
 * Of one group: whether the guest listens to it now, or may have ceased to: it is to be asked.
 * Senders are not told apart: who listens to some of them gets what all of them send, and passes
 * over the rest itself.
 */
type Reports = ReadonlyMap<AddressValue, 'listens' | 'leaves'>;

/** The groups whose streams are followed; of one that is told of twice the last counts. */
export function readReports(frame: Buffer): Reports | string {
  try {
    const isIpv4 = ethernetType(frame) === ETH_TYPE.IPV4;
    const reports = isIpv4 ? readIgmp(frame) : readMld(frame);
    return new Map(reports.filter(([group]) => isStreamGroup(group)));
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed';
    throw error;
  }
}
