/** OFPT_PACKET_IN: a packet for the controller, in the standard's form (§7.4.1). */
import { decodeMatch, encodeMatch, type Match } from '../oxm/index.ts';
import { defineStruct, u8, u16, u32, u64 } from '../wire/index.ts';
import { defineMessage } from './define.ts';

const BODY = defineStruct('ofp_packet_in', 16, {
  bufferId: u32,
  totalLength: u16,
  reason: u8,
  tableId: u8,
  cookie: u64,
});

export interface PacketIn {
  readonly type: 'OFPT_PACKET_IN';
  readonly bufferId: number;
  /** Bytes of the packet on the wire; `data` may hold fewer. */
  readonly totalLength: number;
  /** One of `OFPR`. */
  readonly reason: number;
  readonly tableId: number;
  readonly cookie: bigint;
  /** Metadata of the packet: in_port, tun_id, registers. */
  readonly match: Match;
  readonly data: Buffer;
}

/** Two bytes align the Ethernet payload of the packet that follows. */
const ALIGNMENT = 2;

export const packetIn = defineMessage<PacketIn>({
  type: 'OFPT_PACKET_IN',
  code: 10,
  encode: (writer, message) => {
    BODY.write(writer, message);
    encodeMatch(writer, message.match);
    writer.zero(ALIGNMENT);
    writer.bytes(message.data);
  },
  decode: (reader) => {
    const fixed = BODY.read(reader);
    const match = decodeMatch(reader);
    reader.skip(ALIGNMENT);
    const data = reader.bytes(reader.remaining);
    return { type: 'OFPT_PACKET_IN', ...fixed, match, data };
  },
});
