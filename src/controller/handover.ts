/**
 * When changes that were applied go to the fleet: those of one turn together, and with them what
 * commits of ours that are under way are about to bring. OVS begins to look over the flows of its
 * caches at most once in 5 ms (udpif_revalidator() of ofproto-dpif-upcall.c): what two pushes bring
 * one after the other is in force that much later than what one brings. What concerns many hosts
 * goes to some of them in each turn.
 */
import type { Clock, Timer } from '../lib/clock.ts';

/** A store that does not answer holds up nothing that it has confirmed. */
const HOLD_MS = 2;
/** So many hosts take less time than the answer to whoever wrote; more let that go first. */
const FEW_HOSTS = 8;

export interface HandoverOptions {
  readonly clock: Clock;
  /** Commits of ours that were sent, and not applied yet. */
  readonly commitsUnderWay: () => number;
  /** Hosts that there is something for. */
  readonly hostsTouched: () => number;
  /** Hands on what there is for some of them. */
  readonly handOn: () => void;
  /** Whether there is nothing more. */
  readonly isDone: () => boolean;
}

export class Handover {
  readonly #options: HandoverOptions;
  /** Until when what was applied may wait; absent: nothing does. */
  #deadline: Timer | undefined;
  /** Whether a turn that follows hands on. */
  #goesOn = false;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /** A change was applied. */
  changed(): void {
    if (this.#goesOn) return;
    this.#deadline ??= this.#options.clock.setTimer(HOLD_MS, () => this.#go());
    queueMicrotask(() => {
      if (this.#deadline !== undefined && this.#options.commitsUnderWay() === 0) this.#go();
    });
  }

  #go(): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
    if (this.#options.hostsTouched() <= FEW_HOSTS) this.#turn();
    else this.#goOn();
  }

  #goOn(): void {
    this.#goesOn = true;
    this.#options.clock.soon(() => this.#turn());
  }

  #turn(): void {
    const { handOn, isDone } = this.#options;
    handOn();
    this.#goesOn = false;
    if (!isDone()) this.#goOn();
  }
}
