/**
 * A clock that stands still until a test moves it. Timers fire inside `advance`, in the order of
 * their deadlines (then of their making: a Set keeps it), each at its own time, also those that timers set.
 */
import type { Clock, Timer } from '../../src/lib/clock.ts';

interface Entry {
  readonly at: number;

  readonly fire: () => void;
}

export class VirtualClock implements Clock {
  #now = 0;
  readonly #startedAt: number;
  readonly #timers = new Set<Entry>();

  /** `startedAt`: the wall time, in milliseconds since 1970, at which `now()` is 0. */
  constructor(startedAt = Date.UTC(2026, 0, 1)) {
    this.#startedAt = startedAt;
  }

  now(): number {
    return this.#now;
  }

  wallTimeMs(): number {
    return this.#startedAt + this.#now;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const entry = { at: this.#now + Math.max(0, delayMs), fire };
    this.#timers.add(entry);
    return { cancel: () => void this.#timers.delete(entry) };
  }

  soon(run: () => void): void {
    setImmediate(run);
  }

  /** Timers that are set and have not fired. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on by `ms` and fires what falls due on the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    this.#now = end;
  }

  /**
   * Moves time on without firing anything: a process that was stopped. What fell due fires late,
   * in the next `advance`.
   */
  stall(ms: number): void {
    this.#now += ms;
  }

  #next(end: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#timers) {
      if (entry.at > end) continue;
      if (first === undefined || entry.at < first.at) first = entry;
    }
    return first;
  }
}
