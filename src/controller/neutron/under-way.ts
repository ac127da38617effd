/**
 * Commits of this process that are on their way. Who expects a record as it was before one of them
 * can only lose to it: it writes on what that one will leave, or waits, rather than ask the store.
 */
import type { RecordKey } from '../../topology/index.ts';
import type { Draft } from './draft.ts';

interface Writer {
  readonly draft: Draft;
  readonly ended: Promise<void>;
}

export class UnderWay {
  readonly #writers = new Map<RecordKey, Writer>();

  /** A record that a draft expects otherwise than the commit under way of another leaves it. */
  inWay(draft: Draft): { readonly key: RecordKey; readonly by: Draft } | undefined {
    if (this.#writers.size === 0) return undefined;
    for (const key of draft.expected) {
      const by = this.#writers.get(key)?.draft;
      if (by !== undefined && !draft.chain.has(by)) return { key, by };
    }
    return undefined;
  }

  /** Resolves when the commit that writes a record has come to its end, whichever; or at once. */
  async ended(key: RecordKey): Promise<void> {
    await this.#writers.get(key)?.ended;
  }

  /** Does the commit of a draft. */
  async during<T>(draft: Draft, commit: () => Promise<T>): Promise<T> {
    const keys = draft.written;
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const writer = { draft, ended };
    for (const key of keys) this.#writers.set(key, writer);
    try {
      return await commit();
    } finally {
      for (const key of keys) if (this.#writers.get(key) === writer) this.#writers.delete(key);
      end();
    }
  }
}
