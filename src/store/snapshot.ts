/**
 * Everything as of one revision, read in pages while others commit: the pages are a blur of
 * revisions from the start of the reading to its end, and the changes of that time, applied on top,
 * make it sharp, because a change carries whole records.
 */
import type { Redis } from 'ioredis';
import type { RecordKey, StoredRecord } from '../topology/index.ts';
import { parsePut } from './commit.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Keys } from './keys.ts';
import { SharedStrings } from './shared-strings.ts';
import { readAfter, readHead } from './stream.ts';

export interface Snapshot {
  readonly historyId: string;
  readonly revision: number;
  /** The commit that made `revision`. */
  readonly commitId: string;
  readonly records: StoredRecord[];
  /** Commits seen being made while it was read. */
  readonly commits: ReadonlyMap<string, number>;
}

/** Small pages: what is read is garbage before it is moved, and lies in the socket meanwhile. */
const RECORDS_PER_PAGE = 200;
/** How often the stream may be trimmed away from under a reading before we give up for now. */
const ATTEMPTS_MAX = 3;

export async function readSnapshot(redis: Redis, keys: Keys): Promise<Snapshot> {
  for (let i = 0; i < ATTEMPTS_MAX; i++) {
    const snapshot = await attemptSnapshot(redis, keys);
    if (snapshot !== undefined) return snapshot;
  }
  throw new StoreUnavailableError('changes come faster than a snapshot can be read');
}

async function attemptSnapshot(redis: Redis, keys: Keys): Promise<Snapshot | undefined> {
  const head = await readHead(redis, keys, 0);
  if (head.historyId === undefined) throw new StoreUnavailableError('the history is gone');
  const blurred = await readPages(redis, keys);
  const changed = new Map<RecordKey, StoredRecord | undefined>();
  const commits = new Map<string, number>();
  let { revision, commitId } = head;
  const { revision: target } = await readHead(redis, keys, 0);
  while (revision < target) {
    const entries = await readAfter(redis, keys, revision);
    if (entries === undefined || entries.length === 0) return undefined;
    for (const entry of entries) {
      const change = entry.read();
      for (const key of change.deletes) changed.set(key, undefined);
      for (const put of change.puts) changed.set(put.key, { ...put, revision: entry.revision });
      commits.set(entry.commitId, entry.revision);
      ({ revision, commitId } = entry);
    }
  }
  const records = sharpen(blurred, changed);
  return { historyId: head.historyId, revision, commitId, records, commits };
}

/** Every record of the hash; one that moved within it comes twice, the later the newer. */
async function readPages(redis: Redis, keys: Keys): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  const strings = new SharedStrings();
  const scan = (cursor: string) => redis.hscan(keys.records, cursor, 'COUNT', RECORDS_PER_PAGE);
  let next = scan('0');
  for (;;) {
    const [cursor, page] = await next;
    // Redis makes the next page while this one is parsed.
    if (cursor !== '0') next = scan(cursor);
    for (let i = 0; i < page.length; i += 2) {
      const record = parseRecord(page[i] ?? '', page[i + 1] ?? '');
      strings.share(record.value);
      records.push(record);
    }
    if (cursor === '0') return records;
  }
}

/** @param stored `<revision> <JSON>` */
function parseRecord(key: string, stored: string): StoredRecord {
  const space = stored.indexOf(' ');
  const put = parsePut([key as RecordKey, stored.slice(space + 1)]);
  return { key: put.key, value: put.value, revision: Number(stored.slice(0, space)) };
}

/** The records as the changes leave them; most of the time there was none. */
function sharpen(
  records: StoredRecord[],
  changed: ReadonlyMap<RecordKey, StoredRecord | undefined>,
): StoredRecord[] {
  if (changed.size === 0) return records;
  const written = [...changed.values()].filter((record) => record !== undefined);
  return [...records.filter(({ key }) => !changed.has(key)), ...written];
}
