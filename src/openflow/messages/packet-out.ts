/** OFPT_PACKET_OUT in its OpenFlow 1.5 form, with a match for the packet's metadata (§7.3.6). */
import { type Action, decodeActions, encodeActions } from '../actions/index.ts';
import { decodeMatch, encodeMatch, type Match } from '../oxm/index.ts';
import { defineMessage } from './define.ts';

export interface PacketOut {
  readonly type: 'OFPT_PACKET_OUT';
  /** `OFP_NO_BUFFER` (0xffffffff) when `data` is the packet. */
  readonly bufferId: number;
  /** At least in_port. */
  readonly match: Match;
  readonly actions: readonly Action[];
  readonly data: Buffer;
}

export const packetOut = defineMessage<PacketOut>({
  type: 'OFPT_PACKET_OUT',
  code: 13,
  encode: (writer, message) => {
    writer.u32(message.bufferId);
    const lengthAt = writer.length;
    writer.u16(0);
    writer.zero(2);
    encodeMatch(writer, message.match);
    const start = writer.length;
    encodeActions(writer, message.actions);
    writer.patchU16(lengthAt, writer.length - start);
    writer.bytes(message.data);
  },
  decode: (reader) => {
    const bufferId = reader.u32();
    const actionsLength = reader.u16();
    reader.skip(2);
    const match = decodeMatch(reader);
    const actions = decodeActions(reader, actionsLength);
    const data = reader.bytes(reader.remaining);
    return { type: 'OFPT_PACKET_OUT', bufferId, match, actions, data };
  },
});
