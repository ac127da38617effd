/**
 * Port status: a port is ACTIVE when its own host has acknowledged the revision of its binding.
 * The controller that owns the host writes it as a Status record; its absence means DOWN.
 */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { CommitRequest } from '../store/index.ts';
import {
  type AnyRecord,
  type Change,
  type RecordKey,
  recordKey,
  type Status,
  splitKey,
  type Topology,
} from '../topology/index.ts';
import { type CommitQueue, type Committer, createCommitQueue } from './commit-queue.ts';

export interface StatusKeeperOptions {
  readonly topology: Topology;
  readonly store: Committer;
  readonly clock: Clock;
  readonly log: Logger;
  /** The revision that a host of ours has acknowledged; undefined for hosts that are not ours. */
  readonly realizedRevision: (hostId: string) => number | undefined;
}

export class StatusKeeper {
  readonly #topology: Topology;
  readonly #realizedRevision: StatusKeeperOptions['realizedRevision'];
  readonly #queue: CommitQueue;
  /** host → ports that wait → the revision that the host must acknowledge. */
  readonly #waiting = new Map<string, Map<string, number>>();
  /** port → the host in `#waiting` that it waits for. */
  readonly #waitsFor = new Map<string, string>();

  constructor(options: StatusKeeperOptions) {
    this.#topology = options.topology;
    this.#realizedRevision = options.realizedRevision;
    this.#queue = createCommitQueue({
      ...options,
      what: 'port status',
      request: (portIds) => this.#request(portIds),
    });
  }

  /** After a change was applied: ports that were bound, unbound, or set up or down. */
  change(change: Change): void {
    const ports = new Set<string>();
    for (const key of [...change.puts.map((put) => put.key), ...change.deletes]) {
      const { kind, id } = splitKey(key);
      if (kind === 'binding' || kind === 'port' || kind === 'status') ports.add(id);
    }
    for (const portId of ports) this.#consider(portId, change.revision);
  }

  /** A host has become ours, or everything was read anew: its ports wait for what is now. */
  reset(hostId: string): void {
    for (const portId of this.#topology.members('bindingsOfHost', hostId).keys()) {
      this.#consider(portId, this.#topology.revision);
    }
  }

  /** A host has acknowledged everything up to `revision`. */
  realized(hostId: string, revision: number): void {
    const waiting = this.#waiting.get(hostId);
    for (const [portId, needed] of waiting ?? []) {
      if (needed <= revision) this.#queue.add(portId);
    }
  }

  /** The fleet knows of every change: hosts that none of them touched have realised them all. */
  advanced(): void {
    for (const hostId of this.#waiting.keys()) {
      this.realized(hostId, this.#realizedRevision(hostId) ?? 0);
    }
  }

  stop(): void {
    this.#queue.stop();
  }

  #consider(portId: string, revision: number): void {
    this.#stopWaiting(portId);
    const hostId = this.#topology.get('binding', portId)?.host_id;
    if (hostId === undefined) return;
    const realized = this.#realizedRevision(hostId);
    if (realized === undefined || this.#isActive(portId, hostId) !== this.#isDown(portId)) return;
    if (this.#isDown(portId)) {
      this.#queue.add(portId);
      return;
    }
    const waiting = this.#waiting.get(hostId) ?? new Map<string, number>();
    this.#waiting.set(hostId, waiting.set(portId, revision));
    this.#waitsFor.set(portId, hostId);
    if (realized >= revision) this.#queue.add(portId);
  }

  #stopWaiting(portId: string): void {
    const hostId = this.#waitsFor.get(portId);
    if (hostId === undefined) return;
    this.#waitsFor.delete(portId);
    const waiting = this.#waiting.get(hostId);
    waiting?.delete(portId);
    if (waiting?.size === 0) this.#waiting.delete(hostId);
  }

  #request(portIds: Iterable<string>): CommitRequest | undefined {
    const put = new Map<RecordKey, AnyRecord>();
    const expect = new Map<RecordKey, number>();
    const remove: RecordKey[] = [];
    for (const portId of portIds) {
      const after = this.#desired(portId);
      const key = recordKey('status', portId);
      const before = this.#topology.get('status', portId);
      const binding = recordKey('binding', portId);
      const revision = this.#topology.modRevision(binding);
      if (after !== undefined && revision !== undefined) {
        put.set(key, after);
        expect.set(binding, revision);
      } else if (before !== undefined && this.#isDown(portId)) {
        remove.push(key);
        expect.set(key, this.#topology.modRevision(key) ?? 0);
      }
    }
    if (put.size === 0 && remove.length === 0) return undefined;
    return { put, expect, delete: remove };
  }

  /** The status to write for a port that has become active; undefined when there is none. */
  #desired(portId: string): Status | undefined {
    const binding = this.#topology.get('binding', portId);
    if (binding === undefined || this.#isDown(portId)) return undefined;
    const needed = this.#waiting.get(binding.host_id)?.get(portId);
    const realized = this.#realizedRevision(binding.host_id) ?? 0;
    if (needed === undefined || needed > realized) return undefined;
    if (this.#isActive(portId, binding.host_id)) return undefined;
    return { port_id: portId, host_id: binding.host_id, active: true, revision: needed };
  }

  #isActive(portId: string, hostId: string): boolean {
    const status = this.#topology.get('status', portId);
    return status?.active === true && status.host_id === hostId;
  }

  #isDown(portId: string): boolean {
    return this.#topology.get('port', portId)?.admin_state_up !== true;
  }
}
