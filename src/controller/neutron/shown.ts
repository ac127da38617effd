/**
 * Resources as a viewer sees them: objects that read their record, and what is derived from it,
 * when they are asked for an attribute. A list of ten thousand of which one page is sent makes no
 * copies but of that page, when it becomes JSON.
 */
import { BoundedMap } from '../../lib/bounded-map.ts';
import { JSON_TEXT, jsonText } from '../../lib/json-text.ts';
import type { View, Viewer } from './resource-type.ts';

/** How many records of a collection have the text kept that was made of them: a few megabytes. */
const KEPT_TEXTS = 2_048;

/** What all objects of one collection have in common. */
interface Showing<R> {
  /** The attributes that JSON has. */
  readonly names: readonly string[];
  /** What can be read besides, by whoever asks for it. */
  readonly also: readonly string[];
  /** Those that administrators alone see. */
  readonly hidden: readonly string[];
  readonly derive: (record: R, viewer: Viewer) => View;
}

/** Shows a record to a viewer. */
export type Show<R> = (record: R, viewer: Viewer) => View;

export function showing<R extends object>({ names, also, hidden, derive }: Showing<R>): Show<R> {
  const open = names.filter((name) => !hidden.includes(name));
  const [copyAll, copyOpen] = [copier(names), copier(open)];
  const [writeAll, writeOpen] = [writer(names), writer(open)];

  class Shown {
    readonly #record: R;
    readonly #viewer: Viewer;
    #derived: View | undefined;

    constructor(record: R, viewer: Viewer) {
      this.#record = record;
      this.#viewer = viewer;
    }

    static {
      for (const name of [...names, ...also]) {
        const isHidden = hidden.includes(name);
        Object.defineProperty(Shown.prototype, name, {
          enumerable: true,
          get(this: Shown): unknown {
            return isHidden && !this.#viewer.requester.isAdmin ? undefined : this.#read(name);
          },
        });
      }
    }

    /** What JSON.stringify writes in its place. */
    toJSON(): View {
      const copy = this.#viewer.requester.isAdmin ? copyAll : copyOpen;
      return copy(this.#record as View, this.#derivedOnce());
    }

    [JSON_TEXT](): string {
      const write = this.#viewer.requester.isAdmin ? writeAll : writeOpen;
      return write(this.#record as View, this.#derivedOnce());
    }

    #read(name: string): unknown {
      const stored = (this.#record as View)[name];
      return stored === undefined ? this.#derivedOnce()[name] : stored;
    }

    #derivedOnce(): View {
      this.#derived ??= derive(this.#record, this.#viewer);
      return this.#derived;
    }
  }
  return (record, viewer) => new Shown(record, viewer) as unknown as View;
}

type Copy = (stored: View, derived: View) => View;

/** Copies with these members, in this order, of what is stored or else derived. */
function copier(names: readonly string[]): Copy {
  return compiled(
    names,
    (key) => `stored[${key}] === undefined ? derived[${key}] : stored[${key}]`,
  );
}

/**
 * Writes the same members as JSON. What is stored is written once, for a record never changes: a
 * change makes another. What is derived from other records is written anew each time.
 */
function writer(names: readonly string[]): (stored: View, derived: View) => string {
  const copyStored = compiled(names, (key) => `stored[${key}]`);
  const copyDerived = compiled(
    names,
    (key) => `stored[${key}] === undefined ? derived[${key}] : undefined`,
  );
  const kept = new BoundedMap<View, string>(KEPT_TEXTS);
  return (stored, derived) => {
    let text = kept.get(stored);
    if (text === undefined) {
      text = jsonText(copyStored(stored, derived)).slice(0, -1);
      kept.set(stored, text);
    }
    const rest = jsonText(copyDerived(stored, derived)).slice(1);
    return text === '{' || rest === '}' ? text + rest : `${text},${rest}`;
  };
}

/**
 * A function that makes objects of these members. It is written out as one object literal and
 * compiled, because V8 makes an object whose shape it has read thirty times as fast as one that it
 * is given member by member; the names are our own.
 */
function compiled(names: readonly string[], value: (key: string) => string): Copy {
  const keys = names.map((name) => JSON.stringify(name));
  const members = keys.map((key) => `${key}: ${value(key)}`);
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('stored', 'derived', `return { ${members.join(', ')} };`) as never;
}
