/** Two ends of a connection in memory, with back-pressure, half-closing and loss as sockets have. */
import { Duplex } from 'node:stream';

class End extends Duplex {
  peer: End | undefined;
  /** Called when the reader has taken what was written. */
  #taken: (() => void) | undefined;

  override _read(): void {
    const peer = this.peer;
    const taken = peer === undefined ? undefined : peer.#taken;
    if (peer !== undefined) peer.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    if (this.peer?.push(chunk) === true) callback();
    else this.#taken = callback;
  }

  override _final(callback: () => void): void {
    this.peer?.push(null);
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const peer = this.peer;
    this.peer = undefined;
    if (peer !== undefined && !peer.destroyed) queueMicrotask(() => peer.push(null));
    callback(error);
  }
}

/** What is written to one end is read from the other. */
export function duplexPair(highWaterMark = 16 * 1024): [Duplex, Duplex] {
  const left = new End({ highWaterMark, allowHalfOpen: false });
  const right = new End({ highWaterMark, allowHalfOpen: false });
  left.peer = right;
  right.peer = left;
  return [left, right];
}
