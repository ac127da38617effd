/**
 * A sum over hashes that does not depend on the order, and can be taken back: the state of a table
 * in 64 bits, kept while flows come and go (ARCHITECTURE.md, decision 4).
 */
import { type Hash64, hashToBigint } from '../lib/hash.ts';

const ALL_ONES = 0xffff_ffff_ffff_ffffn;

export class Fingerprint {
  #hi = 0;
  #lo = 0;
  #count = 0;

  /** How many hashes are in the sum. */
  get count(): number {
    return this.#count;
  }

  add(hash: Hash64): void {
    this.#hi = (this.#hi + hash.hi) | 0;
    this.#lo = (this.#lo + hash.lo) | 0;
    this.#count++;
  }

  subtract(hash: Hash64): void {
    this.#hi = (this.#hi - hash.hi) | 0;
    this.#lo = (this.#lo - hash.lo) | 0;
    this.#count--;
  }

  /**
   * The sum as a cookie: two lanes that carry nothing into each other. All ones means "no cookie"
   * in a flow mod and is given as 1.
   */
  toCookie(): bigint {
    const sum = hashToBigint({ hi: this.#hi, lo: this.#lo });
    return sum === ALL_ONES ? 1n : sum;
  }
}

/** The sum over a whole table as it was read from a switch. */
export function fingerprintOf(items: Iterable<{ readonly hash: Hash64 }>): Fingerprint {
  const sum = new Fingerprint();
  for (const item of items) sum.add(item.hash);
  return sum;
}
