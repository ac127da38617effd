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

const NOTHING: View = {};

/** What all objects of one collection have in common. */
interface Showing<R> {
  /** The attributes that JSON has. */
  readonly names: readonly string[];
  /** What can be read besides, by whoever asks for it. */
  readonly also: readonly string[];
  /** Those that administrators alone see. */
  readonly hidden: readonly string[];
  readonly derive: (record: R, viewer: Viewer) => View;
  /** What follows from the record alone. */
  readonly follow?: ((record: R, viewer: Viewer) => View) | undefined;
}

/** Shows a record to a viewer. */
export type Show<R> = (record: R, viewer: Viewer) => View;

export function showing<R extends object>(given: Showing<R>): Show<R> {
  const { names, also, hidden, derive, follow = () => NOTHING } = given;
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
      return copy(this.#record as View, { ...this.#followed(), ...this.#derivedOnce() });
    }

    [JSON_TEXT](): string {
      const write = this.#viewer.requester.isAdmin ? writeAll : writeOpen;
      return write(this.#record as View, this.#derivedOnce(), () => this.#followed());
    }

    #read(name: string): unknown {
      const stored = (this.#record as View)[name];
      if (stored !== undefined) return stored;
      const derived = this.#derivedOnce()[name];
      return derived === undefined ? this.#followed()[name] : derived;
    }

    #followed(): View {
      return follow(this.#record, this.#viewer);
    }

    #derivedOnce(): View {
      this.#derived ??= derive(this.#record, this.#viewer);
      return this.#derived;
    }
  }
  return (record, viewer) => new Shown(record, viewer) as unknown as View;
}

type Copy = (stored: View, derived: View) => View;

type Write = (stored: View, derived: View, followed: () => View) => string;

/**
 * Writes the same members as JSON. What is stored, and follows from it, is written once, for a
 * record never changes: a change makes another. What is derived from other records is looked at
 * each time.
 */
function writer(names: readonly string[]): Write {
  const copy = copier(names);
  const kept = new BoundedMap<View, string>(KEPT_TEXTS);
  const writeDerived = derivedWriter(new Set(names));
  return (stored, derived, followed) => {
    let text = kept.get(stored);
    if (text === undefined) {
      text = jsonText(copy(stored, followed())).slice(0, -1);
      kept.set(stored, text);
    }
    const rest = writeDerived(stored, derived);
    return text === '{' || rest === '}' ? text + rest : `${text},${rest}`;
  };
}

/**
 * Writes what is derived, without the opening brace. Neighbours in a list have mostly the same
 * status and the like: what was written last is taken again where it is the same.
 */
function derivedWriter(names: ReadonlySet<string>): (stored: View, derived: View) => string {
  let last: readonly unknown[] = [];
  let text = '}';
  return (stored, derived) => {
    const members: unknown[] = [];
    for (const name in derived) {
      if (!names.has(name) || stored[name] !== undefined) continue;
      members.push(name, derived[name]);
    }
    if (!isSame(members, last)) {
      text = jsonText(objectOf(members)).slice(1);
      last = members;
    }
    return text;
  };
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

/** @param members names and values, in turn */
function objectOf(members: readonly unknown[]): View {
  const made: Record<string, unknown> = {};
  for (let at = 0; at < members.length; at += 2) made[String(members[at])] = members[at + 1];
  return made;
}

/**
 * Copies with these members, in this order, of what is stored or else derived. It is written out as
 * one object literal and compiled, because V8 makes an object whose shape it has read thirty times
 * as fast as one that it is given member by member; the names are our own.
 */
function copier(names: readonly string[]): Copy {
  const members = names.map((name) => {
    const key = JSON.stringify(name);
    return `${key}: stored[${key}] === undefined ? derived[${key}] : stored[${key}]`;
  });
  // oxlint-disable-next-line typescript/no-implied-eval
  return new Function('stored', 'derived', `return { ${members.join(', ')} };`) as never;
}
