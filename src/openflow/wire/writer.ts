/**
 * Bytes to be sent, big-endian, in a buffer that grows. Made for hot paths: one writer can be
 * cleared and used again, and lengths are patched in afterwards instead of computed before.
 */
import { assert } from '../../lib/assert.ts';

export class Writer {
  #buffer: Buffer;
  /** Of the same memory. Unlike a Buffer it writes numbers, bigints too, without a detour. */
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#buffer = Buffer.allocUnsafe(capacity);
    this.#view = viewOf(this.#buffer);
  }

  /** Bytes written so far; also the offset of the next one. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#buffer[at] = value;
  }

  u16(value: number): void {
    // The place is taken first, here and below: growing replaces the memory.
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
  }

  u48(value: number): void {
    this.u16(Math.floor(value / 0x1_0000_0000));
    this.u32(value >>> 0);
  }

  /** Its lowest 64 bits. */
  u64(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value);
  }

  u128(value: bigint): void {
    this.u64(value >> 64n);
    this.u64(value);
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#buffer.set(value, at);
  }

  /** A string in a field of fixed length: cut to fit, and always ended by a NUL. */
  text(value: string, length: number): void {
    const encoded = Buffer.from(value, 'utf8').subarray(0, length - 1);
    this.bytes(encoded);
    this.zero(length - encoded.length);
  }

  zero(count: number): void {
    const at = this.#grow(count);
    const buffer = this.#buffer;
    for (let i = at; i < at + count; i++) buffer[i] = 0;
  }

  /** Pads with zeros until the bytes written since `start` are a multiple of 8. */
  align8(start: number): void {
    this.zero((8 - ((this.#length - start) & 7)) & 7);
  }

  /** All that another writer holds from `start` on. */
  append(other: Writer, start: number): void {
    const source = other.#buffer;
    const end = other.#length;
    let at = this.#grow(end - start);
    const buffer = this.#buffer;
    // A loop, for what is appended is short, and a view of it costs more than its bytes.
    for (let from = start; from < end; from++) buffer[at++] = source[from] as number;
  }

  /** Overwrites a byte that was written before. */
  patchU8(offset: number, value: number): void {
    assert(offset < this.#length, 'a patch lies inside what was written');
    this.#buffer[offset] = value;
  }

  /** Overwrites 16 bits that were written before: a length that is known only now. */
  patchU16(offset: number, value: number): void {
    assert(offset + 2 <= this.#length, 'a patch lies inside what was written');
    assert(value <= 0xffff, 'a length fits 16 bits');
    this.#view.setUint16(offset, value);
  }

  /** A copy of everything written so far, or since `start`. */
  take(start = 0): Buffer {
    return Buffer.from(this.#buffer.subarray(start, this.#length));
  }

  /** Everything written so far, a character a byte. */
  latin1(): string {
    return this.#buffer.toString('latin1', 0, this.#length);
  }

  /** Forgets what was written and keeps the memory. */
  clear(): void {
    this.#length = 0;
  }

  #grow(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#buffer.length) this.#enlarge(needed);
    this.#length = needed;
    return at;
  }

  #enlarge(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
