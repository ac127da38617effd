/** What comes to the metadata service: segments of TCP, and the question who has its address. */
import { DecodeError } from '../../openflow/wire/index.ts';
import { readTcpFrame, type TcpFrame } from '../tcp/index.ts';
import { answerNeighbor, isNeighborDiscovery } from './neighbor.ts';

/** A segment; the answer to the question; or why it is neither, in a few words. */
export function readMetadataPacket(frame: Buffer): TcpFrame | Buffer | string {
  try {
    return isNeighborDiscovery(frame) ? answerNeighbor(frame) : readTcpFrame(frame);
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed';
    throw error;
  }
}
