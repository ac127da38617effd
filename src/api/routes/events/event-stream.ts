/** The body of one answer of `/v1/events`: news written as they come, within bounds. */
import { Readable } from 'node:stream';
import type { Clock, Timer } from '../../../lib/clock.ts';
import type {
  ApiBackend,
  JsonObject,
  Requester,
  ResourceNews,
  RevisionNews,
} from '../../backend.ts';

/** A client that lets so much lie unread is sent away, and may resume. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;
/** Proxies close connections on which nothing is said for a minute. */
const HEARTBEAT_MS = 15_000;

export class EventStream {
  readonly body = new Readable({ read: () => {} });
  readonly #backend: ApiBackend;
  readonly #requester: Requester;
  readonly #clock: Clock;
  #heartbeat: Timer | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(backend: ApiBackend, requester: Requester, clock: Clock) {
    this.#backend = backend;
    this.#requester = requester;
    this.#clock = clock;
    this.body.once('close', () => this.#stop());
  }

  /** Starts with what came after revision `since`; false when that is not known any more. */
  begin(since: number): boolean {
    const { operations } = this.#backend;
    this.#stopWatching = operations.watch(since, {
      news: (news) => this.#news(news),
      lost: () => this.end(),
    });
    // Clients learn that they watch before anything happens.
    this.#write(`id: ${since}\n\n`);
    this.#scheduleHeartbeat();
    return this.#stopWatching !== undefined;
  }

  /** The client has had everything, or must come again. */
  end(): void {
    this.#stop();
    this.body.push(null);
  }

  #stop(): void {
    this.#stopWatching?.();
    this.#heartbeat?.cancel();
  }

  #news({ revision, at, resources }: RevisionNews): void {
    if (resources.length === 0) return;
    const changes = resources.map((news) => this.#changeOf(news));
    this.#write(`id: ${revision}\ndata: ${JSON.stringify({ revision, at, changes })}\n\n`);
  }

  /** A resource that has gone since is told as gone: its own deletion follows. */
  #changeOf({ kind, id, deleted }: ResourceNews): JsonObject {
    const item = deleted === undefined ? this.#itemOf(kind, id) : undefined;
    return item === undefined ? { type: 'delete', kind, id } : { type: 'put', kind, [kind]: item };
  }

  #itemOf(kind: string, id: string): JsonObject | undefined {
    for (const collection of this.#backend.collections) {
      if (collection.kind !== kind) continue;
      const item = collection.find(id, { requester: this.#requester });
      if (item !== undefined) return item;
    }
    return undefined;
  }

  #write(text: string): void {
    this.body.push(text);
    if (this.body.readableLength > UNREAD_BYTES_MAX) this.body.destroy();
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat = this.#clock.setTimer(HEARTBEAT_MS, () => {
      this.#write(': still here\n\n');
      this.#scheduleHeartbeat();
    });
  }
}
