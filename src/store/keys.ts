/**
 * Every key of the store. All of a region lie in one hash slot, so that one script may touch them
 * on Redis Cluster as well. docs/store.md says what each holds.
 */
import { assert } from '../lib/assert.ts';

export class Keys {
  /** Random id of this history of changes; another one means that acknowledged writes are gone. */
  readonly history: string;
  /** Revision of the last commit. */
  readonly revision: string;
  /** Hash: record key → `<revision of its last commit> <JSON>`. */
  readonly records: string;
  /** Hash: claim → owner. */
  readonly claims: string;
  /** Hash: record key → how many others refer to it. */
  readonly references: string;
  /** Stream: entry `<revision>-0` is what that commit did. */
  readonly changes: string;
  /** How many bytes of changes were ever written to the stream. */
  readonly written: string;
  /** Hash: lease name → `<epoch> <last holder>`. */
  readonly epochs: string;
  /** Hash: record key → `<packets> <bytes> <time of the last>`, as all hosts have counted it. */
  readonly counts: string;
  /** Hash: host → when what it had counted was last read. */
  readonly counted: string;
  /** Channel: lines of logged connections, as they are told. */
  readonly connections: string;
  /** Channel: what controllers ask each other about switches, and the answers. */
  readonly inspections: string;
  readonly #prefix: string;

  constructor(region: string) {
    assert(/^[\w.-]+$/.test(region), `region name ${region}`);
    this.#prefix = `{heddle:${region}}`;
    this.history = `${this.#prefix}:history`;
    this.revision = `${this.#prefix}:revision`;
    this.records = `${this.#prefix}:records`;
    this.claims = `${this.#prefix}:claims`;
    this.references = `${this.#prefix}:references`;
    this.changes = `${this.#prefix}:changes`;
    this.written = `${this.#prefix}:written`;
    this.epochs = `${this.#prefix}:epochs`;
    this.counts = `${this.#prefix}:counts`;
    this.counted = `${this.#prefix}:counted`;
    this.connections = `${this.#prefix}:connections`;
    this.inspections = `${this.#prefix}:inspections`;
  }

  /** The holder of a lease; expires with the lease. */
  lease(name: string): string {
    return `${this.#prefix}:lease:${name}`;
  }

  /** Hash: record key → as in `counts`, of one host; then what its reader must remember. */
  countsOf(hostId: string): string {
    return `${this.#prefix}:counts:${hostId}`;
  }

  /** The least session number with which a writer may still commit; see `Store`. */
  fence(writerId: string): string {
    return `${this.#prefix}:fence:${writerId}`;
  }
}
