/** Commits that were sent and not yet seen by the subscriber. */
import type { Clock, Timer } from '../lib/clock.ts';
import { OutcomeUnknownError, StoreUnavailableError } from './errors.ts';

/** How long a commit may wait for Redis to come back and say whether it was applied. */
const OUTCOME_TIMEOUT_MS = 10_000;

interface Pending {
  resolve(revision: number): void;
  reject(error: Error): void;
  readonly timer: Timer;
  /** What the script answered, while the replica is not there yet. */
  revision?: number;
}

export class PendingCommits {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Pending>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Settled by one of the methods below, or with OutcomeUnknownError when none comes in time. */
  add(commitId: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(OUTCOME_TIMEOUT_MS, () => this.#giveUp(commitId));
      this.#byId.set(commitId, { resolve, reject, timer });
    });
  }

  /** The script applied it; the promise waits until the subscriber has been given it. */
  answered(commitId: string, revision: number): void {
    const pending = this.#byId.get(commitId);
    if (pending !== undefined) pending.revision = revision;
  }

  has(commitId: string): boolean {
    return this.#byId.has(commitId);
  }

  delivered(commitId: string, revision: number): void {
    this.#take(commitId)?.resolve(revision);
  }

  refused(commitId: string, error: Error): void {
    this.#take(commitId)?.reject(error);
  }

  /** All that is left was certainly not applied: the whole stream has been read without them. */
  noneApplied(): void {
    for (const id of this.#byId.keys()) {
      this.refused(id, new StoreUnavailableError('Redis went away before the commit was applied'));
    }
  }

  /** A snapshot has passed every revision that was answered. */
  answeredApplied(): void {
    for (const [id, { revision }] of this.#byId) {
      if (revision !== undefined) this.delivered(id, revision);
    }
  }

  /** For all that is left nobody can tell any more. */
  cannotTell(reason: string): void {
    for (const id of this.#byId.keys()) this.refused(id, new OutcomeUnknownError(reason));
  }

  #giveUp(commitId: string): void {
    const pending = this.#take(commitId);
    if (pending?.revision !== undefined) pending.resolve(pending.revision);
    else pending?.reject(new OutcomeUnknownError('Redis has not answered in time'));
  }

  #take(commitId: string): Pending | undefined {
    const pending = this.#byId.get(commitId);
    this.#byId.delete(commitId);
    pending?.timer.cancel();
    return pending;
  }
}
