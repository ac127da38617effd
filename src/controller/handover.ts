/**
 * When changes that were applied go to the fleet: those of one turn together, and with them what
 * commits of ours that are under way are about to bring. OVS begins to look over the flows of its
 * caches at most once in 5 ms (udpif_revalidator() of ofproto-dpif-upcall.c): what two pushes bring
 * one after the other is in force that much later than what one brings.
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
  readonly handOn: () => void;
}

export class Handover {
  readonly #options: HandoverOptions;
  /** Until when what was applied may wait; absent: nothing does. */
  #deadline: Timer | undefined;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /** A change was applied. */
  changed(): void {
    this.#deadline ??= this.#options.clock.setTimer(HOLD_MS, () => this.#go());
    queueMicrotask(() => {
      if (this.#deadline !== undefined && this.#options.commitsUnderWay() === 0) this.#go();
    });
  }

  #go(): void {
    const { clock, handOn, hostsTouched } = this.#options;
    this.#deadline?.cancel();
    this.#deadline = undefined;
    if (hostsTouched() <= FEW_HOSTS) handOn();
    else clock.soon(handOn);
  }
}
