/** What each of the three ways to start a monitor is told. */
import type { Uuid } from '../datum/uuid.ts';
import type { MonitoredTables } from './monitored.ts';

export interface MonitorCall {
  readonly database: string;
  /** Ours to choose; the server's updates carry it. */
  readonly id: number;
  readonly tables: MonitoredTables;
  /** The last transaction that we have; the server may still know what came after. */
  readonly since: Uuid | undefined;
}
