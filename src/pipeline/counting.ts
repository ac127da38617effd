/** Which tables have flows that are read for what they count, and what flags these have. */
import type { Counted } from './table.ts';
import { TABLES } from './table-list.ts';

export function countingTables(counted: Counted): readonly number[] {
  return TABLES.filter(({ counts }) => counts === counted).map(({ id }) => id);
}

const FLOW_FLAGS: ReadonlyMap<number, number> = new Map(
  TABLES.map(({ id, flowFlags }) => [id, flowFlags]),
);

/** The `OFPFF` bits that a flow of ours has in a table. */
export function flowFlagsOf(tableId: number): number {
  return FLOW_FLAGS.get(tableId) ?? 0;
}
