/**
 * One audit of one switch: everything is read, a table at a time, and compared with what is
 * desired; what differs is repaired at the end in one push. Updates go on between two tables. What
 * an update touched since the audit began is not judged: it may have been read before and written
 * after.
 */
import { type DesiredState, Marker, type StateChanges } from '../pipeline/index.ts';
import {
  type Changes,
  type FlowChange,
  type GroupChange,
  type MeterChange,
  PendingChanges,
} from './changes.ts';
import { countDrift, diffFlows, diffGroups, diffMeters } from './diff.ts';
import type { SwitchLink } from './ports.ts';
import type { DriftReport } from './types.ts';

export interface AuditResult {
  readonly repairs: Changes;
  readonly report: DriftReport;
}

export class Audit {
  readonly #link: SwitchLink;
  readonly #desired: DesiredState;
  readonly #flows: FlowChange[] = [];
  readonly #groups: GroupChange[] = [];
  readonly #meters: MeterChange[] = [];
  readonly #updated = new PendingChanges();
  #tables: number[] | undefined;

  constructor(link: SwitchLink, desired: DesiredState) {
    this.#link = link;
    this.#desired = desired;
  }

  /** The desired state has changed since the audit began. */
  updated(changes: StateChanges): void {
    this.#updated.add(changes);
  }

  /** Reads and compares the next part; gives the result after the last. */
  async step(): Promise<AuditResult | undefined> {
    if (this.#tables === undefined) {
      const filled = await this.#link.filledTables();
      this.#tables = [...new Set([...filled, ...this.#desired.tables(), Marker.id])];
      this.#groups.push(...diffGroups(await this.#link.readGroups(), this.#desired.groups()));
      this.#meters.push(...diffMeters(await this.#link.readMeters(), this.#desired.meters()));
      return undefined;
    }
    const table = this.#tables.pop();
    if (table === undefined) return this.#result();
    const installed = await this.#link.readTable(table);
    this.#flows.push(...diffFlows(installed, desiredFlows(this.#desired, table)));
    return undefined;
  }

  #result(): AuditResult {
    const flows = this.#flows.filter(({ flow }) => !this.#updated.hasFlow(flow.key));
    const groups = this.#groups.filter(({ group }) => !this.#updated.hasGroup(group.groupId));
    const meters = this.#meters.filter(({ meter }) => !this.#updated.hasMeter(meter.meterId));
    const repairs = { flows, groups, meters };
    return { repairs, report: countDrift(repairs) };
  }
}

/** What a table should hold; the table of the markers is not one of the state's own. */
function desiredFlows(desired: DesiredState, table: number): ReturnType<DesiredState['flowsOf']> {
  return table === Marker.id ? desired.markers() : desired.flowsOf(table);
}
