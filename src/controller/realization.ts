/** Waiting for hosts: who has realised a revision, and who has not. */
import type { Clock } from '../lib/clock.ts';

export interface HostProgress {
  readonly id: string;
  readonly realizedRevision: number;
  /** Only hosts that are there are waited for: a dead host delays nobody. */
  readonly connected: boolean;
}

export interface RealizationResult {
  readonly realized: boolean;
  /** Connected hosts that have not acknowledged the revision. */
  readonly lagging: readonly string[];
}

export interface RealizationOptions {
  readonly clock: Clock;
  /** The revision that this controller has seen last. */
  readonly revision: () => number;
  readonly hosts: () => readonly HostProgress[];
}

export class Realization {
  readonly #options: RealizationOptions;
  readonly #waiters = new Set<() => void>();

  constructor(options: RealizationOptions) {
    this.#options = options;
  }

  now(revision: number): RealizationResult {
    const { hosts } = this.#options;
    const lagging = hosts()
      .filter(({ connected, realizedRevision }) => connected && realizedRevision < revision)
      .map(({ id }) => id);
    return { realized: lagging.length === 0 && this.#options.revision() >= revision, lagging };
  }

  /** Resolves when `revision` is realised, after `waitMs`, or when `signal` aborts. */
  async wait(revision: number, waitMs: number, signal: AbortSignal): Promise<RealizationResult> {
    const now = this.now(revision);
    if (now.realized || waitMs <= 0 || signal.aborted) return now;
    return new Promise((resolve) => {
      const end = (result: RealizationResult): void => {
        timer.cancel();
        signal.removeEventListener('abort', giveUp);
        this.#waiters.delete(look);
        resolve(result);
      };
      const giveUp = (): void => end(this.now(revision));
      const look = (): void => {
        const result = this.now(revision);
        if (result.realized) end(result);
      };
      const timer = this.#options.clock.setTimer(waitMs, giveUp);
      signal.addEventListener('abort', giveUp);
      this.#waiters.add(look);
    });
  }

  /** A revision came, or a host acknowledged one, came or went: waiters look again. */
  progressed(): void {
    for (const look of this.#waiters) look();
  }
}
