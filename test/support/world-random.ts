/** Randomness that a seed repeats: mulberry32. Tests print the seed when they fail. */
import type { Random } from '../../src/lib/clock.ts';

export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  integer(exclusiveMax: number): number {
    return Math.floor(this.#next() * exclusiveMax);
  }

  uuid(): string {
    const hex = Array.from({ length: 32 }, () => this.integer(16).toString(16)).join('');
    const version = `${hex.slice(0, 12)}4${hex.slice(13, 16)}8${hex.slice(17)}`;
    return version.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const rest = [...items];
    const shuffled: T[] = [];
    while (rest.length > 0) shuffled.push(...rest.splice(this.integer(rest.length), 1));
    return shuffled;
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
