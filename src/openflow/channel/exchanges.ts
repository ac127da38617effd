/**
 * The xid table: what was asked and is not answered yet. An exchange owns one xid or, as a bundle
 * does, a run of them.
 */
import type { ErrorMessage, Message } from '../messages/index.ts';

export interface Exchange {
  /** What it is, for logs and errors. */
  readonly name: string;
  /** A message with one of its xids, of `byteLength` bytes on the wire. */
  answer(message: Message, xid: number, byteLength: number): void;
  /** An OFPT_ERROR with one of its xids. */
  refuse(error: ErrorMessage, xid: number): void;
  /** It will get no (sensible) answer. */
  fail(error: Error): void;
}

interface Entry {
  readonly exchange: Exchange;
  readonly firstXid: number;
  readonly lastXid: number;
  /** Clock time at which it was opened or last heard of. */
  activeAt: number;
}

const XID_MAX = 0xffff_ffff;

export class Exchanges {
  readonly #now: () => number;
  readonly #single = new Map<number, Entry>();
  readonly #runs: Entry[] = [];
  #nextXid = 1;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#single.size + this.#runs.length;
  }

  /** `count` consecutive xids that nothing pending uses; gives the first. Zero is never used. */
  takeXids(count = 1): number {
    do {
      if (this.#nextXid + count > XID_MAX) this.#nextXid = 1;
      this.#nextXid += count;
    } while (this.#inUse(this.#nextXid - count, this.#nextXid - 1));
    return this.#nextXid - count;
  }

  open(exchange: Exchange, firstXid: number, count = 1): void {
    const entry = { exchange, firstXid, lastXid: firstXid + count - 1, activeAt: this.#now() };
    if (count === 1) this.#single.set(firstXid, entry);
    else this.#runs.push(entry);
  }

  /** Forgets an exchange; its xids may still be answered, which then belongs to nothing. */
  close(firstXid: number): void {
    this.#single.delete(firstXid);
    const index = this.#runs.findIndex((entry) => entry.firstXid === firstXid);
    if (index >= 0) this.#runs.splice(index, 1);
  }

  find(xid: number): Exchange | undefined {
    const entry =
      this.#single.get(xid) ??
      this.#runs.find(({ firstXid, lastXid }) => firstXid <= xid && xid <= lastXid);
    if (entry !== undefined) entry.activeAt = this.#now();
    return entry?.exchange;
  }

  /** An exchange of which nothing was heard for `ms`. */
  overdue(ms: number): Exchange | undefined {
    const limit = this.#now() - ms;
    for (const { activeAt, exchange } of this.#entries()) if (activeAt <= limit) return exchange;
    return undefined;
  }

  failAll(error: Error): void {
    const entries = [...this.#entries()];
    this.#single.clear();
    this.#runs.length = 0;
    for (const { exchange } of entries) exchange.fail(error);
  }

  *#entries(): Generator<Entry> {
    yield* this.#single.values();
    yield* this.#runs;
  }

  #inUse(first: number, last: number): boolean {
    if (first === last && this.#single.has(first)) return true;
    for (const entry of first === last ? this.#runs : this.#entries()) {
      if (entry.firstXid <= last && first <= entry.lastXid) return true;
    }
    return false;
  }
}
