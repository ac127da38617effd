/** OFPMP_AGGREGATE_STATS: the sum over flows (§7.3.5.4). */
import { decodeStats, encodeStats, type FlowStats } from '../oxs.ts';
import { defineMultipart } from './define.ts';
import { type FlowRequest, flowRequest } from './flow-request.ts';

const TYPE = 'OFPMP_AGGREGATE_STATS';

export type AggregateRequest = FlowRequest<typeof TYPE>;

export interface AggregateReply {
  readonly type: typeof TYPE;
  readonly stats: FlowStats;
}

export const aggregate = defineMultipart<AggregateRequest, AggregateReply>({
  type: TYPE,
  code: 2,
  request: flowRequest(TYPE),
  reply: {
    encode: (writer, reply) => encodeStats(writer, reply.stats),
    decode: (reader) => ({ type: TYPE, stats: decodeStats(reader) }),
  },
});
