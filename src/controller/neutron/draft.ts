/**
 * One attempt at a commit, written up step by step over the replica, or over a draft whose commit
 * is under way: what it reads is the intent as the commit will leave it. Claims and references
 * follow from the records (topology, `claims.ts`).
 *
 * It remembers which claims the client named (losing one is a refusal) and which we chose (losing
 * one means to choose again), and reserves all of them, so that requests under way do not choose
 * the same.
 */
import type { Random } from '../../lib/clock.ts';
import { ClaimTakenError, COMMIT_RECORDS_MAX, type CommitRequest } from '../../store/index.ts';
import {
  type AnyRecord,
  type Binding,
  claimsOf,
  DEFAULT_HOST_LIMITS,
  type HostLimits,
  type IpamContext,
  intentError,
  type Kind,
  LimitCheck,
  Overlay,
  overrunError,
  type Port,
  type ReadVersion,
  type RecordByKind,
  type RecordKey,
  recordKey,
  referencesOf,
  splitKey,
  type Topology,
  versionIn,
  wiringOf,
} from '../../topology/index.ts';
import type { QuotaDefaults } from './quotas.ts';
import type { Requester } from './requester.ts';
import type { Reservations } from './reservations.ts';

interface DraftOptions {
  readonly topology: Topology;
  readonly reservations: Reservations;
  readonly random: Random;
  readonly requester: Requester;
  readonly quotaDefaults: QuotaDefaults;
  readonly dnsDomain: string;
  /** Absent: what Open vSwitch takes. */
  readonly hostLimits?: HostLimits | undefined;
  /** The time of the write, as records carry it. */
  readonly at: string;
  /** Written on what this one will leave, in place of the replica alone. */
  readonly over?: Draft | undefined;
}

export class Draft implements IpamContext {
  readonly topology: Overlay;
  readonly reservations: Reservations;
  readonly random: Random;
  readonly requester: Requester;
  readonly at: string;
  readonly quotaDefaults: QuotaDefaults;
  /** The domain that ports have their names in. */
  readonly dnsDomain: string;
  /** Those that it stands on, and itself. */
  readonly chain: ReadonlySet<Draft>;
  readonly #hostLimits: HostLimits;
  readonly #commitId: string;
  readonly #replica: Topology;
  readonly #base: Topology | Overlay;
  readonly #expect = new Map<RecordKey, ReadVersion>();
  readonly #absent = new Set<RecordKey>();
  readonly #put = new Map<RecordKey, AnyRecord>();
  readonly #delete = new Set<RecordKey>();
  readonly #take = new Map<string, string>();
  readonly #named = new Set<string>();
  readonly #reserved: string[] = [];

