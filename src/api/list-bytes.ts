/**
 * Lists as bytes, written item by item. One JSON.stringify of a whole list gives a string that V8
 * keeps in pieces; to flatten a third of a megabyte of it costs more than all the rest of the
 * answer.
 */

import { jsonText } from '../lib/json-text.ts';
import type { JsonObject } from './backend.ts';

/** Kept between answers, so that its pages are there already; larger lists get more for once. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** UTF-8 takes at most so many bytes for a character of a string. */
const BYTES_PER_CHARACTER = 3;

let kept = Buffer.allocUnsafeSlow(64 * 1024);

/** The bytes of `{ [name]: items, ...rest }` as JSON. */
export function listBytes(name: string, items: readonly JsonObject[], rest: JsonObject): Buffer {
  const bytes = new Bytes();
  bytes.write(`{${JSON.stringify(name)}:[`);
  items.forEach((item, index) => {
    bytes.write(index === 0 ? jsonText(item) : `,${jsonText(item)}`);
  });
  bytes.write(']');
  for (const [key, value] of Object.entries(rest)) {
    bytes.write(`,${JSON.stringify(key)}:${JSON.stringify(value)}`);
  }
  bytes.write('}');
  return bytes.end();
}

class Bytes {
  #buffer = kept;
  #length = 0;

  write(text: string): void {
    this.#reserve(text.length * BYTES_PER_CHARACTER);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** A copy: what was written into serves the next answer. */
  end(): Buffer {
    if (this.#buffer.length <= KEPT_BYTES) kept = this.#buffer;
    return Buffer.from(this.#buffer.subarray(0, this.#length));
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
