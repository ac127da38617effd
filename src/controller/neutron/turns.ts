/**
 * Who lost a record, or a claim, to others takes turns with whoever else did: each turn has a
 * winner, while all at once would have one winner a round and many losers.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits for the turn at a key; call the function that is given back when it is over. */
  async take(key: string): Promise<() => void> {
    const before = this.#last.get(key);
    let end: () => void = () => {};
    const turn = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last.set(key, turn);
    await before;
    return () => {
      if (this.#last.get(key) === turn) this.#last.delete(key);
      end();
    };
  }
}
