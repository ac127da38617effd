/**
 * What controllers tell each other in passing, such as lines of logs: it reaches who listens now,
 * and is kept by nobody. So it is no commit, makes no revision and never reaches the disk.
 *
 *     publish() ──▶ PUBLISH ──▶ Redis ──▶ listeners of the other controllers, never one's own
 *
 * Who listens has a connection of its own for it, since Redis lets one that listens do nothing
 * else. It comes back by itself; what was told meanwhile is missed.
 */
import type { Redis } from 'ioredis';
import type { Logger } from '../lib/log.ts';

/** As it is told: JSON, with the id of who tells it. */
interface Envelope {
  readonly from: string;
  readonly message: object;
}

type Listener = (message: object) => void;

/** What those who tell and listen need of it. */
export type Notices = Pick<Bulletin, 'publish' | 'listen'>;

interface BulletinOptions {
  readonly channel: string;
  readonly log: Logger;
  /** Names this process. */
  readonly writerId: string;
  /** The connection that commands go through now; undefined while Redis is away. */
  readonly commands: () => Redis | undefined;
  /** Opens a connection that opens itself again when it breaks. */
  readonly open: () => Redis;
}

export class Bulletin {
  readonly #options: BulletinOptions;
  readonly #listeners = new Set<Listener>();
  #ear: Redis | undefined;

  constructor(options: BulletinOptions) {
    this.#options = options;
  }

  /** Tells every other process that listens; nobody while Redis is away. */
  publish(message: object): void {
    const { channel, writerId, commands } = this.#options;
    // The connection's own end is noticed by the store; what was under way is missed, as it may be.
    commands()
      ?.publish(channel, JSON.stringify({ from: writerId, message } satisfies Envelope))
      .catch(() => {});
  }

  /** What others tell from now on, until the function that is given back is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#ear ??= this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#ear?.disconnect();
    this.#ear = undefined;
  }

  #open(): Redis {
    const { channel, writerId, open, log } = this.#options;
    const ear = open();
    // It is opened again; whether Redis is away is told by the store.
    ear.on('error', () => {});
    ear.on('message', (_, text: string) => {
      const envelope = readEnvelope(text);
      if (envelope === undefined || envelope.from === writerId) return;
      for (const listener of this.#listeners) listener(envelope.message);
    });
    ear.on('ready', () => {
      ear.subscribe(channel).catch((error: Error) => {
        // Anything else is the end of the connection: it will be ready again, or we have closed it.
        if (error.name !== 'ReplyError') return;
        const what = 'Redis keeps from us what other controllers tell: give its user the channel.';
        log.error(what, { channel, reason: String(error) });
      });
    });
    return ear;
  }
}

/** Undefined for what no controller has told: the channel is open to whoever can reach Redis. */
function readEnvelope(text: string): Envelope | undefined {
  try {
    const { from, message } = JSON.parse(text) as Partial<Envelope>;
    if (typeof from !== 'string' || typeof message !== 'object') return undefined;
    return message === null ? undefined : { from, message };
  } catch {
    return undefined;
  }
}
