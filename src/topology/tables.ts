/**
 * Every record of a region, in a table for each kind: what a snapshot is read into, page after
 * page, and what the replica stands on from then on, so that a start writes each record once.
 *
 * An empty one is cheap, because every draft of a write is one: it has tables of the kinds that it
 * was given alone.
 */
import type { AnyRecord, Identity, Kind } from './records.ts';
import { Table } from './table.ts';

export class Tables {
  readonly #tables = new Map<Kind, Table>();

  /** Undefined when there never was a record of the kind. */
  of(kind: Kind): Table | undefined {
    return this.#tables.get(kind);
  }

  /** Gives back the record that was there. */
  put({ kind, id }: Identity, record: AnyRecord, revision: number): AnyRecord | undefined {
    return this.#made(kind).put(id, record, revision);
  }

  /** Gives back the record that was there. */
  delete({ kind, id }: Identity): AnyRecord | undefined {
    return this.#tables.get(kind)?.delete(id);
  }

  #made(kind: Kind): Table {
    const known = this.#tables.get(kind);
    if (known !== undefined) return known;
    const table = new Table();
    this.#tables.set(kind, table);
    return table;
  }
}
