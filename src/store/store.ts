/** The store of one region in Redis: atomic commits, one ordered stream of changes, leases. */
import type { Clock, Random } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Change, StoredRecord } from '../topology/index.ts';
import type { CommitRequest } from './commit.ts';
import { StoreUnavailableError } from './errors.ts';

/** Where Redis listens. */
export type RedisAddress = { readonly url: string } | { readonly path: string };

export interface RewoundAlarm {
  /** What this replica had seen last. */
  readonly seenRevision: number;
  /** What Redis holds now. */
  readonly foundRevision: number;
  readonly reason: string;
}

export interface StoreOptions {
  readonly redis: RedisAddress;
  readonly region: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Acknowledged writes are gone from Redis: called before the new snapshot is delivered. */
  readonly onRewound?: (alarm: RewoundAlarm) => void;
}

export interface Subscriber {
  /** Everything, as of `revision`: first of all, and again when the replica cannot catch up. */
  snapshot(revision: number, records: StoredRecord[]): void;
  /** The next change: `change.revision` is one more than the last that was given. */
  change(change: Change): void;
}

export class Store {
  /** Connects; rejects with StoreUnavailableError when Redis cannot be reached. */
  static async open(options: StoreOptions): Promise<Store> {
    void options;
    return new Store();
  }

  /** False while Redis is away or this replica is catching up: commits fail at once. */
  get available(): boolean {
    return false;
  }

  /** Delivers a snapshot, then every change. Resolves when the snapshot has been delivered. */
  async subscribe(subscriber: Subscriber): Promise<void> {
    void subscriber;
  }

  /**
   * Applies all of the request or nothing.
   * @returns the revision, after the subscriber has been given it
   * @throws RefusedError (StaleError, ClaimTakenError, InUseError, MissingError, LeaseLostError),
   *   StoreUnavailableError, OutcomeUnknownError
   */
  async commit(request: CommitRequest): Promise<number> {
    void request;
    throw new StoreUnavailableError('not connected');
  }

  /**
   * Takes a lease that is free, expired or held by `holder` already. The epoch grows whenever the
   * holder changes. `undefined` when another holds it.
   */
  async acquire(
    name: string,
    holder: string,
    ttlMs: number,
  ): Promise<{ epoch: number } | undefined> {
    void [name, holder, ttlMs];
    return undefined;
  }

  /** Extends a lease; false when it is not held by `holder` any more. */
  async renew(name: string, holder: string, ttlMs: number): Promise<boolean> {
    void [name, holder, ttlMs];
    return false;
  }

  async release(name: string, holder: string): Promise<void> {
    void [name, holder];
  }

  /** Ends the connections. Commits in flight are rejected. */
  async close(): Promise<void> {}
}
