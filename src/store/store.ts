/**
 * The store of one region in Redis: atomic commits, one ordered stream of changes, leases.
 *
 *   commit() ──▶ script ──▶ answer ──┐
 *                   │                ├──▶ feed (in order, each once) ──▶ subscriber
 *                   └──▶ stream ─────┘                              └──▶ commit() resolves
 *
 * A session that ends leaves its commits in flight in doubt. The next session first raises the
 * fence of this writer, after which nothing that the old connection may still have in a socket can
 * be applied, then reads the stream to its end: what is in it was applied, what is not was not.
 */
import { assert } from '../lib/assert.ts';
import { Backoff } from '../lib/backoff.ts';
import type { Clock, Random } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type Change, type Tables, timestamp } from '../topology/index.ts';
import { Bulletin } from './bulletin.ts';
import {
  type CommitRequest,
  type EncodedCommit,
  encodeCommit,
  type Refusal,
  refusalError,
} from './commit.ts';
import { Counters } from './counters.ts';
import { StoreUnavailableError } from './errors.ts';
import { Feed } from './feed.ts';
import { Keys } from './keys.ts';
import { type Lease, Leases } from './leases.ts';
import { PendingCommits } from './pending.ts';
import { Script } from './script.ts';
import { openEar, type RedisAddress, Session } from './session.ts';
import { readSnapshot } from './snapshot.ts';
import { feedUpTo, parseEntry, readHead, rewoundReason, waitForChanges } from './stream.ts';

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
  /** About how many bytes of changes the stream keeps for replicas that fell behind. */
  readonly streamBytes?: number;
}

export interface Subscriber {
  /** Everything, as of `revision`: first of all, and again when the replica cannot catch up. */
  snapshot(revision: number, records: Tables): void;
  /** The next change: `change.revision` is one more than the last that was given. */
  change(change: Change): void;
}

/** At about 1 KB a change of a port: 32,000 of them; or 20 commits of as much as one may hold. */
const STREAM_BYTES = 32 * 2 ** 20;
/** How long one wait for changes lasts; after it the history is checked. */
const WAIT_MS = 2000;
/** Redis is given up when a wait is not over so much later. */
const GRACE_MS = 3000;
/** A fence outlives whatever an ended connection may still have under way. */
const FENCE_TTL_MS = 3_600_000;

