/**
 * The two sides of a host as a session needs them: its database and its switch. `database.ts` and
 * `switch-link.ts` provide them over real connections, tests provide them in memory.
 */
import type { Match } from '../openflow/index.ts';
import type { Operation } from '../ovsdb/index.ts';
import type { Counted } from '../pipeline/index.ts';
import type { FlowState, GroupState, InstalledFlow, MeterState, Step } from './changes.ts';
import type { HostTables } from './observe.ts';
import type { MeterStep } from './order.ts';
import type { FlowCount, ServicePacket } from './types.ts';

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
  /** What flows have counted that are read for that, as of one moment after the call. */
  readCounts(counted: Counted): Promise<FlowCount[]>;
  readGroups(): Promise<GroupState[]>;
  readMeters(): Promise<MeterState[]>;
  /** Forgets the connections of conntrack zones, before whatever is applied next. */
  flushZones(zones: Iterable<number>): void;
  /**
   * One ordered, atomic bundle. Throws RejectedError when the switch refuses it (and has then
   * changed nothing), FencedError when we are not MASTER any more.
   */
  apply(steps: readonly Step[]): Promise<void>;
  /** One meter after the other. Throws as `apply` does; a refusal undoes none of the others. */
  setMeters(steps: readonly MeterStep[]): Promise<void>;
  /** Called with each packet that a flow handed to us, in order. */
  onPacket(listener: (packet: PuntedPacket) => void): void;
  /** Hands a packet to the table Output for a port; not waited for, and lost with the link. */
  sendPacket(ofport: number, data: Buffer): void;
  /** Gives a packet back to the pipeline, as one that its port may send; as `sendPacket`. */
  passOn(packet: PassedPacket): void;
  /** A controller with a newer epoch took over. */
  onFenced(listener: () => void): void;
  onClose(listener: (reason: string) => void): void;
  close(reason: string): void;
}

/** A packet that its sender sends after all. */
export type PassedPacket = Pick<ServicePacket, 'ofport' | 'vni' | 'metadata' | 'data'>;

/** A packet as a switch hands it over. */
export interface PuntedPacket {
  /** Of the `controller` action. */
  readonly userdata: Buffer | undefined;
  /** Of the flow. */
  readonly cookie: bigint;
  /** in_port, metadata, registers as they were. */
  readonly metadata: Match;
  /** The whole frame. */
  readonly data: Buffer;
}

/** The switch refused a push because of `step`; undefined where it did not say which. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  readonly step: Step | MeterStep | undefined;

  constructor(step: Step | MeterStep | undefined, cause: Error) {
    super(cause.message, { cause });
    this.step = step;
  }
}
