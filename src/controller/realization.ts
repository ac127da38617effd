/** Waiting for hosts: who has realised a revision, and who has not. */

import type { HostState, HostStatus } from '../fleet/index.ts';
import type { Clock } from '../lib/clock.ts';

export interface Realization {
  readonly realized: boolean;
  /** Connected hosts that have not acknowledged the revision. */
  readonly lagging: readonly string[];
}

export interface RealizationOptions {
  readonly clock: Clock;
  readonly hosts: () => readonly HostStatus[];
  /** Hosts that nobody should wait for: refused, or another controller's. */
  readonly isExcused: (hostId: string) => boolean;
  readonly revision: () => number;
}

/** A dead host delays nobody; neither does one that a newer owner has taken. */
const WAITED_FOR: ReadonlySet<HostState> = new Set(['connected', 'enrolling', 'syncing', 'ready']);

export class RealizationWaiters {
  readonly #options: RealizationOptions;
  readonly #waiters = new Set<() => void>();

  constructor(options: RealizationOptions) {
    this.#options = options;
  }

  check(revision: number): Realization {
    const { hosts, isExcused } = this.#options;
    const lagging = hosts()
      .filter(({ id, state }) => WAITED_FOR.has(state) && !isExcused(id))
      .filter(({ realizedRevision }) => realizedRevision < revision)
      .map(({ id }) => id);
    return { realized: lagging.length === 0 && this.#options.revision() >= revision, lagging };
  }

  /** Resolves when `revision` is realised, after `waitMs`, or when `signal` aborts. */
  async wait(revision: number, waitMs: number, signal: AbortSignal): Promise<Realization> {
    const now = this.check(revision);
    if (now.realized || waitMs <= 0 || signal.aborted) return now;
    return new Promise((resolve) => {
      const end = (result: Realization): void => {
        timer.cancel();
        signal.removeEventListener('abort', giveUp);
        this.#waiters.delete(look);
        resolve(result);
      };
      const giveUp = (): void => end(this.check(revision));
      const look = (): void => {
        const result = this.check(revision);
        if (result.realized) end(result);
      };
      const timer = this.#options.clock.setTimer(waitMs, giveUp);
      signal.addEventListener('abort', giveUp);
      this.#waiters.add(look);
    });
  }

  /** Something that waiters look at may have changed. */
  notify(): void {
    for (const look of [...this.#waiters]) look();
  }
}
