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

/** Immutable, and shared by reference between hosts, as units are. */
export class CompiledConjunction {
  readonly flow: Pick<CompiledFlow, 'table' | 'priority' | 'match' | 'key'>;
  readonly action: ConjunctionAction;
  #alone: CompiledFlow | undefined;
  /** Flows of itself and others, by what they name. */
  #together: Map<string, CompiledFlow> | undefined;

  constructor({ table, priority, match, id, clause, clauses }: ConjunctionDraft) {
    const bytes = matchBytes(match);
    const key = flowKey(table.id, priority, bytes);
    this.flow = { table: table.id, priority, match: bytes, key };
    this.action = { type: 'conjunction', id, clause, clauses };
  }

  /** The flow where nobody else says anything of the same match: the same on every host. */
  get alone(): CompiledFlow {
    this.#alone ??= sharedFlow(this.flow, [this.action]);
    return this.#alone;
  }

  /** The flow where others do; `actions` are all of them, its own the first: the same, too. */
  together(actions: readonly ConjunctionAction[]): CompiledFlow {
    if (actions.length > TOGETHER_ACTIONS_MAX) return sharedFlow(this.flow, actions);
    const name = actions.map(keyOf).join(' ');
    const known = this.#together?.get(name);
    if (known !== undefined) return known;
    const flow = sharedFlow(this.flow, actions);
    if (this.#together === undefined || this.#together.size >= TOGETHER_FLOWS_MAX) {
      this.#together = new Map();
    }
    this.#together.set(name, flow);
    return flow;
  }
}

/** Longer ones are few, and no two hosts may have the same. */
const TOGETHER_ACTIONS_MAX = 32;
/** Of one conjunction: hosts differ in few groups, and changes come one after the other. */
const TOGETHER_FLOWS_MAX = 8;

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
    sum.members.set(key, { item, count: count + 1 });
  }

  #remove(item: CompiledConjunction): void {
    const sum = this.#sumOf(item);
    const key = keyOf(item.action);
    const count = sum.members.get(key)?.count ?? 0;
    if (count > 1) sum.members.set(key, { item, count: count - 1 });
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
    sum.made = made(sum);
    return sum.made;
  }
}

/** What says the same several times is any of them. */
interface Member {
  readonly item: CompiledConjunction;
  readonly count: number;
}

interface Sum {
  readonly flow: CompiledConjunction['flow'];
  readonly members: Map<number, Member>;
  made: CompiledFlow | undefined;
}

function made({ members }: Sum): CompiledFlow {
  const [first] = members.values();
  if (members.size === 1 && first !== undefined) return first.item.alone;
  const sorted = [...members].sort(([one], [other]) => one - other).slice(0, ACTIONS_MAX);
  const items = sorted.map(([, { item }]) => item);
  return (items[0] as CompiledConjunction).together(items.map(({ action }) => action));
}

function sharedFlow(flow: CompiledConjunction['flow'], actions: readonly Action[]): CompiledFlow {
  const instructions = instructionBytes([{ type: 'apply_actions', actions }]);
  return compiledFlow({ ...flow, cookie: COOKIE, instructions });
}

function keyOf({ id, clause }: ConjunctionAction): number {
  return id * CLAUSES_MAX + clause - 1;
}
