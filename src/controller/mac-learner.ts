/**
 * Who has a MAC address that is nobody's own: the port that said so last. What a port says comes
 * here once, until its host has flows that know it; the record is written as every other, so that
 * all hosts follow, and any controller goes on from it.
 *
 *     announced(port, frame) ──▶ one commit ──change──▶ flows of every host
 *                                 └─ then a rest: what others say waits, the last counts
 *
 * A port has an address while it is plugged in and may have it; then nobody has, until one says so.
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { ethernetSource } from '../services/index.ts';
import type { CommitRequest } from '../store/index.ts';
import {
  type AnyRecord,
  type Change,
  formatMac,
  type LearnedMac,
  learnedMacId,
  mayHaveMac,
  type Port,
  type RecordKey,
  recordKey,
  splitKey,
  type Topology,
} from '../topology/index.ts';
import { type CommitQueue, type Committer, createCommitQueue } from './commit-queue.ts';

export interface MacLearnerOptions {
  readonly topology: Topology;
  readonly store: Committer;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Between two moves of one address: two ports that both say all the time that they have it cost
 * hosts two changes a second, and a move right after another is still followed within a second.
 */
export const REST_MS = 500;

export class MacLearner {
  readonly #topology: Topology;
  readonly #clock: Clock;
  readonly #queue: CommitQueue;
  /** By id of its record: the port that has said last that it has the address. */
  readonly #announced = new Map<string, LearnedMac>();
  /** Addresses that have moved a moment ago. */
  readonly #resting = new Map<string, Timer>();

  constructor(options: MacLearnerOptions) {
    this.#topology = options.topology;
    this.#clock = options.clock;
    this.#queue = createCommitQueue({
      ...options,
      what: 'learned MAC addresses',
      request: (ids) => this.#request(ids),
    });
  }

  /** A port has said that it has the address that a frame comes from: no matter, if it may not. */
  announced(port: Port, frame: Buffer): void {
    const source = ethernetSource(frame);
    if (source === undefined) return;
    const mac = formatMac(source);
    const said = { network_id: port.network_id, mac_address: mac, port_id: port.id };
    if (!this.#mayHave(said)) return;
    const id = learnedMacId(port.network_id, mac);
    this.#announced.set(id, said);
    if (!this.#resting.has(id)) this.#queue.add(id);
  }

  /** After a change was applied: addresses that have moved, and ports that are there no more. */
  change(change: Change): void {
    for (const { key } of change.puts) {
      const { kind, id } = splitKey(key);
      if (kind === 'learned_mac') this.#rest(id);
    }
    for (const key of [...change.puts.map((put) => put.key), ...change.deletes]) {
      const { kind, id } = splitKey(key);
      if (kind === 'port' || kind === 'binding') this.#reconsiderOf(id);
    }
  }

  /** After a snapshot. */
  reset(): void {
    for (const record of this.#topology.list('learned_mac')) this.#reconsider(record);
  }

  stop(): void {
    this.#queue.stop();
    for (const timer of this.#resting.values()) timer.cancel();
    this.#resting.clear();
  }

  #rest(id: string): void {
    this.#resting.get(id)?.cancel();
    const timer = this.#clock.setTimer(REST_MS, () => {
      this.#resting.delete(id);
      if (this.#announced.has(id)) this.#queue.add(id);
    });
    this.#resting.set(id, timer);
  }

  #reconsiderOf(portId: string): void {
    for (const record of this.#topology.members('learnedMacsOfPort', portId).values()) {
      this.#reconsider(record);
    }
  }

  #reconsider(record: LearnedMac): void {
    if (this.#mayHave(record)) return;
    this.#queue.add(learnedMacId(record.network_id, record.mac_address));
  }

  /** An address that is a port's own is that port's, whatever others may send from. */
  #mayHave(record: LearnedMac): boolean {
    const { network_id: networkId, mac_address: mac, port_id: portId } = record;
    return (
      this.#topology.get('binding', portId) !== undefined &&
      mayHaveMac(this.#topology.get('port', portId), record) &&
      this.#topology.portByMac(networkId, mac) === undefined
    );
  }

  #request(ids: Iterable<string>): CommitRequest | undefined {
    const put = new Map<RecordKey, AnyRecord>();
    const expect = new Map<RecordKey, number>();
    const absent: RecordKey[] = [];
    const require: RecordKey[] = [];
    const remove: RecordKey[] = [];
    for (const id of ids) {
      const before = this.#topology.get('learned_mac', id);
      const after = this.#desired(id, before);
      if (after?.port_id === before?.port_id) continue;
      const key = recordKey('learned_mac', id);
      const revision = this.#topology.modRevision(key);
      if (revision === undefined) absent.push(key);
      else expect.set(key, revision);
      if (after === undefined) remove.push(key);
      else {
        put.set(key, after);
        require.push(recordKey('port', after.port_id));
      }
    }
    if (put.size === 0 && remove.length === 0) return undefined;
    return { put, expect, absent, require, delete: remove };
  }

  #desired(id: string, before: LearnedMac | undefined): LearnedMac | undefined {
    const said = this.#announced.get(id);
    if (said !== undefined && (!this.#mayHave(said) || said.port_id === before?.port_id)) {
      this.#announced.delete(id);
    } else if (said !== undefined && !this.#resting.has(id)) return said;
    return before !== undefined && this.#mayHave(before) ? before : undefined;
  }
}
