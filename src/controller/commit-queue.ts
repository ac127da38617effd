/**
 * Records that are derived from what hosts report: identities are marked, and written together.
 *
 *     add(id) … add(id) ──▶ one commit for all that are marked ──▶ refused or away: marked again
 *
 * At most one commit is under way, so what is marked meanwhile goes into the next: a burst of a
 * thousand VMs costs a few commits, a single VM costs one at once.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { CommitRequest } from '../store/index.ts';

/** The part of the store that writes. */
export interface Committer {
  commit(request: CommitRequest): Promise<number>;
}

export interface CommitQueueOptions {
  readonly store: Committer;
  readonly clock: Clock;
  readonly log: Logger;
  /** For logs: what the queue writes. */
  readonly what: string;
  /** The commit that makes these identities right, from the state of now; undefined: they are. */
  readonly request: (ids: Iterable<string>) => CommitRequest | undefined;
}

export interface CommitQueue {
  add(id: string): void;
  stop(): void;
}

/** Identities in one commit: a script run stays short, an entry of the stream stays small. */
const BATCH_MAX = 256;
/** After a refusal the change that caused it is on its way to us; while Redis is away, patience. */
const RETRY_MS = 50;

export function createCommitQueue(options: CommitQueueOptions): CommitQueue {
  const { store, clock, log, what, request } = options;
  const marked = new Set<string>();
  let underWay = false;
  let stopped = false;
  let retry: Timer | undefined;

  const write = async (batch: readonly string[]): Promise<void> => {
    const commit = request(batch);
    if (commit !== undefined) await store.commit(commit);
  };

  const flush = async (): Promise<void> => {
    if (underWay || stopped || retry !== undefined) return;
    underWay = true;
    while (marked.size > 0 && !stopped) {
      const batch = [...marked].slice(0, BATCH_MAX);
      for (const id of batch) marked.delete(id);
      try {
        await write(batch);
      } catch (error) {
        log.info(`The ${what} were not written; they will be tried again.`, {
          error: String(error),
        });
        for (const id of batch) marked.add(id);
        retry = clock.setTimer(RETRY_MS, () => {
          retry = undefined;
          start();
        });
        break;
      }
    }
    underWay = false;
  };

  const start = (): void => {
    flush().catch((error: unknown) => {
      // `request` derives from our own state: its failure is a mistake of ours, and not retriable.
      underWay = false;
      log.error(`The ${what} could not be derived.`, { error: String(error) });
    });
  };

  return {
    add(id) {
      marked.add(id);
      // The rest of the caller's synchronous work may mark more: write it in one commit.
      if (!underWay) queueMicrotask(start);
    },
    stop() {
      stopped = true;
      retry?.cancel();
    },
  };
}
