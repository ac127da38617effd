/**
 * A 64-bit hash in two 32-bit lanes: BigInt arithmetic would cost more than the rest of a compile.
 * It identifies content between machines that trust each other; it is no defence against forgery.
 */

/** 64 bits in two halves of 32. Signed ones: V8 keeps them in the object itself, unsigned not. */
export interface Hash64 {
  readonly hi: number;
  readonly lo: number;
}

const PRIME_HI = 0x9e3779b1;
const PRIME_LO = 0x85ebca77;

/** Where a bigint is cut in two without arithmetic. */
const halves = new DataView(new ArrayBuffer(8));

const START_HI = 0xdeadbeef | 0;
const START_LO = 0x41c6ce57;

/** Feed it bytes and numbers in a fixed order, then take the digest; `begin` starts anew. */
export class Hasher {
  #hi = START_HI;
  #lo = START_LO;

  begin(): void {
    this.#hi = START_HI;
    this.#lo = START_LO;
  }

  number(value: number): void {
    this.#hi = mix(this.#hi, value, PRIME_HI);
    this.#lo = mix(this.#lo, value, PRIME_LO);
  }

  /** 64 bits, the upper half first. */
  bigint(value: bigint): void {
    halves.setBigUint64(0, value);
    this.number(halves.getInt32(0));
    this.number(halves.getInt32(4));
  }

  /** Bytes with their length, so that the border between two fields counts. */
  bytes(bytes: Buffer, start = 0, end = bytes.length): void {
    this.number(end - start);
    let hi = this.#hi;
    let lo = this.#lo;
    for (let at = start; at < end; at += 4) {
      const word = at + 4 <= end ? wordAt(bytes, at) : lastWord(bytes, at, end);
      hi = mix(hi, word, PRIME_HI);
      lo = mix(lo, word, PRIME_LO);
    }
    this.#hi = hi;
    this.#lo = lo;
  }

  digest(): Hash64 {
    // Each lane ends stirred by the other: every input bit reaches every output bit.
    const hi = avalanche(this.#hi ^ (this.#lo >>> 16));
    const lo = avalanche(this.#lo ^ Math.imul(hi, PRIME_HI));
    return { hi, lo };
  }
}

/** The hash of a text, by its UTF-16 code units. */
export function hashText(text: string): Hash64 {
  const hasher = new Hasher();
  hasher.number(text.length);
  for (let at = 0; at < text.length; at++) hasher.number(text.charCodeAt(at));
  return hasher.digest();
}

export function hashToBigint(hash: Hash64): bigint {
  return (BigInt(hash.hi >>> 0) << 32n) | BigInt(hash.lo >>> 0);
}

function wordAt(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** What is missing counts as zero; the length tells such inputs apart. */
function lastWord(bytes: Buffer, at: number, end: number): number {
  let word = 0;
  for (let next = at; next < end; next++) word |= (bytes[next] as number) << (24 - 8 * (next - at));
  return word;
}

function mix(lane: number, word: number, prime: number): number {
  const product = Math.imul(lane ^ word, prime);
  return product ^ (product >>> 15);
}

function avalanche(lane: number): number {
  let value = lane;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
