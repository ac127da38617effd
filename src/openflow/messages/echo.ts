/** OFPT_ECHO_REQUEST and _REPLY: is the peer alive; the reply repeats the data (§7.5.2, §7.5.3). */
import { defineMessage, type MessageRow } from './define.ts';

interface Echo<T extends string> {
  readonly type: T;
  readonly data: Buffer;
}

export type EchoRequest = Echo<'OFPT_ECHO_REQUEST'>;
export type EchoReply = Echo<'OFPT_ECHO_REPLY'>;

export const echoRequest: MessageRow<EchoRequest> = defineEcho('OFPT_ECHO_REQUEST', 2);
export const echoReply: MessageRow<EchoReply> = defineEcho('OFPT_ECHO_REPLY', 3);

function defineEcho<T extends string>(type: T, code: number): MessageRow<Echo<T>> {
  return defineMessage<Echo<T>>({
    type,
    code,
    encode: (writer, { data }) => writer.bytes(data),
    decode: (reader) => ({ type, data: reader.bytes(reader.remaining) }),
  });
}
