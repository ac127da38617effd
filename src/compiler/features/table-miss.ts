/** The table-miss flows: an explicit one in each table, so that what falls through is counted. */
import { type FlowDraft, Marker, PRIORITY, TABLES } from '../../pipeline/index.ts';

export function tableMisses(): FlowDraft[] {
  return TABLES.filter((table) => table !== Marker).map((table) => {
    const flow = table.flow(PRIORITY.miss);
    return table.miss === 'drop' ? flow.drop() : flow.goto(table.miss);
  });
}
