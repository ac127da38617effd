/**
 * OFPT_GET_ASYNC_* and OFPT_SET_ASYNC: which unasked-for messages, and for which reasons, this
 * connection wants (§7.3.10). A mask has one bit a reason.
 */
import { defineCodes } from './codes.ts';
import { defineEmpty, defineMessage, type MessageRow } from './define.ts';
import { readProperties, writeProperty } from './properties.ts';

const PROPERTY = defineCodes('ofp_async_config_prop_type', {
  OFPACPT_PACKET_IN_SLAVE: 0,
  OFPACPT_PACKET_IN_MASTER: 1,
  OFPACPT_PORT_STATUS_SLAVE: 2,
  OFPACPT_PORT_STATUS_MASTER: 3,
  OFPACPT_FLOW_REMOVED_SLAVE: 4,
  OFPACPT_FLOW_REMOVED_MASTER: 5,
  OFPACPT_ROLE_STATUS_SLAVE: 6,
  OFPACPT_ROLE_STATUS_MASTER: 7,
  OFPACPT_TABLE_STATUS_SLAVE: 8,
  OFPACPT_TABLE_STATUS_MASTER: 9,
  OFPACPT_REQUESTFORWARD_SLAVE: 10,
  OFPACPT_REQUESTFORWARD_MASTER: 11,
  OFPACPT_FLOW_STATS_SLAVE: 12,
  OFPACPT_FLOW_STATS_MASTER: 13,
  OFPACPT_CONT_STATUS_SLAVE: 14,
  OFPACPT_CONT_STATUS_MASTER: 15,
});

export interface AsyncMask {
  readonly property: (typeof PROPERTY.names)[number];
  readonly mask: number;
}

interface AsyncConfig<T extends string> {
  readonly type: T;
  readonly masks: readonly AsyncMask[];
}

export interface GetAsyncRequest {
  readonly type: 'OFPT_GET_ASYNC_REQUEST';
}

export type GetAsyncReply = AsyncConfig<'OFPT_GET_ASYNC_REPLY'>;
export type SetAsync = AsyncConfig<'OFPT_SET_ASYNC'>;

export const getAsyncRequest = defineEmpty('OFPT_GET_ASYNC_REQUEST', 26);
export const getAsyncReply: MessageRow<GetAsyncReply> = defineAsync('OFPT_GET_ASYNC_REPLY', 27);
export const setAsync: MessageRow<SetAsync> = defineAsync('OFPT_SET_ASYNC', 28);

function defineAsync<T extends string>(type: T, code: number): MessageRow<AsyncConfig<T>> {
  return defineMessage<AsyncConfig<T>>({
    type,
    code,
    encode: (writer, { masks }) => {
      for (const { property, mask } of masks) {
        writeProperty(writer, PROPERTY.code(property), () => writer.u32(mask));
      }
    },
    decode: (reader) => {
      const masks: AsyncMask[] = [];
      readProperties(reader, (property, value) => {
        masks.push({ property: PROPERTY.name(property, value), mask: value.u32() });
      });
      return { type, masks };
    },
  });
}
