/**
 * Tells Nova what became of its servers' ports (Compute API, `POST /os-server-external-events`).
 *
 *     add ──▶ queue ──▶ one call under way, with what is queued ──▶ no answer: again, a few times
 *
 * Events keep their order. Nobody here waits for Nova: while it is away the queue grows to its
 * bound, and what is lost then, or was tried in vain, is logged. Nova does without it: it waits
 * for an event so long and no longer.
 */
import { Backoff } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { type HttpAnswer, HttpFailure } from '../lib/http-client.ts';
import type { Logger } from '../lib/log.ts';
import type { ServiceSession } from './service-session.ts';

/** A row of the call. */
export interface ExternalEvent {
  readonly name: string;
  readonly server_uuid: string;
  readonly tag: string;
  readonly status?: string;
}

export interface NovaEventsOptions {
  readonly session: Pick<ServiceSession, 'send'>;
  /** Of the Compute API, with its version. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Events of one call. */
const BATCH_MAX = 64;
const QUEUE_MAX = 10_000;
/** With these delays, two minutes: Nova gives up a server that is not plugged after five. */
const TRIES_MAX = 10;
const RETRY = { minMs: 500, maxMs: 30_000 };

export class NovaEvents {
  readonly #options: NovaEventsOptions;
  readonly #queue: ExternalEvent[] = [];
  #underWay = false;
  #stopped = false;
  #waiting: { readonly timer: Timer; readonly end: () => void } | undefined;

  constructor(options: NovaEventsOptions) {
    this.#options = options;
  }

  add(event: ExternalEvent): void {
    if (this.#stopped) return;
    if (this.#queue.length >= QUEUE_MAX) {
      this.#options.log.error('Nova is not told of a port: too much waits already.', { event });
      return;
    }
    this.#queue.push(event);
    // The rest of the caller's synchronous work may add more: tell it in one call.
    if (!this.#underWay) queueMicrotask(() => this.#start());
  }

  /** What was not told yet is not told any more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting?.timer.cancel();
    this.#waiting?.end();
  }

  #start(): void {
    if (this.#underWay) return;
    this.#underWay = true;
    this.#run().catch((error: unknown) => {
      this.#underWay = false;
      this.#options.log.error('Nova could not be told of ports.', { error: String(error) });
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#stopped) {
      await this.#tell(this.#queue.splice(0, BATCH_MAX));
    }
    this.#underWay = false;
  }

  async #tell(events: readonly ExternalEvent[]): Promise<void> {
    const { clock, log } = this.#options;
    const backoff = new Backoff(RETRY);
    for (let tries = 1; !this.#stopped; tries++) {
      const failure = await this.#try(events);
      if (failure === undefined) return;
      if (tries === TRIES_MAX) {
        log.error('Nova was not told of ports, it does not answer.', { reason: failure, events });
        return;
      }
      log.info('Nova was not told of ports; it will be tried again.', { reason: failure });
      await this.#wait(backoff.failed(clock.now()));
    }
  }

  /** Resolves to why it is worth another try; undefined when it is not. */
  async #try(events: readonly ExternalEvent[]): Promise<string | undefined> {
    const url = `${this.#options.url.replace(/\/+$/, '')}/os-server-external-events`;
    try {
      const answer = await this.#options.session.send({ method: 'POST', url, body: { events } });
      if (answer.status >= 500 || answer.status === 429) return `status ${answer.status}`;
      this.#report(answer, events);
      return undefined;
    } catch (error) {
      if (error instanceof HttpFailure) return error.message;
      throw error;
    }
  }

  /** 200: Nova took all. 207: each has its own code. 404: it knows none of the servers. */
  #report({ status, body }: HttpAnswer, events: readonly ExternalEvent[]): void {
    const { log } = this.#options;
    if (status === 200) return;
    if (status === 207) {
      for (const event of refusedOf(body)) log.warn('Nova does not take an event.', { event });
    } else if (status === 404) {
      log.info('Nova knows none of the servers of these events.', { events });
    } else {
      log.error('Nova does not take events.', { status, events });
    }
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#waiting = undefined;
        resolve();
      };
      this.#waiting = { timer: this.#options.clock.setTimer(delayMs, end), end };
    });
  }
}

function refusedOf(body: unknown): readonly unknown[] {
  const { events } = (body ?? {}) as { readonly events?: unknown };
  const rows = (Array.isArray(events) ? events : []) as readonly unknown[];
  return rows.filter((row) => (row as { code?: unknown } | null)?.code !== 200);
}
