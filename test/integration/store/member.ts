/** One replica as a controller has it: a store, the topology it feeds, and what it was told. */

import { until } from '../../../lab/exec.ts';
import { network as networkRecord } from '../../../lab/records.ts';
import type { LogFields, Logger } from '../../../src/lib/log.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemClock, systemRandom } from '../../../src/lib/system.ts';
import { type RedisAddress, type RewoundAlarm, Store } from '../../../src/store/index.ts';
import { type Change, type Network, recordKey, Topology } from '../../../src/topology/index.ts';

export interface LogLine extends LogFields {
  readonly message: string;
}

export class Member {
  readonly store: Store;
  readonly topology = new Topology();
  readonly changes: Change[] = [];
  readonly snapshots: number[] = [];
  readonly alarms: RewoundAlarm[];
  readonly errors: LogLine[];

  constructor(store: Store, alarms: RewoundAlarm[], errors: LogLine[]) {
    this.store = store;
    this.alarms = alarms;
    this.errors = errors;
  }

  async follow(): Promise<void> {
    await this.store.subscribe({
      snapshot: (revision, records) => {
        this.snapshots.push(revision);
        this.topology.load(revision, records);
      },
      change: (change) => {
        this.changes.push(change);
        this.topology.apply(change);
      },
    });
  }

  /** Resolves when this replica has applied `revision`. */
  async reaches(revision: number): Promise<void> {
    await until(() => this.topology.revision >= revision, `revision ${revision}`);
  }

  async isBack(): Promise<void> {
    await until(() => this.store.available, 'the store to be available');
  }
}

export async function join(
  redis: RedisAddress,
  options: { region?: string; streamBytes?: number } = {},
): Promise<Member> {
  const alarms: RewoundAlarm[] = [];
  const errors: LogLine[] = [];
  const log: Logger = {
    ...nullLogger,
    error: (message, fields) => errors.push({ message, ...fields }),
  };
  const store = await Store.open({
    redis,
    region: 'test',
    ...options,
    clock: systemClock,
    random: systemRandom,
    log,
    onRewound: (alarm) => alarms.push(alarm),
  });
  const member = new Member(store, alarms, errors);
  await member.follow();
  return member;
}

export function network(id: string, name = 'blue'): Network {
  return networkRecord(id, 1, { name });
}

export const key = (id: string) => recordKey('network', id);

/** A commit that puts one network, and nothing else. */
export function put(id: string, name?: string) {
  return { put: new Map([[key(id), network(id, name)]]) };
}
