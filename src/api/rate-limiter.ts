/**
 * Token buckets by key: each may be taken from `perSecond` times a second on average, and `burst`
 * times at once. Only so many keys are remembered; one that is forgotten begins with a full bucket.
 */
import { BoundedMap } from '../lib/bounded-map.ts';
import type { Clock } from '../lib/clock.ts';

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

const KEYS_MAX = 10_000;

export class RateLimiter {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #buckets: BoundedMap<string, Bucket>;

  constructor(rate: Rate, clock: Clock, keysMax = KEYS_MAX) {
    this.#rate = rate;
    this.#clock = clock;
    this.#buckets = new BoundedMap(keysMax);
  }

  /** Takes one; gives 0, or the seconds after which there is one again. */
  take(key: string): number {
    const bucket = this.#filled(key);
    if (bucket.tokens < 1) return this.#secondsUntilOne(bucket);
    bucket.tokens -= 1;
    return 0;
  }

  /** As `take`, and takes nothing. */
  look(key: string): number {
    const bucket = this.#filled(key);
    return bucket.tokens < 1 ? this.#secondsUntilOne(bucket) : 0;
  }

  #filled(key: string): Bucket {
    const { perSecond, burst } = this.#rate;
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, filledAt: now };
    const gained = ((now - bucket.filledAt) / 1000) * perSecond;
    bucket.tokens = Math.min(burst, bucket.tokens + gained);
    bucket.filledAt = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #secondsUntilOne({ tokens }: Bucket): number {
    return (1 - tokens) / this.#rate.perSecond;
  }
}
