/**
 * A cursor over received bytes. Every read is checked against the end of its window, so that a
 * length field that lies costs the sender a DecodeError and nobody else anything.
 */
import { DecodeError } from './decode-error.ts';

export class Reader {
  /** The whole buffer; offsets in errors count from its start. */
  readonly buffer: Buffer;
  /** One past the last byte of the window. */
  readonly end: number;
  /** Next byte to be read. */
  offset: number;

  constructor(buffer: Buffer, offset = 0, end = buffer.length) {
    this.buffer = buffer;
    this.offset = offset;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  u8(): number {
    const at = this.#take(1);
    return this.buffer[at] as number;
  }

  u16(): number {
    return this.buffer.readUInt16BE(this.#take(2));
  }

  u24(): number {
    return this.buffer.readUIntBE(this.#take(3), 3);
  }

  u32(): number {
    return this.buffer.readUInt32BE(this.#take(4));
  }

  u48(): number {
    return this.buffer.readUIntBE(this.#take(6), 6);
  }

  u64(): bigint {
    return this.buffer.readBigUInt64BE(this.#take(8));
  }

  u128(): bigint {
    const at = this.#take(16);
    const high = this.buffer.readBigUInt64BE(at);
    return (high << 64n) | this.buffer.readBigUInt64BE(at + 8);
  }

  /** A copy of the next `length` bytes: what is decoded never keeps a receive buffer alive. */
  bytes(length: number): Buffer {
    const at = this.#take(length);
    return Buffer.from(this.buffer.subarray(at, at + length));
  }

  /** A string in a field of fixed length, ended by the first NUL. */
  text(length: number): string {
    const at = this.#take(length);
    const nul = this.buffer.subarray(at, at + length).indexOf(0);
    return this.buffer.toString('utf8', at, at + (nul < 0 ? length : nul));
  }

  /** Passes over padding; its content is not looked at, as OpenFlow 1.5.1 §7.1.2 asks. */
  skip(length: number): void {
    this.#take(length);
  }

  /** A reader of the next `length` bytes alone; this one moves past them. */
  window(length: number): Reader {
    const at = this.#take(length);
    return new Reader(this.buffer, at, at + length);
  }

  /** Throws unless everything was read. */
  done(what: string): void {
    if (this.remaining !== 0) throw this.error(`end of ${what}`, `${this.remaining} more bytes`);
  }

  /** An error at the present offset, to be thrown by the caller. */
  error(expected: string, got: string | number | bigint): DecodeError {
    return new DecodeError(this.offset, expected, got);
  }

  #take(length: number): number {
    const at = this.offset;
    if (length > this.end - at) throw this.error(`${length} bytes`, `${this.end - at} bytes`);
    this.offset = at + length;
    return at;
  }
}
