/**
 * OFPT_ERROR (§7.5.4): what went wrong with the message of the same xid, whose first bytes are
 * repeated in `data`. Names and texts of the numbers are rows of `error-codes.ts`.
 */
import { defineMessage } from './define.ts';

/** `OFPET_EXPERIMENTER`: the code is an experimenter's, whose id follows. */
const OFPET_EXPERIMENTER = 0xffff;

export interface ErrorMessage {
  readonly type: 'OFPT_ERROR';
  readonly errorType: number;
  readonly code: number;
  /** Only when `errorType` is OFPET_EXPERIMENTER. */
  readonly experimenter?: number;
  /** At least 64 bytes of the offending message; an ASCII text for OFPET_HELLO_FAILED. */
  readonly data: Buffer;
}

export const error = defineMessage<ErrorMessage>({
  type: 'OFPT_ERROR',
  code: 1,
  encode: (writer, message) => {
    writer.u16(message.errorType);
    writer.u16(message.code);
    if (message.experimenter !== undefined) writer.u32(message.experimenter);
    writer.bytes(message.data);
  },
  decode: (reader) => {
    const errorType = reader.u16();
    const code = reader.u16();
    const experimenter = errorType === OFPET_EXPERIMENTER ? { experimenter: reader.u32() } : {};
    const data = reader.bytes(reader.remaining);
    return { type: 'OFPT_ERROR', errorType, code, ...experimenter, data };
  },
});
