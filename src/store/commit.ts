/** What one commit asks for. */
import type { AnyRecord, RecordKey } from '../topology/index.ts';

export interface CommitRequest {
  /** Records that must still have the revision that was read (`Topology.modRevision`). */
  readonly expect?: ReadonlyMap<RecordKey, number>;
  /** Records that must not exist. */
  readonly absent?: readonly RecordKey[];
  /** Records that must exist. */
  readonly require?: readonly RecordKey[];
  /** Unique claims to take, each for an owner. One that the same owner holds already is kept. */
  readonly take?: ReadonlyMap<string, string>;
  /** Claims to give back; one that is not held by this owner is left alone. */
  readonly release?: ReadonlyMap<string, string>;
  /** Records, existing or put here, on which to count one more reference each. */
  readonly hold?: readonly RecordKey[];
  /** Records on which to count one reference less each. */
  readonly drop?: readonly RecordKey[];
  readonly put: ReadonlyMap<RecordKey, AnyRecord>;
  /** Records to delete; each must exist and have no reference left. */
  readonly delete?: readonly RecordKey[];
  /** The lease under which this is written, refused when its epoch is not the current one. */
  readonly lease?: { readonly name: string; readonly epoch: number };
}
