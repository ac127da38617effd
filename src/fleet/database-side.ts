/**
 * The OVSDB half of a host session: enrolment, its repair, and the fence. Level-triggered: whatever
 * changes in the database, the rows are compared as a whole, and written only where they differ.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { comment } from '../ovsdb/index.ts';
import { type Enrolment, planEnrolment } from './enrolment-plan.ts';
import { epochOf, fence } from './fencing.ts';
import { rootOf } from './observe.ts';
import type { HostDatabase } from './ports.ts';

/** Somebody who undoes our rows as fast as we repair them gets one repair a second. */
const REPAIR_INTERVAL_MS = 1000;

export interface DatabaseSideOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Something became due. */
  readonly kick: () => void;
  /** Promises cannot be kept as they are; told once, until it is another reason. */
  readonly unkept: (problem: string) => void;
}

export class DatabaseSide {
  readonly #options: DatabaseSideOptions;
  #database: HostDatabase | undefined;
  #enrolled = false;
  #dirty = false;
  /** Counts what was desired: the answer to an older question settles nothing. */
  #term = 0;
  #lastWrite = Number.NEGATIVE_INFINITY;
  #later: Timer | undefined;
  #rowsWritten = 0;
  #problem: string | undefined;

  constructor(options: DatabaseSideOptions) {
    this.#options = options;
  }

  get database(): HostDatabase | undefined {
    return this.#database;
  }

  /** The rows were found, or made, as desired, under our epoch, on this connection. */
  get enrolled(): boolean {
    return this.#enrolled;
  }

  get dirty(): boolean {
    return this.#dirty;
  }

  /** Transactions that wrote rows. */
  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  attach(database: HostDatabase): void {
    this.#database = database;
    this.renew();
  }

  detach(): void {
    this.#database = undefined;
    this.renew();
  }

  /** What is desired, or the epoch, is another: nothing is known to be as it should. */
  renew(): void {
    this.#term += 1;
    this.#enrolled = false;
    this.#dirty = true;
    this.#lastWrite = Number.NEGATIVE_INFINITY;
  }

  /** The database has changed. */
  changed(): void {
    this.#dirty = true;
  }

  stop(): void {
    this.#later?.cancel();
  }

  /** Compares, and writes what differs. Throws FencedError when the database has a newer epoch. */
  async enrol(database: HostDatabase, enrolment: Enrolment, epoch: bigint): Promise<void> {
    this.#dirty = false;
    try {
      await this.#enrol(database, enrolment, epoch);
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }

  async #enrol(database: HostDatabase, enrolment: Enrolment, epoch: bigint): Promise<void> {
    const root = rootOf(database.tables);
    if (root === undefined) return;
    const guards = fence(root, epoch);
    const { operations, differences, problem } = planEnrolment(database.tables, enrolment);
    this.#tell(problem);
    const raises = epochOf(root) !== epoch;
    if (!raises && operations.length === 0) {
      this.#enrolled = true;
      return;
    }
    if (this.#mustWait()) return;
    const term = this.#term;
    const remark = comment(`heddle: ${enrolment.config.bridge} as desired`);
    await database.transact([...guards, ...operations, remark]);
    const written = raises ? ['epoch', ...differences] : differences;
    this.#options.log.info('The rows of a host were written.', { differences: written });
    this.#rowsWritten += 1;
    if (this.#term !== term) return;
    this.#lastWrite = this.#options.clock.now();
    this.#enrolled = true;
  }

  #tell(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    if (problem !== undefined) this.#options.unkept(problem);
  }

  #mustWait(): boolean {
    const { clock } = this.#options;
    const waitMs = this.#lastWrite + REPAIR_INTERVAL_MS - clock.now();
    if (waitMs <= 0) return false;
    this.#later?.cancel();
    this.#later = clock.setTimer(waitMs, () => {
      this.#dirty = true;
      this.#options.kick();
    });
    return true;
  }
}
