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
  readonly hosts: () => Iterable<HostProgress>;
  /** One of them; undefined: it is known no more. */
  readonly host: (id: string) => HostProgress | undefined;
}

interface View extends RealizationResult {
  /** Nobody is left to wait for. */
  readonly isOver: boolean;
  /** Hosts that lag and are there. */
  readonly awaited: readonly string[];
}

interface Waiter {
  readonly revision: number;
  /** One host has come on, or any may have. */
  readonly look: (hostId?: string) => void;
  readonly giveUp: () => void;
}

/** Revisions of which it is known which hosts they touched; who asks, asks at once. */
const TOUCHED_MAX = 512;

export class Realization {
  readonly #options: RealizationOptions;
  readonly #waiters = new Set<Waiter>();
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
    return this.#wait({ revision, view: () => this.#view(revision), waitMs, signal });
  }

  /**
   * As `wait`, for the hosts that the revision touched. Those that are away, or are another
   * controller's, are not waited for, and named.
   */
  waitTouched(revision: number, waitMs: number, signal: AbortSignal): Promise<RealizationResult> {
    const touched = this.#touched.get(revision);
    if (touched === undefined) return this.wait(revision, waitMs, signal);
    const view = () => this.#viewOf(touched, revision);
    return this.#wait({ revision, view, waitMs, signal });
  }

  /**
   * Everything was read anew. A revision that is not there was lost, or will be another commit:
   * nobody waits for it any more.
   */
  reset(): void {
    this.#touched.clear();
    for (const waiter of this.#waiters) {
      if (waiter.revision > this.#options.revision()) waiter.giveUp();
      else waiter.look();
    }
  }

  /** A host acknowledged a revision, came or went: whoever waits for it looks again. */
  hostProgressed(hostId: string): void {
    for (const { look } of this.#waiters) look(hostId);
  }

  /** A revision came, which hosts that it does not touch have at once: all waiters look again. */
  progressed(): void {
    for (const { look } of this.#waiters) look();
  }

  #view(revision: number): View {
    const lagging: string[] = [];
    for (const { id, connected, realizedRevision } of this.#options.hosts()) {
      if (connected && realizedRevision < revision) lagging.push(id);
    }
    const realized = lagging.length === 0 && this.#options.revision() >= revision;
    return { realized, lagging, isOver: realized, awaited: lagging };
  }

  #viewOf(touched: ReadonlySet<string>, revision: number): View {
    const lagging: string[] = [];
    const awaited: string[] = [];
    for (const id of touched) {
      const progress = this.#options.host(id);
      if (progress !== undefined && progress.realizedRevision >= revision) continue;
      lagging.push(id);
      if (progress?.connected === true) awaited.push(id);
    }
    return { realized: lagging.length === 0, lagging, isOver: awaited.length === 0, awaited };
  }

  #isAwaited(id: string, revision: number): boolean {
    const progress = this.#options.host(id);
    return progress?.connected === true && progress.realizedRevision < revision;
  }

  /** Each host that comes on costs a look at that one, however many there are. */
  async #wait({ revision, view, waitMs, signal }: Wait): Promise<RealizationResult> {
    const now = view();
    if (now.isOver || waitMs <= 0 || signal.aborted) return resultOf(now);
    return new Promise((resolve) => {
      let awaited = new Set(now.awaited);
      const end = (last: View): void => {
        timer.cancel();
        signal.removeEventListener('abort', giveUp);
        this.#waiters.delete(waiter);
        resolve(resultOf(last));
      };
      const giveUp = (): void => end(view());
      const look: Waiter['look'] = (hostId) => {
        if (hostId !== undefined && !awaited.has(hostId)) return;
        for (const id of hostId === undefined ? awaited : [hostId]) {
          if (!this.#isAwaited(id, revision)) awaited.delete(id);
        }
        if (awaited.size > 0) return;
        const next = view();
        if (next.isOver) end(next);
        else awaited = new Set(next.awaited);
      };
      const timer = this.#options.clock.setTimer(waitMs, giveUp);
      signal.addEventListener('abort', giveUp);
      const waiter = { revision, look, giveUp };
      this.#waiters.add(waiter);
    });
  }
}

interface Wait {
  readonly revision: number;
  readonly view: () => View;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

function resultOf({ realized, lagging }: View): RealizationResult {
  return { realized, lagging };
}
