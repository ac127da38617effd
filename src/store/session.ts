/**
 * One pair of connections to Redis: one for commands, one that waits for changes. When either ends,
 * both do, and the store opens another session; ioredis itself never reconnects or sends again,
 * because only the store knows what became of a commit that was in flight.
 */
import { Redis } from 'ioredis';
import type { Clock } from '../lib/clock.ts';
import { StoreUnavailableError } from './errors.ts';

/** Where Redis listens. */
export type RedisAddress = { readonly url: string } | { readonly path: string };

const CONNECT_TIMEOUT_MS = 2000;
const EAR_RETRY_MS = 50;
const EAR_RETRY_MAX_MS = 2000;

const OPTIONS = {
  protocol: 2,
  lazyConnect: true,
  retryStrategy: () => null,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  disableClientInfo: true,
} as const;

const EAR_OPTIONS = {
  ...OPTIONS,
  lazyConnect: false,
  // Who listens subscribes when it is ready: ioredis would let nobody see its own attempt fail.
  autoResubscribe: false,
  retryStrategy: (attempt: number) => Math.min(EAR_RETRY_MS * attempt, EAR_RETRY_MAX_MS),
} as const;

export class Session {
  readonly changes: Redis;
  readonly #address: RedisAddress;
  readonly #clock: Clock;
  readonly #commands: Redis;
  #corked = false;
  #ended: Error | undefined;

  constructor(address: RedisAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
    this.#commands = connect(address, OPTIONS);
    this.changes = connect(address, OPTIONS);
    for (const redis of [this.#commands, this.changes]) {
      redis.on('error', (error: Error) => this.end(error));
      redis.on('close', () => this.end(new Error('the connection was closed')));
    }
  }

  /** Rejects with StoreUnavailableError when Redis cannot be reached. */
  async connect(): Promise<void> {
    // A stopped Redis has its connections accepted by the kernel, and never says a word.
    const timer = this.#clock.setTimer(CONNECT_TIMEOUT_MS, () =>
      this.end(new Error(`no answer in ${CONNECT_TIMEOUT_MS} ms`)),
    );
    try {
      await Promise.all([this.#commands.connect(), this.changes.connect()]);
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
      throw new StoreUnavailableError(`no connection to Redis at ${nameOf(this.#address)}`, {
        cause: this.#ended,
      });
    } finally {
      timer.cancel();
    }
  }

  /**
   * For commands. What is asked in one turn goes out in one write, so that commits of one moment
   * share one fsync of the append-only file; nothing waits for the answers to earlier commands.
   */
  get commands(): Redis {
    if (!this.#corked && this.#ended === undefined) {
      const { stream } = this.#commands;
      this.#corked = true;
      stream.cork();
      this.#clock.soon(() => {
        this.#corked = false;
        stream.uncork();
      });
    }
    return this.#commands;
  }

  /** Why it ended; undefined while it has not. */
  get ended(): Error | undefined {
    return this.#ended;
  }

  /** Closes both connections, which rejects every command in flight. The first reason counts. */
  end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#commands.disconnect();
    this.changes.disconnect();
  }
}

/** A connection of its own to listen to channels with; it opens itself again when it breaks. */
export function openEar(address: RedisAddress): Redis {
  return connect(address, EAR_OPTIONS);
}

function connect(address: RedisAddress, options: typeof OPTIONS | typeof EAR_OPTIONS): Redis {
  return 'path' in address
    ? new Redis({ ...options, path: address.path })
    : new Redis(address.url, options);
}

/** The address without a password. */
function nameOf(address: RedisAddress): string {
  return 'path' in address ? address.path : address.url.replace(/\/\/[^@/]*@/, '//');
}
