/** The stream of changes in Redis: reading entries, and finding whether our position is in it. */
import type { Redis } from 'ioredis';
import { defined } from '../lib/assert.ts';
import type { Put, RecordKey } from '../topology/index.ts';
import { parsePut } from './commit.ts';
import type { Entry, Feed } from './feed.ts';
import type { Keys } from './keys.ts';

/** `[id, [field, value, field, value, …]]`, as XRANGE and XREAD give it. */
export type RawEntry = [id: string, fields: string[]];

const PUT = 'put ';
const DELETE = 'delete ';
/** Entries read at once; a port's is about 1 KB. */
export const ENTRIES_PER_READ = 500;

export function parseEntry([id, fields]: RawEntry): Entry {
  const revision = Number(id.split('-')[0]);
  const [, commitId = '', , at = '', , , ...records] = fields;
  return {
    revision,
    commitId,
    read: () => {
      const puts: Put[] = [];
      const deletes: RecordKey[] = [];
      for (let i = 0; i < records.length; i += 2) {
        const name = records[i] ?? '';
        if (name.startsWith(DELETE)) deletes.push(name.slice(DELETE.length) as RecordKey);
        else puts.push(parsePut([name.slice(PUT.length) as RecordKey, records[i + 1] ?? '']));
      }
      return { revision, at, puts, deletes };
    },
  };
}

/** Where the history stands, read at one moment. */
export interface Head {
  readonly historyId: string | undefined;
  readonly revision: number;
  /** The commit that made the last revision. */
  readonly commitId: string;
  /** The commit that made `position`, when that entry is still there. */
  readonly commitAtPosition: string | undefined;
}

export async function readHead(redis: Redis, keys: Keys, position: number): Promise<Head> {
  const id = `${position}-0`;
  const replies = await redis
    .multi()
    .get(keys.history)
    .get(keys.revision)
    .xrevrange(keys.changes, '+', '-', 'COUNT', 1)
    .xrange(keys.changes, id, id)
    .exec();
  const [history, revision, last, at] = defined(replies, 'reply to EXEC').map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  }) as [string | null, string | null, RawEntry[], RawEntry[]];
  return {
    historyId: history ?? undefined,
    revision: Number(revision ?? 0),
    commitId: last.map((entry) => parseEntry(entry).commitId)[0] ?? '',
    commitAtPosition: at.map((entry) => parseEntry(entry).commitId)[0],
  };
}

/** Why a replica at `position` of `historyId` cannot go on in the history that `head` shows. */
export function rewoundReason(
  head: Head,
  seen: { historyId: string; position: number; commitId: string },
): string | undefined {
  if (head.historyId === undefined) return 'the history is gone';
  if (head.historyId !== seen.historyId) return 'it is another history';
  if (head.revision < seen.position) return 'its last revision is below the one seen';
  const { commitAtPosition: found } = head;
  if (found !== undefined && found !== seen.commitId)
    return 'the revision seen is another commit now';
  return undefined;
}

/** Up to ENTRIES_PER_READ entries after `position`; undefined when the next one was trimmed. */
export async function readAfter(
  redis: Redis,
  keys: Keys,
  position: number,
): Promise<Entry[] | undefined> {
  const raw = await redis.xrange(keys.changes, `${position + 1}-0`, '+', 'COUNT', ENTRIES_PER_READ);
  return contiguous(raw.map(parseEntry), position);
}

/** The entries after `position`, once there are any; undefined when `waitMs` pass without. */
export async function waitForChanges(
  redis: Redis,
  keys: Keys,
  position: number,
  waitMs: number,
): Promise<RawEntry[] | undefined> {
  const { changes } = keys;
  const where = ['STREAMS', changes, `${position}-0`] as const;
  const reply = (await redis.xread('COUNT', ENTRIES_PER_READ, 'BLOCK', waitMs, ...where)) as
    | [key: string, entries: RawEntry[]][]
    | null;
  return reply?.[0]?.[1];
}

/** Offers every change up to `revision`; false when some that the feed lacks were trimmed. */
export async function feedUpTo(
  redis: Redis,
  keys: Keys,
  feed: Feed,
  revision: number,
): Promise<boolean> {
  while (feed.position < revision) {
    const entries = await readAfter(redis, keys, feed.position);
    // Meanwhile the feed may have been given them from elsewhere.
    if (entries === undefined || entries.length === 0) return feed.position >= revision;
    for (const entry of entries) feed.offer(entry);
  }
  return true;
}

/** The entries when they follow `position` without a gap. */
export function contiguous(entries: Entry[], position: number): Entry[] | undefined {
  const isNext = (entry: Entry, i: number): boolean => entry.revision === position + 1 + i;
  return entries.every(isNext) ? entries : undefined;
}
