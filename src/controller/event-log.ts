/**
 * What changed, for whoever watches: the last changes are kept, so that a watcher that was away
 * goes on where it was, and new ones are told as they are applied.
 *
 * A binding or a status is news of its port, and of the trunk that the port is in. An event names
 * resources; what they look like is read when it is told, and may be newer than the event, never
 * older.
 */
import {
  type AnyRecord,
  type Change,
  type Kind,
  type RecordKey,
  splitKey,
  type Topology,
} from '../topology/index.ts';

/** The kinds of resources that are watched: those of the Networking API. */
type WatchedKind = Exclude<Kind, 'binding' | 'status' | Unwatched>;

/** Kinds that nobody is told of: no collection of the API shows them. */
const UNWATCHED = [
  'host',
  'seed',
  'quota',
  'auto_allocated_topology',
  'agent_hosting',
  'learned_mac',
  'membership',
] as const;

type Unwatched = (typeof UNWATCHED)[number];

/** One resource that came, changed or went; `deleted` is its last record. */
export interface ResourceNews {
  readonly kind: WatchedKind;
  readonly id: string;
  readonly deleted: AnyRecord | undefined;
}

export interface RevisionNews {
  readonly revision: number;
  /** Time of the commit. */
  readonly at: string;
  readonly resources: readonly ResourceNews[];
}

export interface Watcher {
  news(news: RevisionNews): void;
  /** There are news that nobody can tell any more: what was known must be read anew. */
  lost(): void;
}

const LENGTH_MAX = 10_000;

export class EventLog {
  readonly #topology: Topology;
  readonly #lengthMax: number;
  readonly #news = new Map<number, RevisionNews>();
  readonly #watchers = new Set<Watcher>();
  /** Everything after this revision is kept. */
  #keptAfter = 0;

  constructor(topology: Topology, lengthMax = LENGTH_MAX) {
    this.#topology = topology;
    this.#lengthMax = lengthMax;
  }

  /** Looks at a change that is about to be applied; call the result when it has been. */
  observe(change: Change): () => void {
    const resources = [...resourcesOf(change, this.#topology)].map(([key, isDeleted]) => {
      const { kind, id } = splitKey(key);
      const deleted = isDeleted ? this.#topology.get(kind, id) : undefined;
      return { kind: kind as WatchedKind, id, deleted };
    });
    const { revision, at } = change;
    return () => this.#tell({ revision, at, resources });
  }

  /** Everything was read anew: what happened in between is not known. */
  reset(): void {
    this.#news.clear();
    this.#keptAfter = this.#topology.revision;
    for (const watcher of this.#watchers) watcher.lost();
    this.#watchers.clear();
  }

  /**
   * Tells the watcher everything after revision `since`, what is known of it at once, until the
   * function that is given back is called; undefined when some of it is not kept any more.
   */
  watch(since: number, watcher: Watcher): (() => void) | undefined {
    if (since < this.#keptAfter) return undefined;
    for (const news of this.#news.values()) if (news.revision > since) watcher.news(news);
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #tell(news: RevisionNews): void {
    this.#news.set(news.revision, news);
    if (this.#news.size > this.#lengthMax) {
      this.#keptAfter += 1;
      this.#news.delete(this.#keptAfter);
    }
    for (const watcher of this.#watchers) watcher.news(news);
  }
}

/** The watched resources that a change touches, each once, and whether it goes. */
function resourcesOf(
  { puts, deletes }: Change,
  topology: Topology,
): ReadonlyMap<RecordKey, boolean> {
  const resources = new Map<RecordKey, boolean>();
  const touchTrunks = (portId: string): void => {
    for (const index of ['trunksOfParent', 'trunksOfSubport'] as const) {
      for (const id of topology.members(index, portId).keys()) {
        if (!resources.has(`trunk/${id}`)) resources.set(`trunk/${id}`, false);
      }
    }
  };
  const touch = (key: RecordKey, isDeleted: boolean): void => {
    const { kind, id } = splitKey(key);
    if (kind === 'binding' || kind === 'status') {
      if (!resources.has(`port/${id}`)) resources.set(`port/${id}`, false);
      touchTrunks(id);
    } else if (!isUnwatched(kind)) resources.set(key, isDeleted);
  };
  for (const key of deletes) touch(key, true);
  for (const { key } of puts) touch(key, false);
  return resources;
}

function isUnwatched(kind: Kind): kind is Unwatched {
  return (UNWATCHED as readonly Kind[]).includes(kind);
}
