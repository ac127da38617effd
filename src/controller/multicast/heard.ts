/** What one port has told of the groups that it listens to, and until when each of it holds. */

interface Until {
  /** As the clock has it. */
  at: number;
  /** The port has said that it leaves the group, and not since that it listens. */
  isLeaving: boolean;
}

export class Heard {
  /** Where the VM ran when it told. */
  readonly hostId: string;
  readonly #groups = new Map<string, Until>();

  constructor(hostId: string, groups: Iterable<string>, until: number) {
    this.hostId = hostId;
    for (const group of groups) this.listens(group, until);
  }

  get size(): number {
    return this.#groups.size;
  }

  /** Ascending, as records have them. */
  groups(): string[] {
    return [...this.#groups.keys()].sort();
  }

  has(group: string): boolean {
    return this.#groups.has(group);
  }

  listens(group: string, until: number): void {
    this.#groups.set(group, { at: until, isLeaving: false });
  }

  /** Whether that is news. */
  leaves(group: string, until: number): boolean {
    const known = this.#groups.get(group);
    if (known === undefined || known.isLeaving) return false;
    this.#groups.set(group, { at: Math.min(known.at, until), isLeaving: true });
    return true;
  }

  isLeaving(group: string): boolean {
    return this.#groups.get(group)?.isLeaving === true;
  }

  /** Whether anything was forgotten. */
  forgetUntil(now: number): boolean {
    const before = this.#groups.size;
    for (const [group, { at }] of this.#groups) if (at <= now) this.#groups.delete(group);
    return this.#groups.size < before;
  }
}
