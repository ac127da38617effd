/**
 * The records of one kind, each with the revision that wrote it, and the indexes that find them.
 *
 * A cold start writes every record of the region here: what one costs, in maps that are asked and
 * in texts that are kept, is most of how long it takes and of what a controller occupies. So an
 * index is made when somebody first asks for it, and kept from then on.
 */
import { GroupIndex } from './group-index.ts';
import { INDEXES, type Index, type IndexName } from './indexes.ts';
import type { AnyRecord, Kind } from './records.ts';

interface Entry {
  record: AnyRecord;
  revision: number;
}

type Members = GroupIndex<string, string, AnyRecord>;

type GroupsOf = (record: AnyRecord) => readonly string[];

/** An index, and the groups of it that a record is in. */
interface Grouping {
  readonly members: Members;
  readonly groupsOf: GroupsOf;
}

/** By the project that owns them: the one index that every kind has. */
const OWNED = 'owned';

export class Table {
  readonly #entries = new Map<string, Entry>();
  readonly #groupings = new Map<IndexName | typeof OWNED, Grouping>();

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): AnyRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** Revision of the commit that wrote the record last. */
  revisionOf(id: string): number | undefined {
    return this.#entries.get(id)?.revision;
  }

  ids(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** In order of creation. */
  *records(): IterableIterator<AnyRecord> {
    for (const { record } of this.#entries.values()) yield record;
  }

  /** The members, by id, of one group of an index of this kind. */
  members(index: IndexName, group: string): ReadonlyMap<string, AnyRecord> {
    const members = this.#groupings.get(index)?.members ?? this.#group(index);
    return members.of(group);
  }

  ofProject(projectId: string): ReadonlyMap<string, AnyRecord> {
    const members = this.#groupings.get(OWNED)?.members ?? this.#group(OWNED);
    return members.of(projectId);
  }

  /** Gives back the record that was there. */
  put(id: string, record: AnyRecord, revision: number): AnyRecord | undefined {
    const entry = this.#entries.get(id);
    const before = entry?.record;
    if (entry === undefined) {
      this.#entries.set(id, { record, revision });
    } else {
      entry.record = record;
      entry.revision = revision;
    }
    for (const { members, groupsOf } of this.#groupings.values()) {
      if (before !== undefined) for (const group of groupsOf(before)) members.delete(group, id);
      for (const group of groupsOf(record)) members.set(group, id, record);
    }
    return before;
  }

  /** Gives back the record that was there. */
  delete(id: string): AnyRecord | undefined {
    const before = this.get(id);
    if (before === undefined) return undefined;
    this.#entries.delete(id);
    for (const { members, groupsOf } of this.#groupings.values()) {
      for (const group of groupsOf(before)) members.delete(group, id);
    }
    return before;
  }

  /** Makes an index of what is there. */
  #group(index: IndexName | typeof OWNED): Members {
    const members: Members = new GroupIndex();
    const groupsOf =
      index === OWNED ? ownerOf : ((INDEXES[index] as Index<Kind>).groupsOf as GroupsOf);
    for (const [id, { record }] of this.#entries) {
      for (const group of groupsOf(record)) members.set(group, id, record);
    }
    this.#groupings.set(index, { members, groupsOf });
    return members;
  }
}

/** A record of whatever kind, as the index by owner finds it. */
type Owned = { readonly project_id?: string };

const NOBODY: readonly string[] = [];

/** The project that owns a record: facts about hosts have none. */
function ownerOf(record: AnyRecord): readonly string[] {
  const { project_id } = record as Owned;
  return project_id === undefined ? NOBODY : [project_id];
}
