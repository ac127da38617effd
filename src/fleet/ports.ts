/**
 * The two sides of a host as a session needs them: its database and its switch. `database.ts` and
 * `switch-link.ts` provide them over real connections, tests provide them in memory.
 */
import type { Operation } from '../ovsdb/index.ts';
import type { FlowState, GroupState, InstalledFlow, Step } from './changes.ts';
import type { HostTables } from './observe.ts';

export interface HostDatabase {
  readonly tables: HostTables;
  readonly remoteAddress: string;
  /** The OpenFlow target that this host is given, and the manager target that it belongs to. */
  readonly controllerTarget: string;
  readonly managerTarget: string;
  /** All or nothing; resolves after `tables` shows what was written. */
  transact(operations: readonly Operation[]): Promise<void>;
  /** Whether the host answers. Never throws. */
  probe(): Promise<boolean>;
  /** Called once an update of the database, after `tables` shows it. */
  onChange(listener: () => void): void;
  onClose(listener: (reason: string) => void): void;
  close(reason: string): void;
}

/** Every promise rejects when the connection ends. */
export interface SwitchLink {
  readonly datapathId: bigint;
  readonly remoteAddress: string;
  /** Becomes MASTER; throws FencedError when the switch has seen a newer epoch. */
  takeRole(epoch: bigint): Promise<void>;
  /** Tables that hold a flow. */
  filledTables(): Promise<number[]>;
  readTable(table: number): Promise<InstalledFlow[]>;
  /** The flow of the same table, priority, match and cookie; costs little, whatever the table. */
  readFlow(flow: FlowState): Promise<InstalledFlow | undefined>;
  readGroups(): Promise<GroupState[]>;
  /** Forgets the connections of conntrack zones, before whatever is applied next. */
  flushZones(zones: Iterable<number>): void;
  /**
   * One ordered, atomic bundle. Throws RejectedError when the switch refuses it (and has then
   * changed nothing), FencedError when we are not MASTER any more.
   */
  apply(steps: readonly Step[]): Promise<void>;
  /** A controller with a newer epoch took over. */
  onFenced(listener: () => void): void;
  onClose(listener: (reason: string) => void): void;
  close(reason: string): void;
}

/** The switch refused a bundle because of `step`; undefined where it did not say which. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  readonly step: Step | undefined;

  constructor(step: Step | undefined, cause: Error) {
    super(cause.message, { cause });
    this.step = step;
  }
}
