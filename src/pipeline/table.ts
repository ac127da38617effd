/** One table of the pipeline: what it is for, and where packets may go from it. */
import { AssertionError, assert } from '../lib/assert.ts';
import { OFPFF } from '../openflow/messages/index.ts';
import { FlowBuilder, type FlowTable } from './flow-builder.ts';
import type { Priority } from './priorities.ts';

/** What is counted: packets that rules let through, and that come from learned addresses. */
export type Counted = 'rules' | 'addresses';

export interface TableRow {
  readonly id: number;
  readonly name: string;
  readonly purpose: string;
  /** What happens to a packet that no flow matches: dropped, or on to that table. */
  readonly miss: 'drop' | Table;
  /** Tables that flows of this one may go to, besides `miss`. */
  readonly next: readonly Table[];
  /** Tables that flows of this one ask, and that come back here. */
  readonly calls?: readonly Table[];
  /** What its flows count is read, for that: one that takes the place of another begins at 0. */
  readonly counts?: Counted;
}

const TABLE_MAX = 253;

export class Table implements FlowTable {
  readonly id: number;
  readonly name: string;
  readonly purpose: string;
  readonly miss: 'drop' | Table;
  readonly next: readonly Table[];
  readonly calls: readonly Table[];
  readonly counts: Counted | undefined;
  /** `OFPFF` bits of its flows. */
  readonly flowFlags: number;

  constructor(row: TableRow) {
    assert(row.id >= 0 && row.id <= TABLE_MAX, `${row.name} is a table that a controller may use`);
    this.id = row.id;
    this.name = row.name;
    this.purpose = row.purpose;
    this.miss = row.miss;
    this.next = row.miss === 'drop' ? row.next : [row.miss, ...row.next];
    this.calls = row.calls ?? [];
    this.counts = row.counts;
    this.flowFlags = this.counts !== undefined ? OFPFF.RESET_COUNTS : 0;
    for (const next of this.next) {
      assert(next.id > this.id, `${row.name} goes forward to ${next.name}`);
    }
  }

  /** Begins a flow of this table; it reads as a sentence and ends in `goto`, `done` or `drop`. */
  flow(priority: Priority): FlowBuilder {
    return new FlowBuilder(this, priority);
  }

  assertCalls(table: FlowTable): void {
    if (this.calls.includes(table as Table)) return;
    throw new AssertionError(`${this.name} does not ask table ${table.id}`);
  }

  assertNext(table: FlowTable): void {
    if (this.next.includes(table as Table)) return;
    throw new AssertionError(`${this.name} does not lead to table ${table.id}`);
  }
}
