/**
 * A compiled flow is the message that brings it to a switch, and what is needed to compare it. It
 * is immutable, and shared by reference between hosts.
 */

import { type Hash64, Hasher } from '../lib/hash.ts';
import { encodeFlowMod, FLOW_MOD_MATCH_AT } from '../openflow/messages/index.ts';
import type { Writer } from '../openflow/wire/index.ts';
import { flowFlagsOf } from './counting.ts';

/** What the bytes of a flow do not say as readily. */
export interface FlowFacts {
  readonly table: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly key: string;
  /** The conntrack zone that begins with the flow. */
  readonly zone?: number | undefined;
}

/** Where the message of a flow is, among those of its unit, and where its match ends. */
export interface FlowPlace {
  readonly bytes: Buffer;
  readonly start: number;
  readonly matchEnd: number;
  readonly end: number;
}

export class CompiledFlow {
  readonly table: number;
  readonly priority: number;
  /** Identity of the unit that yields the flow (cookies.ts). */
  readonly cookie: bigint;
  /** What a switch tells flows apart by: table, priority and match. One string a flow, latin1. */
  readonly key: string;
  /** Of everything that a flow is: equal hashes are taken for equal flows by the fingerprints. */
  readonly hash: Hash64;
  /** The conntrack zone that begins with this flow, if one does. It does not travel. */
  readonly zone: number | undefined;
  /** Views are made when they are asked for: they outweigh all else, and most flows need none. */
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #matchEnd: number;
  readonly #end: number;

  constructor(facts: FlowFacts, place: FlowPlace) {
    this.table = facts.table;
    this.priority = facts.priority;
    this.cookie = facts.cookie;
    this.key = facts.key;
    this.zone = facts.zone;
    this.hash = hashFlow(facts, place);
    this.#bytes = place.bytes;
    this.#start = place.start;
    this.#matchEnd = place.matchEnd;
    this.#end = place.end;
  }

  /** The OFPT_FLOW_MOD that adds the flow, or replaces it; its xid is 0. */
  get message(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** `ofp_match`, padded, canonical. */
  get match(): Buffer {
    return this.#bytes.subarray(this.#start + FLOW_MOD_MATCH_AT, this.#matchEnd);
  }

  /** The instruction list, canonical. Empty: drop. */
  get instructions(): Buffer {
    return this.#bytes.subarray(this.#matchEnd, this.#end);
  }
}

/** One flow by itself, around a match and instructions that are encoded already. */
export function compiledFlow(
  flow: Pick<CompiledFlow, 'table' | 'priority' | 'cookie' | 'match' | 'instructions'>,
): CompiledFlow {
  const { table, priority, cookie, match, instructions } = flow;
  const bytes = encodeFlowMod(
    {
      command: 'OFPFC_ADD',
      tableId: table,
      priority,
      cookie,
      match,
      instructions,
      flags: flowFlagsOf(table),
    },
    0,
  );
  const matchEnd = FLOW_MOD_MATCH_AT + match.length;
  const facts = { table, priority, cookie, key: flowKey(table, priority, match) };
  return new CompiledFlow(facts, { bytes, start: 0, matchEnd, end: bytes.length });
}

/** What stands before the match in the bytes of a key. */
export function writeKeyPrefix(writer: Writer, table: number, priority: number): void {
  writer.u8(table);
  writer.u16(priority);
}

export function flowKey(table: number, priority: number, match: Buffer): string {
  return String.fromCharCode(table, priority >>> 8, priority & 0xff) + match.toString('latin1');
}

export function sameFlow(one: CompiledFlow, other: CompiledFlow): boolean {
  return (
    one === other ||
    (one.cookie === other.cookie &&
      one.key === other.key &&
      one.instructions.equals(other.instructions))
  );
}

/** Used again for every flow. */
const hasher = new Hasher();

function hashFlow(facts: FlowFacts, { bytes, start, matchEnd, end }: FlowPlace): Hash64 {
  hasher.begin();
  hasher.number((facts.table << 16) | facts.priority);
  hasher.bigint(facts.cookie);
  hasher.bytes(bytes, start + FLOW_MOD_MATCH_AT, matchEnd);
  hasher.bytes(bytes, matchEnd, end);
  return hasher.digest();
}
