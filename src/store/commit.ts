/** What one commit asks for, its form on the wire, and what a refusal means. */
import { assert } from '../lib/assert.ts';
import type { AnyRecord, Change, ReadVersion, RecordKey } from '../topology/index.ts';
import {
  ClaimTakenError,
  InUseError,
  LeaseLostError,
  MissingError,
  type RefusedError,
  StaleError,
} from './errors.ts';
import { readRecord, writeRecord } from './record-text.ts';

export interface CommitRequest {
  /** A UUID, for commits that expect what this one will write; absent: the store chooses. */
  readonly id?: string;
  /** Records that must still be as they were read. */
  readonly expect?: ReadonlyMap<RecordKey, ReadVersion>;
  /** Records that must not exist. */
  readonly absent?: readonly RecordKey[];
  /** Records that must exist. */
  readonly require?: readonly RecordKey[];
  /** Unique claims to take, each for an owner. One that the same owner holds already is kept. */
  readonly take?: ReadonlyMap<string, string>;
  /** Claims to give back; one that is not held by this owner is left alone. */
  readonly release?: ReadonlyMap<string, string>;
  /** Records, existing or put here, on which to count one more reference each. */
  readonly hold?: readonly RecordKey[];
  /** Records on which to count one reference less each. */
  readonly drop?: readonly RecordKey[];
  readonly put: ReadonlyMap<RecordKey, AnyRecord>;
  /** Records to delete; each must exist and have no reference left. */
  readonly delete?: readonly RecordKey[];
  /** The lease under which this is written, refused when its epoch is not the current one. */
  readonly lease?: { readonly name: string; readonly epoch: number };
}

/**
 * Most records that one commit may put and delete: a script may hand Redis at most 8,000 arguments
 * (LUAI_MAXCSTACK), and while it runs nobody else is served.
 */
export const COMMIT_RECORDS_MAX = 2000;

/** A request in the form that the script reads, and the change that it makes when it is applied. */
export interface EncodedCommit {
  readonly lease: readonly [string, number];
  readonly sections: (string | number)[];
  change(revision: number, at: string): Change;
}

export function encodeCommit(request: CommitRequest): EncodedCommit {
  const { put, delete: deletes = [] } = request;
  assert(put.size + deletes.length <= COMMIT_RECORDS_MAX, 'a commit of too many records');
  const texts = new Map([...put].map(([key, value]) => [key, writeRecord(key, value)]));
  for (const key of deletes) assert(!put.has(key), `${key} both put and deleted`);
  const sections: (string | number)[] = [];
  addPairs(sections, request.expect);
  addSingles(sections, request.absent);
  addSingles(sections, request.require);
  addPairs(sections, request.release);
  addPairs(sections, request.take);
  addSingles(sections, request.drop);
  addSingles(sections, request.hold);
  addSingles(sections, deletes);
  addPairs(sections, texts);
  return {
    lease: [request.lease?.name ?? '', request.lease?.epoch ?? 0],
    sections,
    // Parsed from what is stored: this replica must see exactly what the others read.
    change: (revision, at) => ({ revision, at, deletes, puts: [...texts].map(parsePut) }),
  };
}

export function parsePut([key, json]: readonly [RecordKey, string]) {
  return { key, value: readRecord(key, json) };
}

function addSingles(sections: (string | number)[], items: readonly string[] = []): void {
  sections.push(items.length, ...items);
}

function addPairs(
  sections: (string | number)[],
  items: ReadonlyMap<string, string | number> = new Map(),
): void {
  sections.push(items.size);
  for (const [key, value] of items) sections.push(key, value);
}

/** The script's answer when it applied nothing: `[refusal, subject, detail]`. */
export type Refusal = readonly [string, string, string];

/** The error of a refusal; undefined when it concerns this store's session and not the request. */
export function refusalError([refusal, subject, detail]: Refusal): RefusedError | undefined {
  const key = subject as RecordKey;
  switch (refusal) {
    case 'STALE':
      return new StaleError(key);
    case 'MISSING':
      return new MissingError(key);
    case 'CLAIM':
      return new ClaimTakenError(subject, detail);
    case 'IN_USE':
      return new InUseError(key);
    case 'LEASE':
      return new LeaseLostError(subject);
    case 'UNHELD':
      // A reference less than none: the caller's books are wrong, which reading again may mend.
      return new StaleError(key);
    default:
      return undefined;
  }
}
