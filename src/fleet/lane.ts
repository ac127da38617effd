/**
 * A lane does one thing after another for one host: it asks what the next step is, awaits it, and
 * asks again, until there is none. It is level-triggered: `kick` says that something changed, never
 * what, so that a kick too many costs a question and none can be lost. A step that fails is
 * followed by a pause that grows and is jittered; a dead host thus delays nobody and floods nobody.
 */
import type { Clock, Random, Timer } from '../lib/clock.ts';

const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 10_000;

/** Rejects when it should be followed by a pause; what went wrong has been dealt with by then. */
type Step = () => Promise<void>;

export interface LaneOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The next step, decided from the state as it is now; undefined when there is nothing to do. */
  readonly next: () => Step | undefined;
}

export class Lane {
  readonly #options: LaneOptions;
  #running = false;
  #stopped = false;
  #pauseMs = 0;
  #pause: Timer | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Something changed: look whether there is something to do. */
  kick(): void {
    if (this.#running || this.#stopped || this.#pause !== undefined) return;
    this.#running = true;
    void this.#run();
  }

  /** Forgets the pause after failures: the other side is a new one. */
  reset(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#pauseMs = 0;
    this.kick();
  }

  /** Starts no further step. */
  stop(): void {
    this.#stopped = true;
    this.#pause?.cancel();
  }

  async #run(): Promise<void> {
    for (let step = this.#next(); step !== undefined; step = this.#next()) {
      try {
        await step();
      } catch {
        this.#startPause();
        break;
      }
    }
    this.#running = false;
  }

  #next(): Step | undefined {
    if (this.#stopped) return undefined;
    const step = this.#options.next();
    if (step === undefined) this.#pauseMs = 0;
    return step;
  }

  #startPause(): void {
    if (this.#stopped) return;
    this.#pauseMs = Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, this.#pauseMs * 2));
    const jittered = this.#pauseMs / 2 + this.#options.random.integer(this.#pauseMs);
    this.#pause = this.#options.clock.setTimer(jittered, () => {
      this.#pause = undefined;
      this.kick();
    });
  }
}
