/** OFPT_FLOW_REMOVED: a flow that asked for it has gone (§7.4.2, in its OpenFlow 1.5 form). */
import { decodeMatch, encodeMatch, type Match } from '../oxm/index.ts';
import { defineStruct, u8, u16, u64 } from '../wire/index.ts';
import { defineCodes } from './codes.ts';
import { defineMessage, type Fixed } from './define.ts';
import { decodeStats, encodeStats, type FlowStats } from './oxs.ts';

const REASON = defineCodes('ofp_flow_removed_reason', {
  OFPRR_IDLE_TIMEOUT: 0,
  OFPRR_HARD_TIMEOUT: 1,
  OFPRR_DELETE: 2,
  OFPRR_GROUP_DELETE: 3,
  OFPRR_METER_DELETE: 4,
  OFPRR_EVICTION: 5,
});

const BODY = defineStruct('ofp_flow_removed', 16, {
  tableId: u8,
  reason: u8,
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  cookie: u64,
});

export interface FlowRemoved extends Omit<Fixed<typeof BODY>, 'reason'> {
  readonly type: 'OFPT_FLOW_REMOVED';
  readonly reason: (typeof REASON.names)[number];
  readonly match: Match;
  readonly stats: FlowStats;
}

export const flowRemoved = defineMessage<FlowRemoved>({
  type: 'OFPT_FLOW_REMOVED',
  code: 11,
  encode: (writer, message) => {
    BODY.write(writer, { ...message, reason: REASON.code(message.reason) });
    encodeMatch(writer, message.match);
    encodeStats(writer, message.stats);
  },
  decode: (reader) => {
    const fixed = BODY.read(reader);
    const reason = REASON.name(fixed.reason, reader);
    const match = decodeMatch(reader);
    const stats = decodeStats(reader);
    return { type: 'OFPT_FLOW_REMOVED', ...fixed, reason, match, stats };
  },
});
