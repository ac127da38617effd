/**
 * Puts changes in order. The same change may come twice, from the answer to our own commit and from
 * the stream, in either order; the subscriber gets each revision once, without a gap.
 */
import type { Change } from '../topology/index.ts';

/** A change that may still have to be read; most that come twice never are. */
export interface Entry {
  readonly revision: number;
  readonly commitId: string;
  read(): Change;
}

export class Feed {
  #position = 0;
  #commitId = '';
  readonly #early = new Map<number, Entry>();
  readonly #deliver: (change: Change, commitId: string) => void;

  constructor(deliver: (change: Change, commitId: string) => void) {
    this.#deliver = deliver;
  }

  /** The last revision delivered. */
  get position(): number {
    return this.#position;
  }

  /** Which commit made that revision: the same revision of another history has another. */
  get commitId(): string {
    return this.#commitId;
  }

  offer(entry: Entry): void {
    if (entry.revision <= this.#position) return;
    this.#early.set(entry.revision, entry);
    let next = this.#early.get(this.#position + 1);
    while (next !== undefined) {
      this.#early.delete(next.revision);
      this.#position = next.revision;
      this.#commitId = next.commitId;
      this.#deliver(next.read(), next.commitId);
      next = this.#early.get(this.#position + 1);
    }
  }

  /** Goes on from a snapshot. */
  reset(position: number, commitId: string): void {
    this.#early.clear();
    this.#position = position;
    this.#commitId = commitId;
  }
}