  constructor(options: DraftOptions) {
    const { topology, reservations, random, requester, at, over } = options;
    this.chain = new Set([...(over?.chain ?? []), this]);
    this.#replica = topology;
    this.#base = over?.topology ?? topology;
    this.#commitId = random.uuid();
    this.topology = new Overlay(this.#base, this.#commitId);
    this.reservations = reservations;
    this.random = random;
    this.requester = requester;
    this.at = at;
    this.quotaDefaults = options.quotaDefaults;
    this.dnsDomain = options.dnsDomain;
    this.#hostLimits = options.hostLimits ?? DEFAULT_HOST_LIMITS;
  }

  /** What a new record gets from its creation rather than from the request. */
  birth(): { readonly id: string; readonly projectId: string; readonly at: string } {
    return { id: this.random.uuid(), projectId: this.requester.projectId, at: this.at };
  }

  /** The commit goes through only while the record is as this draft has found it. */
  expect(kind: Kind, id: string): void {
    const key = recordKey(kind, id);
    const version = versionIn(this.#base, key);
    if (version === undefined) this.#absent.add(key);
    else this.#expect.set(key, version);
  }

  /** Claims that the client asked for: another's is refused and not replaced by another choice. */
  name(claims: Iterable<string>): void {
    for (const claim of claims) this.#named.add(claim);
  }

  isNamed(claim: string): boolean {
    return this.#named.has(claim);
  }

  /** How many records it writes and deletes so far. */
  get size(): number {
    return this.#put.size + this.#delete.size;
  }

  /** A new record, or another state of one that must not have changed meanwhile. */
  put<K extends Kind>(kind: K, id: string, record: RecordByKind[K]): void {
    const key = recordKey(kind, id);
    const claims = claimsOf(kind, record);
    this.#giveBack(key, claims);
    this.#takeNew(id, claims, claimsOf(kind, this.#base.get(kind, id)));
    if (versionIn(this.#base, key) !== undefined) this.expect(kind, id);
    this.#delete.delete(key);
    this.#put.set(key, record);
    this.topology.put(kind, id, record);
  }

  /** The records that must be as this draft has found them. */
  get expected(): Iterable<RecordKey> {
    return this.#expect.keys();
  }

  /** The records that it writes or deletes so far. */
  get written(): readonly RecordKey[] {
    return [...this.#put.keys(), ...this.#delete];
  }

  /** Writes a record as it is: who has read it and writes it, too, must read it again. */
  touch(kind: Kind, id: string): void {
    const record = this.topology.get(kind, id);
    if (record !== undefined) this.put(kind, id, record);
  }

  /** Deletes a record that must not have changed meanwhile, or one of this draft's own. */
  delete(kind: Kind, id: string): void {
    const key = recordKey(kind, id);
    this.#giveBack(key, []);
    this.#put.delete(key);
    if (versionIn(this.#base, key) !== undefined) {
      this.expect(kind, id);
      this.#delete.add(key);
    }
    this.topology.delete(kind, id);
  }

  /** Deletes the record as it is now, or sees to it that there is still none. */
  deleteIfAny(kind: Kind, id: string): void {
    this.expect(kind, id);
    this.delete(kind, id);
  }

  /** New ports that are plugged in already are bound in the same commit, where it has the room. */
  bindNewPorts(foreseen: (port: Port) => Binding | undefined): void {
    for (const key of this.written) {
      const { kind, id } = splitKey(key);
      if (kind !== 'port' || !this.isNew('port', id)) continue;
      if (this.size >= COMMIT_RECORDS_MAX || wiringOf(this.topology, id) !== undefined) continue;
      const port = this.topology.get('port', id);
      const binding = port && foreseen(port);
      if (binding !== undefined) this.put('binding', id, binding);
    }
  }

  /** Whether the record is one that this draft makes. */
  isNew(kind: Kind, id: string): boolean {
    return versionIn(this.#base, recordKey(kind, id)) === undefined;
  }

  /** Ends the attempt: what it reserved is taken by now, or free again. */
  end(): void {
    this.reservations.free(this.#reserved);
  }

  /** @throws IntentError when one commit cannot be so large, or a host would bear too much */
  check(): void {
    this.checkSize();
    this.#checkLimits();
  }

  /** @throws IntentError when one commit cannot be so large */
  checkSize(): void {
    const { size } = this;
    if (size <= COMMIT_RECORDS_MAX) return;
    const most = `at most ${COMMIT_RECORDS_MAX} can be changed together`;
    throw intentError('HTTPBadRequest', { msg: `This changes ${size} resources; ${most}` });
  }

  #checkLimits(): void {
    const limits = new LimitCheck(this.#replica, this.topology, this.#hostLimits);
    for (const [key, after] of this.#put) {
      const { kind, id } = splitKey(key);
      // Bound in the same commit as it is made: what it costs its host was added with the port.
      if (kind === 'binding') continue;
      const overrun = limits.add({ kind, id, before: this.#base.get(kind, id), after });
      if (overrun !== undefined) throw overrunError(overrun);
    }
  }

  /** @throws IntentError as `check` */
  request(): CommitRequest {
    this.check();
    const ties = this.#ties();
    return {
      id: this.#commitId,
      expect: this.#expect,
      absent: [...this.#absent],
      take: this.#take,
      release: ties.release,
      hold: ties.hold,
      drop: ties.drop,
      put: this.#put,
      delete: [...this.#delete],
    };
  }

  /** What the draft was about to take for a state of a record that it replaces, but for some. */
  #giveBack(key: RecordKey, kept: readonly string[]): void {
    const drafted = this.#put.get(key);
    if (drafted === undefined) return;
    const { kind, id } = splitKey(key);
    for (const claim of without(claimsOf(kind, drafted as never), kept)) {
      if (this.#take.get(claim) === id) this.#take.delete(claim);
    }
  }

  #takeNew(owner: string, claims: readonly string[], owned: readonly string[]): void {
    for (const claim of claims) {
      if (owned.includes(claim)) continue;
      const other = this.#take.get(claim);
      if (other !== undefined && other !== owner) throw new ClaimTakenError(claim, other);
      this.#take.set(claim, owner);
      if (this.reservations.add(claim)) this.#reserved.push(claim);
    }
  }

  /** Claims and references that the records had before this draft and those that they have now. */
  #ties(): { release: Map<string, string>; hold: RecordKey[]; drop: RecordKey[] } {
    const release = new Map<string, string>();
    const hold: RecordKey[] = [];
    const drop: RecordKey[] = [];
    for (const key of [...this.#put.keys(), ...this.#delete]) {
      const { kind, id } = splitKey(key);
      const [before, after] = [this.#base.get(kind, id), this.#put.get(key)];
      const [held, holds] = [referencesOf(kind, before), referencesOf(kind, after as never)];
      hold.push(...without(holds, held));
      drop.push(...without(held, holds));
      const owns = claimsOf(kind, after as never);
      for (const claim of without(claimsOf(kind, before), owns)) release.set(claim, id);
    }
    return { release, hold, drop };
  }
}

function without<T>(all: readonly T[], some: readonly T[]): readonly T[] {
  return some.length === 0 ? all : all.filter((item) => !some.includes(item));
}
