/**
 * Everything as of one revision, read in pages while others commit: the pages are a blur of
 * revisions from the start of the reading to its end, and the changes of that time, applied on top,
 * make it sharp, because a change carries whole records.
 */
import type { Redis } from 'ioredis';
import { identify, type RecordKey, splitKey, Tables } from '../topology/index.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Keys } from './keys.ts';
import { readRecord } from './record-text.ts';
import { SharedStrings } from './shared-strings.ts';
import { readAfter, readHead } from './stream.ts';

export interface Snapshot {
  readonly historyId: string;
  readonly revision: number;
  /** The commit that made `revision`. */
  readonly commitId: string;
  readonly records: Tables;
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
  const records = new Tables();
  await readPages(redis, keys, records);
  const commits = new Map<string, number>();
  let { revision, commitId } = head;
  const { revision: target } = await readHead(redis, keys, 0);
  while (revision < target) {
    const entries = await readAfter(redis, keys, revision);
    if (entries === undefined || entries.length === 0) return undefined;
    for (const entry of entries) {
      const change = entry.read();
      for (const key of change.deletes) records.delete(splitKey(key));
      for (const { key, value } of change.puts) {
        records.put(identify(key, value), value, entry.revision);
      }
      commits.set(entry.commitId, entry.revision);
      ({ revision, commitId } = entry);
    }
  }
  return { historyId: head.historyId, revision, commitId, records, commits };
}

/**
 * Every record of the hash, in values `<revision> <JSON>`; one that moved within it comes twice,
 * the later the newer.
 */
async function readPages(redis: Redis, keys: Keys, records: Tables): Promise<void> {
  const strings = new SharedStrings();
  const scan = (cursor: string) => redis.hscan(keys.records, cursor, 'COUNT', RECORDS_PER_PAGE);
  let next = scan('0');
  for (;;) {
    const [cursor, page] = await next;
    // Redis makes the next page while this one is parsed.
    if (cursor !== '0') next = scan(cursor);
    for (let i = 0; i < page.length; i += 2) {
      const [key, stored] = [page[i] as RecordKey, page[i + 1] ?? ''];
      const space = stored.indexOf(' ');
      const record = readRecord(key, stored.slice(space + 1));
      strings.share(record);
      records.put(identify(key, record), record, Number(stored.slice(0, space)));
    }
    if (cursor === '0') return;
  }
}
