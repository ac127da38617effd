/** Showing and listing one kind of record from the replica: wire forms and filters. */
import type { IntentError, RecordByKind, Topology } from '../../topology/index.ts';
import { compileFilters, type FilterKind, type Filters } from './filters.ts';

export type View = Readonly<Record<string, unknown>>;

export type CatalogKind = 'network' | 'subnet' | 'port';

export interface ViewTable<K extends CatalogKind> {
  readonly kind: K;
  /** The attributes that a list can be filtered by. */
  readonly filters: Readonly<Record<string, FilterKind>>;
  /** The attributes that are not stored, from the record and the replica. */
  readonly derive: (record: RecordByKind[K], topology: Topology) => View;
  readonly notFound: (id: string) => IntentError;
  /** Fewer records than all that hold every match, when an index knows. */
  readonly narrow?: (filters: Filters, topology: Topology) => Iterable<RecordByKind[K]> | undefined;
}

export class Catalog<K extends CatalogKind> {
  readonly #topology: Topology;
  readonly #table: ViewTable<K>;

  constructor(topology: Topology, table: ViewTable<K>) {
    this.#topology = topology;
    this.#table = table;
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

  /** As `show`, but undefined when there is none. */
  find(id: string): View | undefined {
    const record = this.#topology.get(this.#table.kind, id);
    return record === undefined ? undefined : this.view(record);
  }

  /**
   * The wire form of a record. Adding to a copy of the record would cost V8 fifty times as much.
   */
  view(record: RecordByKind[K]): View {
    return { ...this.#table.derive(record, this.#topology), ...record };
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
    const stored = record as unknown as View;
    return name in stored ? stored[name] : this.#table.derive(record, this.#topology)[name];
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
