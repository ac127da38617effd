/**
 * Lets an identity through at once, and then only some times a second: what comes meanwhile is let
 * through when its time has come, once however often it came.
 */
import type { Clock, Timer } from '../../lib/clock.ts';

const PACE_MS = 250;

export class Pace {
  readonly #clock: Clock;
  readonly #let: (id: string) => void;
  /** What was let through since the timer was set, and whether it has come again. */
  readonly #recent = new Map<string, boolean>();
  #timer: Timer | undefined;

  constructor(clock: Clock, letThrough: (id: string) => void) {
    this.#clock = clock;
    this.#let = letThrough;
  }

  add(id: string): void {
    if (this.#recent.has(id)) {
      this.#recent.set(id, true);
      return;
    }
    this.#recent.set(id, false);
    this.#let(id);
    this.#timer ??= this.#clock.setTimer(PACE_MS, () => this.#next());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #next(): void {
    this.#timer = undefined;
    const again = [...this.#recent].filter(([, isAgain]) => isAgain);
    this.#recent.clear();
    for (const [id] of again) this.add(id);
  }
}
