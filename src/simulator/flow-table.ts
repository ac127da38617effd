/** The flows of one table, decoded, and the lookup in them. */
import { type Instruction, instructionsFromBytes } from '../openflow/instructions.ts';
import { type FieldName, type Masked, type Match, matchFromBytes } from '../openflow/oxm/index.ts';
import type { CompiledFlow } from '../pipeline/index.ts';
import type { PacketState } from './packet.ts';

export interface DecodedFlow {
  readonly flow: CompiledFlow;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

export class FlowTable {
  #entries: { decoded: DecodedFlow; conditions: readonly Condition[] }[] = [];
  #sorted = true;

  add(flow: CompiledFlow): void {
    const match = matchFromBytes(flow.match);
    const instructions = instructionsFromBytes(flow.instructions);
    this.#entries.push({ decoded: { flow, match, instructions }, conditions: conditionsOf(match) });
    this.#sorted = false;
  }

  /** The flow of the highest priority that the packet matches. */
  lookup(packet: PacketState): DecodedFlow | undefined {
    if (!this.#sorted) {
      this.#entries.sort((one, other) => other.decoded.flow.priority - one.decoded.flow.priority);
      this.#sorted = true;
    }
    return this.#entries.find(({ conditions }) => holds(conditions, packet))?.decoded;
  }
}

interface Condition {
  readonly field: FieldName;
  readonly value: number | bigint;
  readonly mask?: number | bigint;
}

function conditionsOf(match: Match): Condition[] {
  return Object.entries(match).map(([field, content]) => {
    const condition = content as number | bigint | Masked<number> | Masked<bigint>;
    return typeof condition === 'object'
      ? { field: field as FieldName, ...condition }
      : { field: field as FieldName, value: condition };
  });
}

function holds(conditions: readonly Condition[], packet: PacketState): boolean {
  return conditions.every(({ field, value, mask }) => {
    const actual = packet.get(field);
    if (mask === undefined) return actual === value;
    return (BigInt(actual) & BigInt(mask)) === BigInt(value);
  });
}
