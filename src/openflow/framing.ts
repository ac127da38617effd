/**
 * Chunks of a stream in, whole messages out. Holds at most one message that is not yet whole, so
 * its memory is bounded by the 64 KiB that the length field allows; messages that lie inside one
 * chunk are handed out without a copy, and a byte is copied at most twice however small the chunks.
 */
import { DecodeError } from './wire/index.ts';

const HEADER_SIZE = 8;
/** Version, type and length: what must be there to know how long the message is. */
const LENGTH_END = 4;
/** Hello is 0, error 1: the two messages that mean something without a version. */
const OFPT_ERROR = 1;

export class Framer {
  readonly #onFrame: (frame: Buffer) => void;
  #version: number | undefined;
  /** Room for a message whose rest has not come, and how much of it is there. */
  #partial: Buffer = Buffer.alloc(0);
  #filled = 0;

  /** `onFrame` gets each message; the bytes are only its own until it returns. */
  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** From now on only this version is accepted; before, a hello or an error of any version is. */
  expectVersion(version: number): void {
    this.#version = version;
  }

  /**
   * Takes the next bytes of the stream. Throws DecodeError when they cannot be messages; the
   * stream is of no use after that.
   */
  push(chunk: Buffer): void {
    let offset = this.#filled > 0 ? this.#fill(chunk) : 0;
    while (chunk.length - offset >= LENGTH_END) {
      const end = offset + this.#lengthAt(chunk, offset);
      if (end > chunk.length) break;
      this.#onFrame(chunk.subarray(offset, end));
      offset = end;
    }
    if (offset < chunk.length) this.#hold(chunk.subarray(offset));
  }

  /** Keeps the beginning of a message, in a buffer of its final size once that is known. */
  #hold(rest: Buffer): void {
    const size = rest.length < LENGTH_END ? LENGTH_END : this.#lengthAt(rest, 0);
    this.#partial = Buffer.allocUnsafe(size);
    this.#filled = rest.copy(this.#partial);
  }

  /** Adds to the message that is held what it still needs; gives how much of `chunk` that took. */
  #fill(chunk: Buffer): number {
    let used = 0;
    if (this.#filled < LENGTH_END) {
      used = this.#fillFrom(chunk, 0, LENGTH_END);
      if (this.#filled < LENGTH_END) return used;
      this.#hold(this.#partial.subarray(0, LENGTH_END));
    }
    used = this.#fillFrom(chunk, used, this.#partial.length);
    if (this.#filled === this.#partial.length) {
      this.#filled = 0;
      this.#onFrame(this.#partial);
    }
    return used;
  }

  #fillFrom(chunk: Buffer, from: number, upTo: number): number {
    const end = Math.min(chunk.length, from + upTo - this.#filled);
    this.#filled += chunk.copy(this.#partial, this.#filled, from, end);
    return end;
  }

  /** A peer of another protocol is found out by its first bytes, not when its "length" has come. */
  #checkKind(version: number, type: number): void {
    if (this.#version !== undefined && version !== this.#version) {
      throw new DecodeError(0, `version ${this.#version}`, version);
    }
    if (this.#version === undefined && type > OFPT_ERROR) {
      throw new DecodeError(1, 'a hello', `type ${type}`);
    }
  }

  #lengthAt(bytes: Buffer, offset: number): number {
    this.#checkKind(bytes[offset] ?? 0, bytes[offset + 1] ?? 0);
    const length = bytes.readUInt16BE(offset + 2);
    if (length < HEADER_SIZE) throw new DecodeError(2, 'a length of at least 8', length);
    return length;
  }
}
