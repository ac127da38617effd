/**
 * Resources as a viewer sees them: objects that read their record, and what is derived from it,
 * when they are asked for an attribute. A list of ten thousand of which one page is sent makes no
 * copies but of that page, when it becomes JSON.
 */
import type { View, Viewer } from './resource-type.ts';

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

/**
 * Makes copies that have these members, in this order, of what is stored or else derived. It is
 * written out as one object literal and compiled, because V8 makes an object whose shape it has
 * read thirty times as fast as one that it is given member by member; the names are our own.
 */
function copier(names: readonly string[]): (stored: View, derived: View) => View {
  const members = names.map((name) => {
    const key = JSON.stringify(name);
    return `${key}: stored[${key}] === undefined ? derived[${key}] : stored[${key}]`;
  });
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('stored', 'derived', `return { ${members.join(', ')} };`) as never;
}
