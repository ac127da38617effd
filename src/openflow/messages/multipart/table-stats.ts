/** OFPMP_TABLE_STATS: flows and lookups of each table (§7.3.5.5). */
import { defineStruct, pad, u8, u32, u64 } from '../../wire/index.ts';
import type { Fixed } from '../define.ts';
import { defineMultipart, emptyRequest, readEntries } from './define.ts';

const TYPE = 'OFPMP_TABLE_STATS';

const ENTRY = defineStruct('ofp_table_stats', 24, {
  tableId: u8,
  padding: pad(3),
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
});

export type TableStats = Fixed<typeof ENTRY>;

export interface TableStatsRequest {
  readonly type: typeof TYPE;
}

export interface TableStatsReply {
  readonly type: typeof TYPE;
  readonly tables: readonly TableStats[];
}

export const tableStats = defineMultipart<TableStatsRequest, TableStatsReply>({
  type: TYPE,
  code: 3,
  request: emptyRequest(TYPE),
  reply: {
    encode: (writer, reply) => {
      for (const table of reply.tables) ENTRY.write(writer, table);
    },
    decode: (reader) => ({ type: TYPE, tables: readEntries(reader, (r) => ENTRY.read(r)) }),
  },
});
