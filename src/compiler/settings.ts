/** Settings of the region that flows and meters depend on. */
import type { Limit } from '../pipeline/index.ts';

export interface CompilerSettings {
  /** Packets that a port may send to many at once; undefined: as many as it wants. */
  readonly storm: Limit | undefined;
  /** Whether streams go to those alone who have said that they listen. */
  readonly snooping: boolean;
}

/** Far more than a guest needs that nobody has to stop. */
export const STORM_LIMIT: Limit = { rate: 1000, burst: 1000 };

/** As where nobody sets anything (src/config). */
export const DEFAULT_SETTINGS: CompilerSettings = { storm: STORM_LIMIT, snooping: true };
