/** Showing and listing one kind of record from the replica: wire forms and filters. */
import type { IntentError, RecordByKind, Topology } from '../../topology/index.ts';
import { compileFilters, type FilterKind, type Filters } from './filters.ts';

export type View = Readonly<Record<string, unknown>>;

export type CatalogKind = 'network' | 'subnet' | 'port';

export interface ViewTable<K extends CatalogKind> {
  readonly kind: K;
  /** The attributes that a list can be filtered by. */
  readonly filters: Readonly<Record<string, FilterKind>>;
  /** Attributes that are not stored, each from the record and the replica. */
  readonly derived: Readonly<
    Record<string, (record: RecordByKind[K], topology: Topology) => unknown>
  >;
  readonly notFound: (id: string) => IntentError;
  /** Fewer records than all that hold every match, when an index knows. */
  readonly narrow?: (filters: Filters, topology: Topology) => Iterable<RecordByKind[K]> | undefined;
}

export class Catalog<K extends CatalogKind> {
  readonly #topology: Topology;
  readonly #table: ViewTable<K>;
  readonly #derived: ViewTable<K>['derived'][string][];
  readonly #derivedNames: string[];

  constructor(topology: Topology, table: ViewTable<K>) {
    this.#topology = topology;
    this.#table = table;
    this.#derivedNames = Object.keys(table.derived);
    this.#derived = Object.values(table.derived);
  }

  /** The record, or the refusal that it does not exist. */
  read(id: string): RecordByKind[K] {
    const record = this.#topology.get(this.#table.kind, id);
    if (record === undefined) throw this.#table.notFound(id);
    return record;
  }

  show(id: string): View {
    return this.view(this.read(id));
  }

  /** The wire form of a record. */
  view(record: RecordByKind[K]): View {
    const view: Record<string, unknown> = { ...record };
    for (let at = 0; at < this.#derived.length; at += 1) {
      const name = this.#derivedNames[at];
      if (name !== undefined) view[name] = this.#derived[at]?.(record, this.#topology);
    }
    return view;
  }

  list(filters: Filters): readonly View[] {
    const matches = compileFilters(this.#table.filters, filters);
    const views: View[] = [];
    for (const record of this.#candidates(filters)) {
      if (matches((name) => this.#attribute(record, name))) views.push(this.view(record));
    }
    return views;
  }

  #attribute(record: RecordByKind[K], name: string): unknown {
    const derive = this.#table.derived[name];
    if (derive) return derive(record, this.#topology);
    return (record as unknown as View)[name];
  }

  #candidates(filters: Filters): Iterable<RecordByKind[K]> {
    const { kind, narrow } = this.#table;
    const ids = filters.get('id');
    if (ids !== undefined) return this.#byId(ids);
    return narrow?.(filters, this.#topology) ?? this.#topology.list(kind);
  }

  *#byId(ids: readonly string[]): Iterable<RecordByKind[K]> {
    for (const id of new Set(ids)) {
      const record = this.#topology.get(this.#table.kind, id);
      if (record !== undefined) yield record;
    }
  }
}
