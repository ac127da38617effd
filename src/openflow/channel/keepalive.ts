/**
 * The echo timer: a peer that says nothing for an interval is asked, one that then says nothing
 * for another is given up.
 */
import type { Clock, Timer } from '../../lib/clock.ts';

export interface KeepaliveOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Called at least once an interval, whatever the peer does. */
  readonly beat: () => void;
  /** Asks the peer for a sign of life. */
  readonly probe: () => void;
  /** Called once, `silentMs` after the last sign of life. */
  readonly silent: (silentMs: number) => void;
}

/**
 * If this process itself was stopped or busy, the peer's answer may lie unread in the socket when
 * the deadline passes. One more turn of the event loop, in which sockets are read, decides.
 */
const GRACE_MS = 1;

type State = 'listening' | 'probed' | 'grace';

export class Keepalive {
  readonly #options: KeepaliveOptions;
  #state: State = 'listening';
  #heardAt: number;
  #timer: Timer;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
    this.#heardAt = options.clock.now();
    this.#timer = this.#arm(options.intervalMs);
  }

  /** A sign of life: a whole message came, or the peer took what was sent. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
    this.#state = 'listening';
  }

  stop(): void {
    this.#timer.cancel();
  }

  #arm(ms: number): Timer {
    return this.#options.clock.setTimer(ms, () => this.#fire());
  }

  #fire(): void {
    const silentMs = this.#options.clock.now() - this.#heardAt;
    if (this.#state === 'grace') this.#options.silent(silentMs);
    else if (this.#state === 'probed') this.#giveGrace();
    else this.#listen(silentMs);
  }

  #giveGrace(): void {
    this.#state = 'grace';
    this.#timer = this.#arm(GRACE_MS);
  }

  #listen(silentMs: number): void {
    const { intervalMs, probe, beat } = this.#options;
    const mustProbe = silentMs >= intervalMs;
    this.#timer = this.#arm(mustProbe ? intervalMs : intervalMs - silentMs);
    if (mustProbe) this.#state = 'probed';
    if (mustProbe) probe();
    beat();
  }
}
