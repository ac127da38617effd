/** `ofp_flow_stats_request`: which flows; of OFPMP_FLOW_DESC and OFPMP_AGGREGATE_STATS alike. */
import { OFPG, OFPP, OFPTT } from '../../constants.ts';
import { decodeMatch, encodeMatch, type Match } from '../../oxm/index.ts';
import { defineStruct, pad, u8, u32, u64 } from '../../wire/index.ts';
import type { Fixed } from '../define.ts';
import type { Codec } from './define.ts';

const BODY = defineStruct('ofp_flow_stats_request', 32, {
  tableId: u8,
  padding: pad(3),
  outPort: u32,
  outGroup: u32,
  padding2: pad(4),
  cookie: u64,
  cookieMask: u64,
});

export interface FlowRequest<T extends string> extends Fixed<typeof BODY> {
  readonly type: T;
  readonly match: Match;
}

/** Every flow of every table; spread it and name what should be narrower. */
export const ALL_FLOWS = {
  tableId: OFPTT.ALL,
  outPort: OFPP.ANY,
  outGroup: OFPG.ANY,
  cookie: 0n,
  cookieMask: 0n,
  match: {},
} as const;

export function flowRequest<T extends string>(type: T): Codec<FlowRequest<T>> {
  return {
    encode: (writer, request) => {
      BODY.write(writer, request);
      encodeMatch(writer, request.match);
    },
    decode: (reader) => ({ type, ...BODY.read(reader), match: decodeMatch(reader) }),
  };
}
