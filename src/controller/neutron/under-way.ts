/**
 * Commits of this process that are on their way. Who expects a record as it was before one of them
 * can only lose to it, and better waits than asks the store.
 */
import type { RecordKey } from '../../topology/index.ts';

export class UnderWay {
  readonly #commits = new Map<RecordKey, Promise<void>>();

  /** One of the records that a commit under way writes. */
  find(keys: Iterable<RecordKey>): RecordKey | undefined {
    if (this.#commits.size === 0) return undefined;
    for (const key of keys) if (this.#commits.has(key)) return key;
    return undefined;
  }

  /** Resolves when the commit that writes a record has come to its end, whichever; or at once. */
  async ended(key: RecordKey): Promise<void> {
    await this.#commits.get(key);
  }

  /** Does a commit that writes these records. */
  async during<T>(keys: readonly RecordKey[], commit: () => Promise<T>): Promise<T> {
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    for (const key of keys) this.#commits.set(key, ended);
    try {
      return await commit();
    } finally {
      for (const key of keys) if (this.#commits.get(key) === ended) this.#commits.delete(key);
      end();
    }
  }
}
