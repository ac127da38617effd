/**
 * Time and randomness as arguments (ARCHITECTURE.md, decision 11).
 * Everything in src that needs either takes one of these; `system.ts` provides the real ones and
 * tests provide virtual ones.
 */

/** A timer that can be taken back. Cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. For durations and deadlines. */
  now(): number;
  /** Milliseconds since 1970-01-01 UTC. For timestamps that people or other machines read. */
  wallTimeMs(): number;
  /** Calls `fire` once, `delayMs` from now. */
  setTimer(delayMs: number, fire: () => void): Timer;
  /** Calls `run` once, when what is under way in this turn, promises included, has been done. */
  soon(run: () => void): void;
}

export interface Random {
  /** A uniform integer in [0, `exclusiveMax`), with `exclusiveMax` at most 2^48. */
  integer(exclusiveMax: number): number;
  /** A random (version 4) UUID in its canonical text form. */
  uuid(): string;
}
