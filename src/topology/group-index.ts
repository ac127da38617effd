/** A two-level map: members of a group, found, added and removed in constant time. */

export const NO_MEMBERS: ReadonlyMap<never, never> = new Map<never, never>();

export class GroupIndex<G, K, V> {
  readonly #groups = new Map<G, Map<K, V>>();

  of(group: G): ReadonlyMap<K, V> {
    return this.#groups.get(group) ?? NO_MEMBERS;
  }

  set(group: G, key: K, value: V): void {
    const members = this.#groups.get(group);
    if (members === undefined) this.#groups.set(group, new Map<K, V>().set(key, value));
    else members.set(key, value);
  }

  /** Empty groups go with their last member, so that nothing grows with what once existed. */
  delete(group: G, key: K): void {
    const members = this.#groups.get(group);
    if (members?.delete(key) === true && members.size === 0) this.#groups.delete(group);
  }

  /**
   * Deletes only while the member is still `value`: within one change a name (an address, a MAC)
   * may already have passed to another record when its old one goes.
   */
  deleteOwn(group: G, key: K, value: V): void {
    if (this.#groups.get(group)?.get(key) === value) this.delete(group, key);
  }
}
