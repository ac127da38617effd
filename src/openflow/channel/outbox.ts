/**
 * What is to be sent, in order, with back-pressure: chunks are asked for (and so made) only when
 * the stream takes them, and a peer that does not read cannot make us hold more than a bound.
 */
import type { Writable } from 'node:stream';

interface Item {
  readonly chunks: Iterator<Buffer>;
  readonly byteLength: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Outbox {
  readonly #stream: Writable;
  readonly #items: Item[] = [];
  #queuedBytes = 0;
  #blocked = false;
  #corked = false;
  #stopped: Error | undefined;

  /** `onDrain`: the peer has taken what the stream held. */
  constructor(stream: Writable, onDrain: () => void) {
    this.#stream = stream;
    stream.on('drain', () => {
      this.#blocked = false;
      onDrain();
      this.#pump();
    });
  }

  /** Bytes that wait here, not counting what the stream itself holds. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Resolves once all chunks are handed over and the stream is ready for more. */
  write(chunks: Iterable<Buffer>, byteLength: number): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    return new Promise((resolve, reject) => {
      this.#items.push({ chunks: chunks[Symbol.iterator](), byteLength, resolve, reject });
      this.#queuedBytes += byteLength;
      this.#pump();
    });
  }

  /** Hands the system what the stream has taken in this turn, and does not wait for its end. */
  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#stream.uncork();
  }

  /** Drops what waits; later writes are rejected too. */
  stop(error: Error): void {
    this.#stopped = error;
    this.#queuedBytes = 0;
    for (const item of this.#items.splice(0)) item.reject(error);
  }

  #pump(): void {
    while (!this.#blocked) {
      const item = this.#items[0];
      if (item === undefined) return;
      const next = item.chunks.next();
      if (next.done === true) this.#finish(item);
      else this.#send(next.value);
    }
  }

  #finish(item: Item): void {
    this.#items.shift();
    this.#queuedBytes -= item.byteLength;
    item.resolve();
  }

  /** Small messages of one turn of the event loop leave in one system call. */
  #send(chunk: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#stream.cork();
      queueMicrotask(() => this.flush());
    }
    if (!this.#stream.write(chunk)) this.#blocked = true;
  }
}
