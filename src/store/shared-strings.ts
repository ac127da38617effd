/**
 * One string for all records of a snapshot that say the same. JSON gives each record its own copy
 * of the id of its network, of its project and of its times: a tenth of what a large region
 * occupies.
 */
import type { AnyRecord } from '../topology/index.ts';

/** Members whose values many records have in common. */
const SHARED = ['project_id', 'network_id', 'host_id', 'created_at', 'updated_at'] as const;

type Texts = { [K in (typeof SHARED)[number]]?: unknown };

export class SharedStrings {
  readonly #texts = new Map<string, string>();

  /** Changes a record that was just read and that nobody else has. */
  share(record: AnyRecord): void {
    const texts = record as Texts;
    for (const name of SHARED) {
      const text = texts[name];
      if (typeof text === 'string') texts[name] = this.#one(text);
    }
  }

  #one(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}
