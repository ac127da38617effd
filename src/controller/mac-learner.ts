/**
 * Who has a MAC address that is nobody's own: the port that said so last. What a port says comes
 * here once, until its host has flows that know it; the record is written as every other, so that
 * all hosts follow, and any controller goes on from it.
 *
 *     announced(port, frame) ──▶ one commit ──change──▶ flows of every host
 *                                 └─ then a rest: what others say waits, the last counts
 *
 * A port has an address while it is plugged in and may have it; then nobody has, until one says so.
 * Behind a learning port may be any address that is no port's own: so many, and while they are used
 * (mac-ager.ts).
 */
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { ethernetSource } from '../services/index.ts';
import type { CommitRequest } from '../store/index.ts';
import {
  type AnyRecord,
  type Change,
  DEFAULT_HOST_LIMITS,
  formatMac,
  type HostLimits,
  LEARNED_OF_NETWORK_MAX,
  LEARNED_OF_PORT_MAX,
  type LearnedMac,
  LimitCheck,
  learnedMacId,
  learnsMacs,
  mayHaveMac,
  type Port,
  type RecordKey,
  recordKey,
  splitKey,
  type Topology,
} from '../topology/index.ts';
import { Announced } from './announced.ts';
import { type CommitQueue, type Committer, createCommitQueue } from './commit-queue.ts';
import type { Answer } from './service-desk.ts';

export interface MacLearnerOptions {
  readonly topology: Topology;
  readonly store: Committer;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absent: what Open vSwitch takes. */
  readonly hostLimits?: HostLimits | undefined;
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
  readonly #limits: HostLimits;
  readonly #announced = new Announced();
  /** Addresses that were not used for long, with the port that had them. */
  readonly #unused = new Map<string, string>();
  /** Addresses that have moved a moment ago. */
  readonly #resting = new Map<string, Timer>();

  constructor(options: MacLearnerOptions) {
    this.#topology = options.topology;
    this.#clock = options.clock;
    this.#limits = options.hostLimits ?? DEFAULT_HOST_LIMITS;
    this.#queue = createCommitQueue({
      ...options,
      what: 'learned MAC addresses',
      request: (ids) => this.#request(ids),
    });
  }

  /** A port has said that it has the address that a frame comes from: no matter, if it may not. */
  announced(port: Port, frame: Buffer): Answer {
    const source = ethernetSource(frame);
    if (source === undefined) return 'no whole frame';
    const mac = formatMac(source);
    const said = { network_id: port.network_id, mac_address: mac, port_id: port.id };
    if (!this.#mayHave(said)) return 'an address that the port may not have';
    const id = learnedMacId(port.network_id, mac);
    if (!this.#hasRoom(said, NO_RECORDS)) return TOO_MANY;
    if (!this.#announced.add(id, said)) return TOO_MANY;
    if (!this.#resting.has(id)) this.#queue.add(id);
    return [];
  }

  /** An address that is not used any more is nobody's, unless its port has said so since. */
  unused(id: string): void {
    const record = this.#topology.get('learned_mac', id);
    if (record === undefined) return;
    this.#unused.set(id, record.port_id);
    this.#queue.add(id);
  }

  /** After a change was applied: addresses that have moved, and ports that are there no more. */
  change(change: Change): void {
    for (const { key, value } of change.puts) {
      const { kind, id } = splitKey(key);
      if (kind === 'learned_mac') {
        this.#rest(id);
        // What was written at the same moment may forbid it.
        this.#reconsider(value as LearnedMac);
      }
      if (kind === 'port') this.#reconsiderOwn(value as Port);
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

  /** The own address of a port is no other's any more. */
  #reconsiderOwn({ network_id: networkId, mac_address: mac }: Port): void {
    const record = this.#topology.get('learned_mac', learnedMacId(networkId, mac));
    if (record !== undefined) this.#reconsider(record);
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

  /**
   * Whether a port may have one more, besides those that are written with it. What ports may have
   * by their allowed address pairs is bounded by these.
   */
  #hasRoom(said: LearnedMac, more: readonly LearnedMac[]): boolean {
    const { network_id: networkId, port_id: portId } = said;
    const port = this.#topology.get('port', portId);
    if (port === undefined || !learnsMacs(port)) return true;
    const has = this.#topology.members('learnedMacsOfPort', portId).size;
    const gets = more.filter((record) => record.port_id === portId).length;
    if (has + gets >= LEARNED_OF_PORT_MAX) return false;
    const { size } = this.#topology.members('learnedMacsOfNetwork', networkId);
    const isNew = (record: LearnedMac): boolean =>
      this.#topology.get('learned_mac', idOf(record)) === undefined;
    const added = more.filter((record) => record.network_id === networkId && isNew(record));
    return !isNew(said) || size + added.length < LEARNED_OF_NETWORK_MAX;
  }

  #request(ids: Iterable<string>): CommitRequest | undefined {
    const put = new Map<RecordKey, AnyRecord>();
    const expect = new Map<RecordKey, number>();
    const absent: RecordKey[] = [];
    const require: RecordKey[] = [];
    const remove: RecordKey[] = [];
    const check = new LimitCheck(this.#topology, this.#topology, this.#limits);
    const moved: LearnedMac[] = [];
    for (const id of ids) {
      const before = this.#topology.get('learned_mac', id);
      const after = this.#desired(id, before, moved);
      if (after?.port_id === before?.port_id) continue;
      if (check.add({ kind: 'learned_mac', id, before, after }) !== undefined) {
        this.#announced.delete(id);
        continue;
      }
      const key = recordKey('learned_mac', id);
      const revision = this.#topology.modRevision(key);
      if (revision === undefined) absent.push(key);
      else expect.set(key, revision);
      if (after === undefined) remove.push(key);
      else {
        put.set(key, after);
        moved.push(after);
        require.push(recordKey('port', after.port_id));
      }
    }
    if (put.size === 0 && remove.length === 0) return undefined;
    return { put, expect, absent, require, delete: remove };
  }

  #desired(
    id: string,
    before: LearnedMac | undefined,
    moved: readonly LearnedMac[],
  ): LearnedMac | undefined {
    const said = this.#announced.get(id);
    const isUnused = before !== undefined && this.#unused.get(id) === before.port_id;
    this.#unused.delete(id);
    if (said !== undefined && !this.#isNews(said, before, moved)) this.#announced.delete(id);
    else if (said !== undefined && !this.#resting.has(id)) return said;
    return before !== undefined && !isUnused && this.#mayHave(before) ? before : undefined;
  }

  #isNews(said: LearnedMac, before: LearnedMac | undefined, moved: readonly LearnedMac[]): boolean {
    return said.port_id !== before?.port_id && this.#mayHave(said) && this.#hasRoom(said, moved);
  }
}

const TOO_MANY = 'too many MAC addresses';
const NO_RECORDS: readonly LearnedMac[] = [];

function idOf({ network_id: networkId, mac_address: mac }: LearnedMac): string {
  return learnedMacId(networkId, mac);
}
