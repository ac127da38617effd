/** The body of one answer of `/v1/events`: news written as they come, within bounds. */
import { Readable } from 'node:stream';
import type { Clock, Timer } from '../../../lib/clock.ts';
import type {
  ApiBackend,
  ConnectionNews,
  JsonObject,
  Requester,
  ResourceNews,
  RevisionNews,
} from '../../backend.ts';
import { project } from '../../listing.ts';

/** A client that lets so much lie unread is sent away, and may resume. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;
/** Connections are left out of what a client reads too slowly, so that it misses no commit. */
const UNREAD_BYTES_OF_CONNECTIONS = 256 * 1024;
/** Proxies close connections on which nothing is said for a minute. */
const HEARTBEAT_MS = 15_000;

export interface EventStreamOptions {
  readonly backend: ApiBackend;
  readonly requester: Requester;
  readonly clock: Clock;
  /** Whether the client would be let in now; asked at each sign of life. */
  readonly isStillIn: () => Promise<boolean>;
}

export class EventStream {
  readonly body = new Readable({ read: () => {} });
  readonly #options: EventStreamOptions;
  /** News of this turn. */
  #untold: RevisionNews[] = [];
  #heartbeat: Timer | undefined;
  #stopWatching: (() => void) | undefined;
  #stopConnections: (() => void) | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.body.once('close', () => this.#stop());
  }

  /** Starts with what came after revision `since`; false when that is not known any more. */
  begin(since: number): boolean {
    const { operations } = this.#options.backend;
    this.#stopWatching = operations.watch(since, {
      news: (news) => this.#tellSoon(news),
      lost: () => this.end(),
    });
    if (this.#stopWatching === undefined) return false;
    this.#stopConnections = operations.watchConnections((news) => this.#connection(news));
    // Clients learn that they watch before anything happens.
    this.#write(`id: ${since}\n\n`);
    this.#scheduleHeartbeat();
    return true;
  }

  /** The client has had everything, or must come again. */
  end(): void {
    this.#stop();
    this.body.push(null);
  }

  #stop(): void {
    this.#stopWatching?.();
    this.#stopConnections?.();
    this.#heartbeat?.cancel();
    this.#untold = [];
  }

  /** Switches are told before whoever watches: what is shown of a group is all of its rules. */
  #tellSoon(news: RevisionNews): void {
    this.#untold.push(news);
    if (this.#untold.length > 1) return;
    this.#options.clock.soon(() => {
      for (const each of this.#untold.splice(0)) this.#news(each);
    });
  }

  #news({ revision, at, resources }: RevisionNews): void {
    const changes = resources.flatMap((item) => this.#changeOf(item) ?? []);
    if (changes.length === 0) return;
    this.#write(`id: ${revision}\ndata: ${JSON.stringify({ revision, at, changes })}\n\n`);
  }

  /** Of ports of others, nothing; of hosts and of operators' logs, no names but to operators. */
  #connection(news: ConnectionNews): void {
    const { isAdmin, projectId } = this.#options.requester;
    if (!isAdmin && news.project_id !== projectId) return;
    if (this.body.readableLength > UNREAD_BYTES_OF_CONNECTIONS) return;
    const shown = isAdmin ? news : { ...news, host: null, logs: [] };
    this.#write(`event: connection\ndata: ${JSON.stringify(shown)}\n\n`);
  }

  /**
   * A resource that has gone since is told as gone: its own deletion follows. Undefined for what
   * the client may not see: not even its id.
   */
  #changeOf({ kind, id, deleted }: ResourceNews): JsonObject | undefined {
    const { requester } = this.#options;
    const item = deleted === undefined ? this.#itemOf(kind, id) : undefined;
    if (item !== undefined) return { type: 'put', kind, [kind]: item };
    const isTold = requester.isAdmin || ownerOf(deleted) === requester.projectId;
    return isTold ? { type: 'delete', kind, id } : undefined;
  }

  #itemOf(kind: string, id: string): JsonObject | undefined {
    const { backend, requester } = this.#options;
    for (const collection of backend.collections) {
      if (collection.kind !== kind) continue;
      const item = collection.find(id, { requester });
      // A record may keep more than the API shows; its parent stands in no path here.
      const shown = [...Object.keys(collection.attributes), collection.parent ?? ''];
      if (item !== undefined) return project(item, shown);
    }
    return undefined;
  }

  #write(text: string): void {
    this.body.push(text);
    if (this.body.readableLength > UNREAD_BYTES_MAX) this.body.destroy();
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat = this.#options.clock.setTimer(HEARTBEAT_MS, () => void this.#beat());
  }

  /** A token that was revoked, or that nobody can vouch for now, ends the stream as well. */
  async #beat(): Promise<void> {
    this.#write(': still here\n\n');
    this.#scheduleHeartbeat();
    if (!(await this.#options.isStillIn())) this.end();
  }
}

function ownerOf(record: object | undefined): unknown {
  return record === undefined ? undefined : (record as { project_id?: unknown }).project_id;
}
