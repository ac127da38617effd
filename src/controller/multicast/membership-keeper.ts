/**
 * The querier of IGMP and MLD (RFC 3376 section 6.6.2, RFC 3810 section 7.6.2), for ports of hosts
 * that are ours: asks them now and then which multicast groups they listen to, and keeps what they
 * tell as Membership records, one a port.
 *
 *     report ──▶ heard (until when) ──▶ Membership record ──▶ flows of all hosts of the network
 *
 * A guest may tell what it likes, as often as its meter lets through: a report that says nothing
 * new writes nothing, a port is written some times a second at most, and has so many groups.
 */
import type { ServicePacket } from '../../fleet/index.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { hashText } from '../../lib/hash.ts';
import type { Logger } from '../../lib/log.ts';
import {
  igmpQuery,
  mldQuery,
  type QueryTiming,
  queryTiming,
  ROBUSTNESS,
  readReports,
} from '../../services/index.ts';
import type { CommitRequest } from '../../store/index.ts';
import {
  type AddressValue,
  type AnyRecord,
  type Binding,
  type Change,
  DEFAULT_HOST_LIMITS,
  formatAddress,
  GROUPS_OF_PORT_MAX,
  type HostLimits,
  LimitCheck,
  type Membership,
  type PluggedPort,
  placeOn,
  pluggedPort,
  type RecordKey,
  recordKey,
  splitKey,
  type Topology,
} from '../../topology/index.ts';
import { type CommitQueue, type Committer, createCommitQueue } from '../commit-queue.ts';
import type { Answer } from '../service-desk.ts';
import { Heard } from './heard.ts';
import { Pace } from './pace.ts';

export interface MembershipKeeperOptions {
  readonly topology: Topology;
  readonly store: Committer;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absent: what Open vSwitch takes. */
  readonly hostLimits?: HostLimits | undefined;
  /** Hosts that are ours. */
  readonly owned: () => Iterable<string>;
  readonly owns: (hostId: string) => boolean;
  /** Never waits. */
  readonly send: (hostId: string, ofport: number, frame: Buffer) => void;
  readonly queryIntervalMs: number;
}

const TURN_MS_MAX = 1_000;
const TURNS_MIN = 8;

export class MembershipKeeper {
  readonly #options: MembershipKeeperOptions;
  readonly #timing: QueryTiming;
  readonly #turnMs: number;
  readonly #limits: HostLimits;
  readonly #queue: CommitQueue;
  readonly #pace: Pace;
  readonly #heard = new Map<string, Heard>();
  /** Hosts that became ours, and how often they are still to be asked at once. */
  readonly #starting = new Map<string, number>();
  /** Ports some of whose groups are too much for a host; each is logged once. */
  readonly #refused = new Set<string>();
  #turns = 0;
  #timer: Timer | undefined;

