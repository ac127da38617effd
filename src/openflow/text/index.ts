/** The text form of flows, equal to that of `ovs-ofctl` (ovs-ofctl(8), "Flow Syntax"). */
import type { Action } from '../actions/index.ts';
import type { Instruction } from '../instructions.ts';
import type { Match } from '../oxm/index.ts';

export interface TextOptions {
  /** Names of tables by number; a table without one is printed as its number. */
  readonly tableNames?: ReadonlyMap<number, string>;
}

/** A flow as `ovs-ofctl` reads and prints it; absent members have OpenFlow's defaults. */
export interface FlowText {
  readonly table?: number;
  readonly priority?: number;
  readonly cookie?: bigint;
  readonly idleTimeout?: number;
  readonly hardTimeout?: number;
  readonly importance?: number;
  /** OFPFF_* bits. */
  readonly flags?: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

export function formatFlow(_flow: FlowText, _options: TextOptions = {}): string {
  throw new Error('not written yet');
}

export function formatMatch(_match: Match): string {
  throw new Error('not written yet');
}

export function formatActions(_actions: readonly Action[], _options: TextOptions = {}): string {
  throw new Error('not written yet');
}

export function parseFlow(_text: string, _options: TextOptions = {}): FlowText {
  throw new Error('not written yet');
}

export function parseMatch(_text: string): Match {
  throw new Error('not written yet');
}

export function parseActions(_text: string, _options: TextOptions = {}): Action[] {
  throw new Error('not written yet');
}
