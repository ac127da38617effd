/**
 * Finds the JSON texts in a stream of bytes (RFC 7047 4: JSON-RPC straight over a connection, with
 * nothing between one message and the next). Every byte is looked at once, whatever the chunks;
 * what is not finished is kept in one buffer that never grows past the limit. Size and nesting are
 * refused before `JSON.parse` sees the text.
 *
 * All bytes that matter are ASCII, which never occurs inside a longer UTF-8 sequence, so that a
 * character split between chunks needs no care.
 */
import { isUtf8 } from 'node:buffer';
import { DecodeError } from '../decode-error.ts';
import type { ByteBudget } from './byte-budget.ts';

export interface JsonStreamLimits {
  readonly messageBytesMax: number;
  readonly depthMax: number;
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A buffer up to this size is kept for the next message; a larger one is given back. */
const KEPT_BYTES = 64 * 1024;

export class JsonStream {
  readonly #limits: JsonStreamLimits;
  readonly #partial: PartialText;
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** `budget` is what the unfinished texts of many streams share; absent: none but the limit. */
  constructor(limits: JsonStreamLimits, budget?: ByteBudget) {
    this.#limits = limits;
    this.#partial = new PartialText(limits.messageBytesMax, budget);
  }

  /** How much memory the unfinished text occupies here. */
  get bufferedBytes(): number {
    return this.#partial.capacity;
  }

  /** Gives up what is unfinished; the stream is of no use after that. */
  release(): void {
    this.#partial.release();
  }

  /** The values that end in this chunk, each given before the next is looked for. */
  *push(chunk: Buffer): Generator<unknown, void, undefined> {
    let at = 0;
    for (;;) {
      if (this.#depth === 0) at = skipSpace(chunk, at);
      if (at === chunk.length) return;
      const end = this.#scan(chunk, at);
      this.#partial.append(chunk.subarray(at, end));
      if (this.#depth === 0) yield parse(this.#partial.take());
      at = end;
    }
  }

  /** The position after the text that `start` lies in, or the chunk's end when that is first. */
  #scan(chunk: Buffer, start: number): number {
    if (this.#depth === 0 && chunk[start] !== OPEN_OBJECT) {
      throw new DecodeError('a JSON object', chunk.toString('latin1', start, start + 20));
    }
    let at = start;
    while (at < chunk.length) {
      if (this.#inString) {
        at = this.#scanString(chunk, at);
        continue;
      }
      this.#scanStructure(chunk[at++]);
      if (this.#depth === 0) break;
    }
    return at;
  }

  /** The position after the string that `start` lies in, or the chunk's end. */
  #scanString(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        return at + 1;
      }
    }
    return chunk.length;
  }

  #scanStructure(byte: number | undefined): void {
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        this.#depth++;
        if (this.#depth > this.#limits.depthMax) {
          throw new DecodeError(`at most ${this.#limits.depthMax} levels of nesting`, 'more');
        }
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        this.#depth--;
        break;
      default:
    }
  }
}

/** The bytes of a text so far. Copies, because a chunk of one byte can hold on to a whole page. */
class PartialText {
  readonly #bytesMax: number;
  readonly #budget: ByteBudget | undefined;
  #buffer = Buffer.alloc(0);
  #length = 0;

  constructor(bytesMax: number, budget: ByteBudget | undefined) {
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  append(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytesMax) {
      throw new DecodeError(`a message of at most ${this.#bytesMax} bytes`, 'more');
    }
    if (length > this.#buffer.length) this.#grow(length);
    bytes.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  /** The text, which is only valid until the next `append`. */
  take(): Buffer {
    const text = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    if (this.#buffer.length > KEPT_BYTES) this.release();
    return text;
  }

  release(): void {
    this.#budget?.give(charged(this.#buffer.length));
    this.#buffer = Buffer.alloc(0);
  }

  #grow(length: number): void {
    const capacity = Math.min(Math.max(length, 2 * this.#buffer.length), this.#bytesMax);
    const more = charged(capacity) - charged(this.#buffer.length);
    if (this.#budget?.take(more) === false) {
      throw new DecodeError('room among the unfinished messages of all peers', 'none');
    }
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Of a buffer, what the budget counts: messages of the usual size always find room. */
function charged(capacity: number): number {
  return Math.max(0, capacity - KEPT_BYTES);
}

function parse(text: Buffer): unknown {
  if (!isUtf8(text)) throw new DecodeError('UTF-8', 'other bytes');
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw new DecodeError('a JSON text', error instanceof Error ? error.message : error);
  }
}

function skipSpace(chunk: Buffer, start: number): number {
  let at = start;
  while (at < chunk.length && isSpace(chunk[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === TAB || byte === CARRIAGE_RETURN;
}