export class Store {
  readonly counters: Counters;
  /** Lines of logged connections, for those who watch at other controllers. */
  readonly connections: Bulletin;
  /** What controllers ask each other about switches. */
  readonly inspections: Bulletin;
  readonly #options: StoreOptions;
  readonly #keys: Keys;
  readonly #commitScript = new Script('commit-9');
  readonly #leases: Leases;
  readonly #pending: PendingCommits;
  readonly #backoff = new Backoff({ minMs: 20, maxMs: 2000 });
  /** Names this process in its fence. */
  readonly #writerId: string;
  readonly #feed = new Feed((change, commitId) => this.#deliver(change, commitId));
  #session: Session;
  #sessionNumber = 1;
  #historyId = '';
  #subscriber: Subscriber | undefined;
  #isSynchronised = false;
  #isClosed = false;
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  /** Not connected yet. */
  constructor(options: StoreOptions) {
    this.#options = options;
    this.#session = new Session(options.redis, options.clock);
    this.#keys = new Keys(options.region);
    this.#leases = new Leases(this.#keys);
    this.counters = new Counters(this.#keys, (work) => guard(work(this.#session.commands)));
    this.#pending = new PendingCommits(options.clock);
    this.#writerId = options.random.uuid();
    this.connections = this.#bulletin(this.#keys.connections);
    this.inspections = this.#bulletin(this.#keys.inspections);
  }

  /** A store that is connected. */
  static async open(options: StoreOptions): Promise<Store> {
    const store = new Store(options);
    await store.connect();
    return store;
  }

  /** Rejects with StoreUnavailableError when Redis cannot be reached. */
  async connect(): Promise<void> {
    await this.#session.connect();
  }

  /** False while Redis is away or this replica is catching up: commits fail at once. */
  get available(): boolean {
    return this.#isSynchronised && this.#session.ended === undefined;
  }

  /** Commits that were sent, and that the subscriber has not been given. */
  get commitsUnderWay(): number {
    return this.#pending.size;
  }

  /** Delivers a snapshot, then every change. Resolves when the snapshot has been delivered. */
  async subscribe(subscriber: Subscriber): Promise<void> {
    assert(this.#subscriber === undefined, 'one subscriber a store');
    this.#subscriber = subscriber;
    await guard(this.#start());
    this.#running = this.#run();
  }

  /**
   * Applies all of the request or nothing.
   * @returns the revision, after the subscriber has been given it
   * @throws RefusedError (StaleError, ClaimTakenError, InUseError, MissingError, LeaseLostError),
   *   StoreUnavailableError, OutcomeUnknownError
   */
  async commit(request: CommitRequest): Promise<number> {
    assert(this.#subscriber !== undefined, 'a commit before the subscription');
    const encoded = encodeCommit(request);
    if (!this.available) throw new StoreUnavailableError('Redis is away');
    const commitId = request.id ?? this.#options.random.uuid();
    const done = this.#pending.add(commitId);
    void this.#send(this.#session, commitId, encoded);
    return done;
  }

  /**
   * Resolves when the subscriber has been given all that was committed before this call: what is
   * decided then is decided on the state of now.
   * @throws StoreUnavailableError
   */
  async catchUp(): Promise<void> {
    if (!this.available) throw new StoreUnavailableError('Redis is away');
    const { commands } = this.#session;
    const revision = Number(await guard(commands.get(this.#keys.revision)));
    if (await guard(feedUpTo(commands, this.#keys, this.#feed, revision))) return;
    throw new StoreUnavailableError('this replica fell behind the stream');
  }

  /**
   * Takes a lease that is free or expired: a new term, with an epoch above all before. One that
   * `holder` has already keeps its epoch. `undefined` when another holds it.
   */
  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return guard(this.#leases.acquire(this.#session.commands, { name, holder, ttlMs }));
  }

  /** Extends a lease; false when it is not held by `holder` any more. */
  async renew(name: string, holder: string, ttlMs: number): Promise<boolean> {
    return guard(this.#leases.renew(this.#session.commands, { name, holder, ttlMs }));
  }

  async release(name: string, holder: string): Promise<void> {
    return guard(this.#leases.release(this.#session.commands, { name, holder }));
  }

  /** Ends the connections. Commits in flight are rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.connections.close();
    this.inspections.close();
    this.#session.end(new Error('the store was closed'));
    this.#wake();
    await this.#running;
    this.#pending.cannotTell('the store was closed');
  }

  #bulletin(channel: string): Bulletin {
    return new Bulletin({
      channel,
      log: this.#options.log,
      writerId: this.#writerId,
      commands: () => (this.available ? this.#session.commands : undefined),
      open: () => openEar(this.#options.redis),
    });
  }

  async #send(session: Session, commitId: string, encoded: EncodedCommit): Promise<void> {
    const { clock, streamBytes = STREAM_BYTES } = this.#options;
    const keys = this.#keys;
    const at = timestamp(clock.wallTimeMs());
    try {
      const answer = await this.#commitScript.run(
        session.commands,
        [
          keys.history,
          keys.revision,
          keys.records,
          keys.claims,
          keys.references,
          keys.changes,
          keys.epochs,
          keys.fence(this.#writerId),
          keys.written,
        ],
        [
          this.#historyId,
          this.#sessionNumber,
          commitId,
          at,
          streamBytes,
          ...encoded.lease,
          ...encoded.sections,
        ],
      );
      if (typeof answer === 'number')
        this.#applied(commitId, answer, () => encoded.change(answer, at));
      else this.#refused(session, commitId, answer as Refusal);
    } catch (error) {
      this.#failed(session, commitId, error);
    }
  }

  #applied(commitId: string, revision: number, read: () => Change): void {
    this.#pending.answered(commitId, revision);
    this.#feed.offer({ revision, commitId, read });
    if (this.#pending.has(commitId) && revision <= this.#feed.position) {
      this.#session.end(new Error(`revision ${revision} was given twice`));
    }
  }

  #refused(session: Session, commitId: string, refusal: Refusal): void {
    const error = refusalError(refusal);
    this.#pending.refused(commitId, error ?? new StoreUnavailableError(`refused: ${refusal[0]}`));
    if (error === undefined) session.end(new Error(`a commit was refused: ${refusal[0]}`));
  }

  /** Redis's own errors come before the script's first write; anything else leaves a doubt. */
  #failed(session: Session, commitId: string, error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    if (cause.name === 'ReplyError') {
      const unavailable = new StoreUnavailableError(`Redis: ${cause.message}`, { cause });
      this.#pending.refused(commitId, unavailable);
    }
    session.end(cause);
  }

  #deliver(change: Change, commitId: string): void {
    crashOnError(() => this.#subscriber?.change(change));
    this.#pending.delivered(commitId, change.revision);
  }

  async #start(): Promise<void> {
    await this.#ensureHistory();
    await this.#resnapshot();
    this.#isSynchronised = true;
  }

  /** Follows the changes; opens a session after the other until the store is closed. */
  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#isClosed) {
      try {
        if (this.#session.ended !== undefined) await this.#reopen();
        this.#isSynchronised = true;
        await this.#follow();
      } catch (error) {
        this.#isSynchronised = false;
        const cause = this.#session.ended ?? error;
        this.#session.end(new Error('the session failed', { cause }));
        if (this.#isClosed) return;
        log.warn('The store is away.', { reason: String(cause) });
        await this.#pause(this.#backoff.failed(clock.now()));
      }
    }
  }

  async #reopen(): Promise<void> {
    const { clock, log, redis } = this.#options;
    const session = new Session(redis, clock);
    await session.connect();
    this.#session = session;
    // Closed meanwhile, which has ended the session of before.
    if (this.#isClosed) session.end(new Error('the store was closed'));
    this.#sessionNumber += 1;
    await this.#synchronise();
    log.info('The store is back.', { revision: this.#feed.position });
    this.#backoff.succeeded(clock.now());
  }

  /** Waits, or until the store is closed. */
  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimer(delayMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  /** Catches up on a new session, and says of every commit in doubt what became of it. */
  async #synchronise(): Promise<void> {
    const { commands } = this.#session;
    if (this.#pending.size > 0) {
      await commands.set(this.#keys.fence(this.#writerId), this.#sessionNumber, 'PX', FENCE_TTL_MS);
    }
    const { revision } = await this.#checkHistory();
    if (!(await feedUpTo(commands, this.#keys, this.#feed, revision))) return this.#skipTrimmed();
    this.#pending.noneApplied();
  }

  async #skipTrimmed(): Promise<void> {
    this.#options.log.warn('This replica fell behind the stream and starts from a snapshot.', {
      revision: this.#feed.position,
    });
    await this.#resnapshot();
    this.#pending.answeredApplied();
    this.#pending.cannotTell('the stream was trimmed');
  }

  /** Raises the alarm, and begins anew, when Redis does not hold what this replica has seen. */
  async #checkHistory(): Promise<{ revision: number }> {
    const { head, position, reason } = await this.#compareHistory();
    if (reason === undefined) return head;
    const alarm = { seenRevision: position, foundRevision: head.revision, reason };
    this.#options.log.error('Redis has lost acknowledged writes: its history was rewound.', alarm);
    this.#options.onRewound?.(alarm);
    await this.#ensureHistory();
    await this.#resnapshot();
    this.#pending.cannotTell('the history was rewound');
    return { revision: this.#feed.position };
  }

  async #compareHistory() {
    const { position, commitId } = this.#feed;
    const head = await readHead(this.#session.commands, this.#keys, position);
    const seen = { historyId: this.#historyId, position, commitId };
    return { head, position, reason: rewoundReason(head, seen) };
  }

  async #ensureHistory(): Promise<void> {
    await this.#session.commands.set(this.#keys.history, this.#options.random.uuid(), 'NX');
  }

  async #resnapshot(): Promise<void> {
    // On the connection that nobody waits on now, and that sends each command at once.
    const snapshot = await readSnapshot(this.#session.changes, this.#keys);
    this.#historyId = snapshot.historyId;
    this.#feed.reset(snapshot.revision, snapshot.commitId);
    crashOnError(() => this.#subscriber?.snapshot(snapshot.revision, snapshot.records));
    for (const [commitId, revision] of snapshot.commits) {
      this.#pending.delivered(commitId, revision);
    }
  }

  /** Waits for changes until the session ends, which rejects. */
  async #follow(): Promise<void> {
    const session = this.#session;
    for (;;) {
      const from = this.#feed.position;
      const watchdog = this.#options.clock.setTimer(WAIT_MS + GRACE_MS, () =>
        session.end(new Error('Redis does not answer')),
      );
      const raw = await waitForChanges(session.changes, this.#keys, from, WAIT_MS).finally(() =>
        watchdog.cancel(),
      );
      if (raw === undefined) {
        const { reason } = await this.#compareHistory();
        if (reason !== undefined) throw new Error(reason);
        continue;
      }
      const entries = raw.map(parseEntry);
      for (const entry of entries) this.#feed.offer(entry);
      // Switches are told of these before Redis is asked for others.
      await new Promise<void>((resolve) => this.#options.clock.soon(resolve));
      // What was trimmed before it could be read has often come with the answer to our own commit.
      const { position } = this.#feed;
      if (position < (entries.at(-1)?.revision ?? 0)) {
        throw new Error(`changes after ${position} were trimmed`);
      }
    }
  }
}

/** Whatever goes wrong with Redis outside of a commit is its absence. */
async function guard<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    throw new StoreUnavailableError('Redis cannot be reached', { cause: error });
  }
}

/**
 * A subscriber that throws is a bug of ours and must end the process; here it would pass for a
 * failure of Redis, and be tried again for ever.
 */
function crashOnError(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