  constructor(options: MembershipKeeperOptions) {
    this.#options = options;
    this.#limits = options.hostLimits ?? DEFAULT_HOST_LIMITS;
    this.#timing = queryTiming(options.queryIntervalMs);
    this.#turnMs = Math.min(TURN_MS_MAX, Math.ceil(options.queryIntervalMs / TURNS_MIN));
    this.#queue = createCommitQueue({
      ...options,
      what: 'multicast memberships',
      request: (portIds) => this.#request(portIds),
    });
    this.#pace = new Pace(options.clock, (portId) => this.#queue.add(portId));
    this.#schedule();
  }

  /** A report of a port, or what else of IGMP and MLD a guest sends. */
  take({ port, binding }: PluggedPort, { hostId, data }: ServicePacket): Answer {
    const reports = readReports(data);
    if (typeof reports === 'string') return reports;
    // While a VM moves it is asked once more where it comes to run.
    if (binding.host_id !== hostId) return 'not where the VM runs';
    const heard = this.#heardOf(binding);
    let isFull = false;
    for (const [address, what] of reports) {
      if (what === 'leaves') this.#leave(port.id, heard, address);
      else if (!this.#listen(heard, address)) isFull = true;
    }
    if (this.#isNews(port.id, heard)) this.#pace.add(port.id);
    return isFull ? 'too many multicast groups' : [];
  }

  /** A host is ours from now on. What its ports have told to others is recorded. */
  adopt(hostId: string): void {
    this.#starting.set(hostId, ROBUSTNESS);
  }

  release(hostId: string): void {
    this.#starting.delete(hostId);
  }

  /** Everything was read anew. */
  reset(): void {
    this.#heard.clear();
    for (const hostId of this.#options.owned()) this.adopt(hostId);
  }

  /** After a change was applied: VMs that run elsewhere are asked there. */
  change({ puts }: Change): void {
    for (const { key } of puts) {
      const { kind, id } = splitKey(key);
      if (kind === 'binding') this.#arrived(id);
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#pace.stop();
    this.#queue.stop();
  }

  #arrived(portId: string): void {
    const { topology, owns } = this.#options;
    const binding = topology.get('binding', portId);
    const isListening = topology.get('membership', portId) !== undefined;
    if (binding === undefined || !isListening || !owns(binding.host_id)) return;
    if (this.#heard.get(portId)?.hostId === binding.host_id) return;
    this.#heardOf(binding);
    this.#ask(binding.host_id, portId);
  }

  #listen(heard: Heard, address: AddressValue): boolean {
    const group = formatAddress(address);
    if (!heard.has(group) && heard.size >= GROUPS_OF_PORT_MAX) return false;
    heard.listens(group, this.#options.clock.now() + this.#timing.lifetimeMs);
    return true;
  }

  /** Others behind the port may listen still: it is asked, twice. */
  #leave(portId: string, heard: Heard, address: AddressValue): void {
    const { clock } = this.#options;
    const { leaveResponseMs } = this.#timing;
    const group = formatAddress(address);
    if (!heard.leaves(group, clock.now() + ROBUSTNESS * leaveResponseMs)) return;
    this.#ask(heard.hostId, portId, address);
    clock.setTimer(leaveResponseMs, () => {
      if (heard.isLeaving(group)) this.#ask(heard.hostId, portId, address);
    });
  }

  #ask(hostId: string, portId: string, address?: AddressValue): void {
    const { topology, send } = this.#options;
    const ofport = placeOn(topology.get('binding', portId), hostId)?.ofport;
    if (ofport === undefined) return;
    if (typeof address !== 'bigint') send(hostId, ofport, igmpQuery(this.#timing, address));
    if (typeof address !== 'number') send(hostId, ofport, mldQuery(this.#timing, address));
  }

  /** Of what is recorded nobody knows how old it is. */
  #heardOf({ port_id: portId, host_id: hostId }: Binding): Heard {
    const known = this.#heard.get(portId);
    if (known?.hostId === hostId) return known;
    const { topology, clock } = this.#options;
    const groups = topology.get('membership', portId)?.groups ?? [];
    const heard = new Heard(hostId, groups, clock.now() + this.#timing.lifetimeMs);
    this.#heard.set(portId, heard);
    return heard;
  }

  #schedule(): void {
    this.#timer = this.#options.clock.setTimer(this.#turnMs, () => {
      this.#schedule();
      this.#turns += 1;
      this.#learnRecorded();
      this.#forget();
      this.#query();
    });
  }

  #learnRecorded(): void {
    const { topology, owns } = this.#options;
    for (const { port_id: portId } of topology.list('membership')) {
      const binding = topology.get('binding', portId);
      if (binding !== undefined && owns(binding.host_id)) this.#heardOf(binding);
    }
  }

  #forget(): void {
    const { clock } = this.#options;
    for (const [portId, heard] of this.#heard) {
      if (!this.#isOurs(portId, heard)) {
        this.#heard.delete(portId);
        this.#refused.delete(portId);
      } else if (heard.forgetUntil(clock.now())) this.#pace.add(portId);
    }
  }

  #isOurs(portId: string, { hostId }: Heard): boolean {
    const { topology, owns } = this.#options;
    return topology.get('binding', portId)?.host_id === hostId && owns(hostId);
  }

  /** Each host of ours in one turn of an interval: which, follows from its id. */
  #query(): void {
    const turns = Math.max(1, Math.round(this.#timing.intervalMs / this.#turnMs));
    for (const hostId of this.#options.owned()) {
      const isDue = (hashText(hostId).lo >>> 0) % turns === this.#turns % turns;
      const left = this.#starting.get(hostId) ?? 0;
      if (left > 1) this.#starting.set(hostId, left - 1);
      else this.#starting.delete(hostId);
      if (isDue || left > 0) this.#askAll(hostId);
    }
  }

  #askAll(hostId: string): void {
    const { topology } = this.#options;
    for (const portId of topology.members('bindingsOfHost', hostId).keys()) {
      if (pluggedPort(topology, portId) !== undefined) this.#ask(hostId, portId);
    }
  }

  #isNews(portId: string, heard: Heard): boolean {
    const recorded = this.#options.topology.get('membership', portId)?.groups ?? [];
    return !isSame(recorded, heard.groups());
  }

  /** The commit that makes the records of these ports right; undefined when they are. */
  #request(portIds: Iterable<string>): CommitRequest | undefined {
    const { topology } = this.#options;
    const put = new Map<RecordKey, AnyRecord>();
    const expect = new Map<RecordKey, number>();
    const absent: RecordKey[] = [];
    const require: RecordKey[] = [];
    const remove: RecordKey[] = [];
    const check = new LimitCheck(topology, topology, this.#limits);
    for (const portId of portIds) {
      const key = recordKey('membership', portId);
      const before = topology.get('membership', portId);
      const after = this.#desired(portId, check);
      if (after === 'unknown' || isSame(before?.groups ?? [], after?.groups ?? [])) continue;
      const revision = topology.modRevision(key);
      if (revision === undefined) absent.push(key);
      else expect.set(key, revision);
      if (after === undefined) {
        remove.push(key);
        continue;
      }
      put.set(key, after);
      require.push(recordKey('port', portId), recordKey('binding', portId));
    }
    if (put.size === 0 && remove.length === 0) return undefined;
    return { put, expect, absent, require, delete: remove };
  }

  /** Unknown: it is not ours to say. */
  #desired(portId: string, check: LimitCheck): Membership | undefined | 'unknown' {
    const { topology } = this.#options;
    const [port, heard] = [topology.get('port', portId), this.#heard.get(portId)];
    if (port === undefined || heard === undefined || !this.#isOurs(portId, heard)) return 'unknown';
    const before = topology.get('membership', portId);
    const of = (groups: readonly string[]): Membership | undefined =>
      groups.length === 0 ? undefined : { port_id: portId, network_id: port.network_id, groups };
    const after = of(heard.groups());
    const overrun = check.add({ kind: 'membership', id: portId, before, after });
    if (overrun === undefined) return after;
    this.#refuse(portId, overrun.hostId);
    return of(heard.groups().filter((group) => before?.groups.includes(group)));
  }

  #refuse(port: string, host: string): void {
    if (this.#refused.has(port)) return;
    this.#refused.add(port);
    this.#options.log.warn('Multicast groups of a port are too much for a host.', { port, host });
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((group, at) => group === others[at]);
}
