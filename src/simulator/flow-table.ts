/**
 * The flows of one table, decoded, and the lookup in them, as Open vSwitch's classifier does it
 * (lib/classifier.c): flows that look at the same bits share a hash table.
 */
import { type Instruction, instructionsFromBytes } from '../openflow/instructions.ts';
import {
  and,
  type FieldName,
  type Masked,
  type Match,
  matchFromBytes,
  type Value,
} from '../openflow/oxm/index.ts';
import type { CompiledFlow } from '../pipeline/index.ts';
import type { PacketState } from './packet.ts';

/** A flow of which instructions are read when they are needed: most flows no packet comes to. */
export class DecodedFlow {
  readonly flow: CompiledFlow;
  #instructions: readonly Instruction[] | undefined;
  #conjunctions: readonly Dimension[] | undefined;

  constructor(flow: CompiledFlow) {
    this.flow = flow;
  }

  get instructions(): readonly Instruction[] {
    this.#instructions ??= instructionsFromBytes(this.flow.instructions);
    return this.#instructions;
  }

  /** The dimensions of conjunctions that it is in; such a flow does nothing else. */
  get conjunctions(): readonly Dimension[] {
    this.#conjunctions ??= dimensionsOf(this.instructions);
    return this.#conjunctions;
  }
}

interface Dimension {
  readonly id: number;
  /** Counted from 1. */
  readonly clause: number;
  readonly clauses: number;
}

export class FlowTable {
  readonly #subtables = new Map<string, Subtable>();

  constructor(flows: Iterable<CompiledFlow>) {
    for (const flow of flows) this.#add(flow);
    for (const subtable of this.#subtables.values()) subtable.sort();
  }

  /**
   * The flow of the highest priority that the packet matches. Flows with `conjunction` count only
   * together: where all dimensions of one are matched at one priority, the flow is what a second
   * lookup gives, in which `conj_id` is set (ovs-fields(7), "Conjunctive Match Fields"). Which one
   * wins of several at a priority is not defined.
   */
  lookup(packet: PacketState): DecodedFlow | undefined {
    const chains = this.#chains(packet);
    const first = best(chains);
    if (first === undefined || first.conjunctions.length === 0) return first;
    const matching = chains.flat();
    const priorities = new Set(matching.map(({ flow }) => flow.priority));
    for (const priority of [...priorities].sort((one, other) => other - one)) {
      const level = matching.filter(({ flow }) => flow.priority === priority);
      const ordinary = level.find(({ conjunctions }) => conjunctions.length === 0);
      if (ordinary !== undefined) return ordinary;
      for (const id of satisfied(level)) {
        const found = this.#lookupConjunction(packet, id);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #add(flow: CompiledFlow): void {
    const match = matchFromBytes(flow.match);
    let bits = '';
    let key = '';
    for (const name in match) {
      const { field, value, mask } = conditionOf(match, name as FieldName);
      bits += `${field}/${mask ?? ''},`;
      key += `${value},`;
    }
    let subtable = this.#subtables.get(bits);
    if (subtable === undefined) {
      const masks = Object.keys(match).map((name) => conditionOf(match, name as FieldName));
      subtable = new Subtable(masks);
      this.#subtables.set(bits, subtable);
    }
    subtable.add(key, new DecodedFlow(flow));
  }

  /** What the packet matches: flows of one match each, by falling priority. */
  #chains(packet: PacketState): (readonly DecodedFlow[])[] {
    const chains: (readonly DecodedFlow[])[] = [];
    for (const subtable of this.#subtables.values()) {
      const chain = subtable.find(packet);
      if (chain !== undefined) chains.push(chain);
    }
    return chains;
  }

  /** A part of a conjunction hides what has its match at a lower priority, as in Open vSwitch. */
  #lookupConjunction(packet: PacketState, id: number): DecodedFlow | undefined {
    const question = packet.copy();
    question.set('conj_id', id);
    return best(this.#chains(question).filter(([first]) => first?.conjunctions.length === 0));
  }
}

/** Flows whose matches look at the same bits of the same fields. */
class Subtable {
  readonly #masks: readonly Condition[];
  readonly #chains = new Map<string, DecodedFlow[]>();

  constructor(masks: readonly Condition[]) {
    this.#masks = masks;
  }

  /** `key`: the values that the flow wants of the fields, each with a comma after it. */
  add(key: string, flow: DecodedFlow): void {
    const chain = this.#chains.get(key);
    if (chain === undefined) this.#chains.set(key, [flow]);
    else chain.push(flow);
  }

  sort(): void {
    for (const chain of this.#chains.values()) {
      if (chain.length > 1) chain.sort((one, other) => other.flow.priority - one.flow.priority);
    }
  }

  find(packet: PacketState): readonly DecodedFlow[] | undefined {
    let key = '';
    for (const { field, mask } of this.#masks) {
      const actual = packet.get(field);
      key += `${mask === undefined ? actual : and(actual, mask)},`;
    }
    return this.#chains.get(key);
  }
}

interface Condition {
  readonly field: FieldName;
  readonly value: Value;
  readonly mask?: Value;
}

function conditionOf(match: Match, field: FieldName): Condition {
  const content = match[field] as Value | Masked<number> | Masked<bigint>;
  if (typeof content !== 'object') return { field, value: content };
  return { field, value: content.value, mask: content.mask };
}

function dimensionsOf(instructions: readonly Instruction[]): Dimension[] {
  return instructions
    .flatMap((each) => (each.type === 'apply_actions' ? each.actions : []))
    .filter((action) => action.type === 'conjunction');
}

function best(chains: readonly (readonly DecodedFlow[])[]): DecodedFlow | undefined {
  let winner: DecodedFlow | undefined;
  for (const [first] of chains) {
    if (first === undefined) continue;
    if (winner === undefined || first.flow.priority > winner.flow.priority) winner = first;
  }
  return winner;
}

/**
 * Conjunctions of which flows of all dimensions are there. Open vSwitch looks at none that has more
 * dimensions than there are flows, even if one of these is in two.
 */
function satisfied(level: readonly DecodedFlow[]): number[] {
  const seen = new Map<number, { clauses: number; met: Set<number> }>();
  for (const { id, clause, clauses } of level.flatMap(({ conjunctions }) => conjunctions)) {
    const state = seen.get(id) ?? { clauses, met: new Set() };
    state.met.add(clause);
    seen.set(id, state);
  }
  return [...seen]
    .filter(([, { clauses, met }]) => met.size === clauses && clauses <= level.length)
    .map(([id]) => id);
}
