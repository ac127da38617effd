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

const RECORDS_PER_PAGE = 1000;
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
  const records = await readPages(redis, keys);
  const commits = new Map<string, number>();
  let { revision, commitId } = head;
  const { revision: target } = await readHead(redis, keys, 0);
  while (revision < target) {
    const entries = await readAfter(redis, keys, revision);
    if (entries === undefined || entries.length === 0) return undefined;
    for (const entry of entries) {
      const change = entry.read();
      for (const key of change.deletes) records.delete(key);
      for (const put of change.puts) records.set(put.key, { ...put, revision: entry.revision });
      commits.set(entry.commitId, entry.revision);
      ({ revision, commitId } = entry);
    }
  }
  return { historyId: head.historyId, revision, commitId, records: [...records.values()], commits };
}

async function readPages(redis: Redis, keys: Keys): Promise<Map<RecordKey, StoredRecord>> {
  const records = new Map<RecordKey, StoredRecord>();
  const strings = new SharedStrings();
  let cursor = '0';
  do {
    const [next, page] = await redis.hscan(keys.records, cursor, 'COUNT', RECORDS_PER_PAGE);
    for (let i = 0; i < page.length; i += 2) {
      const key = (page[i] ?? '') as RecordKey;
      const stored = page[i + 1] ?? '';
      const space = stored.indexOf(' ');
      const revision = Number(stored.slice(0, space));
      const { value } = parsePut([key, stored.slice(space + 1)]);
      strings.share(value);
      records.set(key, { key, value, revision });
    }
    cursor = next;
  } while (cursor !== '0');
  return records;
}
