/**
 * Addresses of one version in order, added and removed one at a time, whose gaps can be counted and
 * found: what tells which addresses of an all but full pool are left, without trying them.
 *
 * They lie in blocks of bounded length. Adding and removing moves one block's members; counting and
 * finding looks at each block once, and inside one of them.
 */
import { type AddressValue, addressPlus } from './address.ts';

/** A range of addresses of one version, both ends included. */
export interface Range {
  readonly first: AddressValue;
  readonly last: AddressValue;
}

const BLOCK_LENGTH_MAX = 512;

export class SortedAddresses {
  /** None is empty, and all of one come before all of the next. */
  readonly #blocks: AddressValue[][] = [];

  static of(values: Iterable<AddressValue>): SortedAddresses {
    const sorted = [...values].sort((a, b) => (a < b ? -1 : Number(a > b)));
    const addresses = new SortedAddresses();
    for (let i = 0; i < sorted.length; i += BLOCK_LENGTH_MAX) {
      addresses.#blocks.push(sorted.slice(i, i + BLOCK_LENGTH_MAX));
    }
    return addresses;
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  add(value: AddressValue): void {
    const at = Math.max(this.#blockAfter(value) - 1, 0);
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push([value]);
      return;
    }
    const index = indexOf(block, value);
    if (block[index] === value) return;
    block.splice(index, 0, value);
    if (block.length > BLOCK_LENGTH_MAX) {
      this.#blocks.splice(at + 1, 0, block.splice(BLOCK_LENGTH_MAX / 2));
    }
  }

  delete(value: AddressValue): void {
    const at = this.#blockAfter(value) - 1;
    const block = this.#blocks[at];
    if (block === undefined) return;
    const index = indexOf(block, value);
    if (block[index] !== value) return;
    block.splice(index, 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
  }

  countIn(range: Range): number {
    return this.#countBelow(addressPlus(range.last, 1)) - this.#countBelow(range.first);
  }

  /** The `n`th address from `first` on, counted from 0, that is not a member. */
  nthGap(first: AddressValue, n: number): AddressValue {
    let candidate = addressPlus(first, n);
    for (let at = Math.max(this.#blockAfter(first) - 1, 0); at < this.#blocks.length; at++) {
      const block = this.#blocks[at] ?? [];
      const from = indexOf(block, first);
      const passed = membersPassed(block, from, candidate);
      candidate = addressPlus(candidate, passed);
      if (from + passed < block.length) return candidate;
    }
    return candidate;
  }

  #countBelow(value: AddressValue): number {
    const after = this.#blockAfter(value);
    let count = 0;
    for (let at = 0; at < after; at++) {
      const block = this.#blocks[at] ?? [];
      count += at === after - 1 ? indexOf(block, value) : block.length;
    }
    return count;
  }

  /** Index of the first block that begins after the value. */
  #blockAfter(value: AddressValue): number {
    return partition(this.#blocks.length, (at) => (this.#blocks[at]?.[0] ?? value) <= value);
  }
}

/** How many members from index `from` on must be stepped over to count up to `candidate`. */
function membersPassed(block: readonly AddressValue[], from: number, candidate: AddressValue) {
  const isPassed = (i: number): boolean =>
    (block[from + i] ?? candidate) <= addressPlus(candidate, i);
  return partition(block.length - from, isPassed);
}

/** Where a value stands in a block, or would stand. */
function indexOf(block: readonly AddressValue[], value: AddressValue): number {
  return partition(block.length, (i) => (block[i] ?? value) < value);
}

/** The first of `length` indexes for which a test fails that holds for all before it. */
function partition(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
