/** Hostile bytes in any number, the same for the same seed. */

/** A small fast generator of 32-bit numbers (xorshift); quality does not matter here, speed does. */
export class Noise {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  next(exclusiveMax: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % exclusiveMax;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.next(256)));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.next(list.length)] as T;
  }
}

const EDGES = [0x00, 0x01, 0x04, 0x07, 0x08, 0x7f, 0x80, 0xfe, 0xff];

/** A copy of `seed` with a few bytes changed, cut off, inserted or swapped for edge values. */
export function mutate(seed: Buffer, noise: Noise): Buffer {
  let bytes = Buffer.from(seed);
  for (let changes = 1 + noise.next(4); changes > 0 && bytes.length > 0; changes--) {
    const at = noise.next(bytes.length);
    const kind = noise.next(8);
    if (kind < 3) bytes[at] = noise.next(256);
    else if (kind < 6) bytes[at] = noise.pick(EDGES);
    else if (kind === 6) bytes = bytes.subarray(0, at);
    else
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        noise.bytes(1 + noise.next(8)),
        bytes.subarray(at),
      ]);
  }
  return bytes;
}
