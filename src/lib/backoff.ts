/**
 * When to try again what keeps failing. A state machine and no timer: the time is an argument, and
 * the caller waits.
 *
 * The delay doubles from `minMs` to `maxMs`. A success that lasted at least as long as the delay
 * before it starts over at `minMs`; one that broke sooner does not, so that a peer which accepts
 * and drops connections is not dialled in a loop.
 */

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  #delayMs = 0;
  #succeededAt: number | undefined;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  succeeded(now: number): void {
    this.#succeededAt = now;
  }

  /** Notes a failure, or the end of a success; gives the milliseconds to wait before a new try. */
  failed(now: number): number {
    const lasted = this.#succeededAt !== undefined && now - this.#succeededAt >= this.#delayMs;
    this.#succeededAt = undefined;
    const { minMs, maxMs } = this.#options;
    this.#delayMs = lasted ? minMs : Math.min(Math.max(2 * this.#delayMs, minMs), maxMs);
    return this.#delayMs;
  }
}
