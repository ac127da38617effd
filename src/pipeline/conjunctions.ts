/**
 * Flows that several units share. A conjunctive match (ovs-fields(7)) has one flow for each value
 * of a dimension, and its actions name every conjunction that has the value: units say which they
 * mean, and the flow is the sum of what all of them say.
 */
import type { Action, ConjunctionAction } from '../openflow/actions/index.ts';
import { instructionBytes } from '../openflow/instructions.ts';
import { type Match, matchBytes } from '../openflow/oxm/index.ts';
import { type CompiledFlow, compiledFlow, flowKey } from './compiled-flow.ts';
import { cookieOf } from './cookies.ts';
import type { FlowTable } from './flow-builder.ts';
import type { Priority } from './priorities.ts';

/** "What meets this is in dimension `clause` of `clauses` of the conjunction `id`." */
export interface ConjunctionDraft extends Omit<ConjunctionAction, 'type'> {
  readonly table: FlowTable;
  readonly priority: Priority;
  readonly match: Match;
}

export interface CompiledConjunction {
  readonly flow: Pick<CompiledFlow, 'table' | 'priority' | 'match' | 'key'>;
  readonly action: ConjunctionAction;
}

export function compiledConjunction(draft: ConjunctionDraft): CompiledConjunction {
  const { id, clause, clauses, priority } = draft;
  const table = draft.table.id;
  const match = matchBytes(draft.match);
  return {
    flow: { table, priority, match, key: flowKey(table, priority, match) },
    action: { type: 'conjunction', id, clause, clauses },
  };
}

/**
 * A message is at most 64 KB, and a conjunction takes 16 bytes. What is over lets nothing through:
 * a switch cannot hold more than so many clauses that share a service.
 */
const ACTIONS_MAX = 4_000;

const COOKIE = cookieOf('conjunctions', '');
/** OVS allows 64 dimensions. */
const CLAUSES_MAX = 64;

/** The shared flows of one host. */
export class Conjunctions {
  readonly #sums = new Map<string, Sum>();
  readonly #touched = new Map<string, CompiledFlow | undefined>();

  /** What a unit says, in place of what it said before. */
  replace(before: Iterable<CompiledConjunction>, after: Iterable<CompiledConjunction>): void {
    for (const item of before) this.#remove(item);
    for (const item of after) this.#insert(item);
  }

  /** Ends a round of changes: each flow that was touched, before and after. */
  settle(): { before: CompiledFlow | undefined; after: CompiledFlow | undefined }[] {
    const changes = [...this.#touched].map(([key, before]) => ({ before, after: this.#make(key) }));
    this.#touched.clear();
    return changes;
  }

  #insert(item: CompiledConjunction): void {
    const sum = this.#sumOf(item);
    const key = keyOf(item.action);
    const count = sum.members.get(key)?.count ?? 0;
    sum.members.set(key, { action: item.action, count: count + 1 });
  }

  #remove(item: CompiledConjunction): void {
    const sum = this.#sumOf(item);
    const key = keyOf(item.action);
    const count = sum.members.get(key)?.count ?? 0;
    if (count > 1) sum.members.set(key, { action: item.action, count: count - 1 });
    else sum.members.delete(key);
  }

  #sumOf({ flow }: CompiledConjunction): Sum {
    let sum = this.#sums.get(flow.key);
    if (sum === undefined) {
      sum = { flow, members: new Map(), made: undefined };
      this.#sums.set(flow.key, sum);
    }
    if (!this.#touched.has(flow.key)) this.#touched.set(flow.key, sum.made);
    return sum;
  }

  #make(key: string): CompiledFlow | undefined {
    const sum = this.#sums.get(key);
    if (sum === undefined || sum.members.size === 0) {
      this.#sums.delete(key);
      return undefined;
    }
    const sorted = [...sum.members.keys()].sort((one, other) => one - other);
    const keys = sorted.slice(0, ACTIONS_MAX);
    const actions = keys.map((member): Action => (sum.members.get(member) as Member).action);
    const instructions = instructionBytes([{ type: 'apply_actions', actions }]);
    sum.made = compiledFlow({ ...sum.flow, cookie: COOKIE, instructions });
    return sum.made;
  }
}

interface Member {
  readonly action: ConjunctionAction;
  readonly count: number;
}

interface Sum {
  readonly flow: CompiledConjunction['flow'];
  readonly members: Map<number, Member>;
  made: CompiledFlow | undefined;
}

function keyOf({ id, clause }: ConjunctionAction): number {
  return id * CLAUSES_MAX + clause - 1;
}
