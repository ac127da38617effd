/**
 * Waiting for hosts: who has realised a revision, and who has not. All hosts, or those alone that
 * the commit touched.
 */
import type { Clock } from '../lib/clock.ts';

export interface HostProgress {
  readonly id: string;
  readonly realizedRevision: number;
  /** Only hosts that are there are waited for: a dead host delays nobody. */
  readonly connected: boolean;
}

export interface RealizationResult {
  readonly realized: boolean;
  /** Hosts that are not known to have acknowledged the revision. */
  readonly lagging: readonly string[];
}

export interface RealizationOptions {
  readonly clock: Clock;
  /** The revision that this controller has seen last. */
  readonly revision: () => number;
  readonly hosts: () => readonly HostProgress[];
}

interface View extends RealizationResult {
  /** Nobody is left to wait for. */
  readonly isOver: boolean;
}

/** Revisions of which it is known which hosts they touched; who asks, asks at once. */
const TOUCHED_MAX = 512;

export class Realization {
  readonly #options: RealizationOptions;
  readonly #waiters = new Set<() => void>();
  readonly #touched = new Map<number, ReadonlySet<string>>();

  constructor(options: RealizationOptions) {
    this.#options = options;
  }

  /** Notes which hosts a revision touched. */
  touched(revision: number, hostIds: ReadonlySet<string>): void {
    this.#touched.set(revision, hostIds);
    this.#touched.delete(revision - TOUCHED_MAX);
  }

  /** Resolves when `revision` is realised, after `waitMs`, or when `signal` aborts. */
  wait(revision: number, waitMs: number, signal: AbortSignal): Promise<RealizationResult> {
    return this.#wait(() => this.#view(revision), waitMs, signal);
  }

  /**
   * As `wait`, for the hosts that the revision touched. Those that are away, or are another
   * controller's, are not waited for, and named.
   */
  waitTouched(revision: number, waitMs: number, signal: AbortSignal): Promise<RealizationResult> {
    const touched = this.#touched.get(revision);
    const view = touched === undefined ? undefined : () => this.#viewOf(touched, revision);
    return this.#wait(view ?? (() => this.#view(revision)), waitMs, signal);
  }

  /** A revision came, or a host acknowledged one, came or went: waiters look again. */
  progressed(): void {
    for (const look of this.#waiters) look();
  }

  #view(revision: number): View {
    const lagging = this.#options
      .hosts()
      .filter(({ connected, realizedRevision }) => connected && realizedRevision < revision)
      .map(({ id }) => id);
    const realized = lagging.length === 0 && this.#options.revision() >= revision;
    return { realized, lagging, isOver: realized };
  }

  #viewOf(touched: ReadonlySet<string>, revision: number): View {
    const missing = new Set(touched);
    let waitsFor = 0;
    for (const { id, connected, realizedRevision } of this.#options.hosts()) {
      if (!touched.has(id)) continue;
      if (realizedRevision >= revision) missing.delete(id);
      else if (connected) waitsFor += 1;
    }
    return { realized: missing.size === 0, lagging: [...missing], isOver: waitsFor === 0 };
  }

  async #wait(view: () => View, waitMs: number, signal: AbortSignal): Promise<RealizationResult> {
    const now = view();
    if (now.isOver || waitMs <= 0 || signal.aborted) return resultOf(now);
    return new Promise((resolve) => {
      const end = (last: View): void => {
        timer.cancel();
        signal.removeEventListener('abort', giveUp);
        this.#waiters.delete(look);
        resolve(resultOf(last));
      };
      const giveUp = (): void => end(view());
      const look = (): void => {
        const next = view();
        if (next.isOver) end(next);
      };
      const timer = this.#options.clock.setTimer(waitMs, giveUp);
      signal.addEventListener('abort', giveUp);
      this.#waiters.add(look);
    });
  }
}

function resultOf({ realized, lagging }: View): RealizationResult {
  return { realized, lagging };
}
