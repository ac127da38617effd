/**
 * One attempt at a commit, written up step by step. It remembers which claims the client named
 * (losing one is a refusal) and which we chose (losing one means to choose again), and reserves all
 * of them, so that requests under way do not choose the same.
 */
import { ClaimTakenError, type CommitRequest } from '../../store/index.ts';
import {
  type AnyRecord,
  type Kind,
  type Port,
  portClaims,
  portReferences,
  type RecordByKind,
  type RecordKey,
  recordKey,
  type Topology,
} from '../../topology/index.ts';
import type { Reservations } from './reservations.ts';

const NO_STRINGS: readonly string[] = [];

export class Draft {
  readonly #topology: Topology;
  readonly #reservations: Reservations;
  readonly #expect = new Map<RecordKey, number>();
  readonly #absent: RecordKey[] = [];
  readonly #take = new Map<string, string>();
  readonly #release = new Map<string, string>();
  readonly #hold: RecordKey[] = [];
  readonly #drop: RecordKey[] = [];
  readonly #put = new Map<RecordKey, AnyRecord>();
  readonly #delete: RecordKey[] = [];
  readonly #named = new Set<string>();
  readonly #reserved: string[] = [];

  constructor(topology: Topology, reservations: Reservations) {
    this.#topology = topology;
    this.#reservations = reservations;
  }

  /** The commit goes through only while the record is as the replica shows it now. */
  expect(kind: Kind, id: string): void {
    const key = recordKey(kind, id);
    const revision = this.#topology.modRevision(key);
    if (revision === undefined) this.#absent.push(key);
    else this.#expect.set(key, revision);
  }

  /** The record as this draft leaves it, else as the replica has it. */
  read<K extends Kind>(kind: K, id: string): RecordByKind[K] | undefined {
    const drafted = this.#put.get(recordKey(kind, id)) as RecordByKind[K] | undefined;
    return drafted ?? this.#topology.get(kind, id);
  }

  put<K extends Kind>(kind: K, id: string, record: RecordByKind[K]): void {
    this.#put.set(recordKey(kind, id), record);
  }

  /** Deletes the record as it is now, or sees to it that there is still none. */
  deleteIfAny(kind: Kind, id: string): void {
    this.expect(kind, id);
    if (this.#topology.get(kind, id) !== undefined) this.#delete.push(recordKey(kind, id));
  }

  /** Takes claims; `named` are those that the client asked for. */
  take(claims: Iterable<string>, owner: string, named: Iterable<string> = NO_STRINGS): void {
    for (const claim of named) this.#named.add(claim);
    for (const claim of claims) {
      const other = this.#take.get(claim);
      if (other !== undefined && other !== owner) throw new ClaimTakenError(claim, other);
      this.#take.set(claim, owner);
      if (this.#reservations.add(claim)) this.#reserved.push(claim);
    }
  }

  release(claims: Iterable<string>, owner: string): void {
    for (const claim of claims) this.#release.set(claim, owner);
  }

  /** Puts a port together with what it must own and what must not go from under it. */
  putPort(port: Port, before: Port | undefined, named: ReadonlySet<string>): void {
    const [held, holds] = [before ? portReferences(before) : [], portReferences(port)];
    const [owned, owns] = [before ? portClaims(before) : [], portClaims(port)];
    this.#hold.push(...without(holds, held));
    this.#drop.push(...without(held, holds));
    this.take(without(owns, owned), port.id, named);
    this.release(without(owned, owns), port.id);
    this.put('port', port.id, port);
  }

  /** Deletes a port together with what was derived from it. */
  deletePort(port: Port): void {
    this.deleteIfAny('port', port.id);
    this.deleteIfAny('binding', port.id);
    this.deleteIfAny('status', port.id);
    this.release(portClaims(port), port.id);
    this.#drop.push(...portReferences(port));
  }

  isNamed(claim: string): boolean {
    return this.#named.has(claim);
  }

  /** Ends the attempt: what it reserved is taken by now, or free again. */
  end(): void {
    this.#reservations.free(this.#reserved);
  }

  request(): CommitRequest {
    return {
      expect: this.#expect,
      absent: this.#absent,
      take: this.#take,
      release: this.#release,
      hold: this.#hold,
      drop: this.#drop,
      put: this.#put,
      delete: this.#delete,
    };
  }
}

function without<T>(all: readonly T[], some: readonly T[]): readonly T[] {
  return some.length === 0 ? all : all.filter((item) => !some.includes(item));
}
