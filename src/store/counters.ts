/**
 * What hosts have counted of records, as packets that rules let through: beside the commits, for
 * it grows with traffic and not with intent. It lives as long as the record, and the host.
 *
 *     counts of a host ──differences──▶ sums of the region
 *
 * Both are written by one script under the host's lease, so that a controller that lost the host
 * adds nothing, and a report that is sent twice is added once.
 */
import type { Redis } from 'ioredis';
import type { RecordKey } from '../topology/index.ts';
import type { Keys } from './keys.ts';
import { Script } from './script.ts';

export interface Count {
  readonly packets: number;
  readonly bytes: number;
  /** Milliseconds since 1970 of the last packet; 0 before the first. */
  readonly lastMs: number;
}

/** What one host has counted, and what its next reader must know of this reading. */
export interface HostCount extends Count {
  readonly memory: string;
}

export interface CountReport {
  readonly hostId: string;
  /** Under which we own the host. */
  readonly lease: { readonly name: string; readonly epoch: bigint };
  /** Milliseconds since 1970 of the reading. */
  readonly atMs: number;
  /** Of records whose figures are not those that were reported last. */
  readonly counts: ReadonlyMap<RecordKey, HostCount>;
}

/** Figures in one run of a script, which lets nobody else in meanwhile: some 2 ms. */
const COUNTS_PER_RUN = 500;

type Use = <T>(work: (redis: Redis) => Promise<T>) => Promise<T>;

export class Counters {
  readonly #keys: Keys;
  readonly #use: Use;
  readonly #count = new Script('count-5');
  readonly #forget = new Script('forget-2');

  /** @param use lends the connection of the moment; what fails rejects as the store's absence */
  constructor(keys: Keys, use: Use) {
    this.#keys = keys;
    this.#use = use;
  }

  /** All that a host has counted. Every call here may reject with StoreUnavailableError. */
  async ofHost(hostId: string): Promise<ReadonlyMap<RecordKey, HostCount>> {
    const found = await this.#use((redis) => redis.hgetall(this.#keys.countsOf(hostId)));
    return new Map(Object.entries(found).map(([key, text]) => [key as RecordKey, parse(text)]));
  }

  /** False when the host is another's by now: nothing of the rest was taken down. */
  async report({ hostId, lease, atMs, counts }: CountReport): Promise<boolean> {
    const all = [...counts].map(([key, count]) => {
      const { packets, bytes, lastMs, memory } = count;
      return [key, packets, bytes, lastMs, memory];
    });
    const head = [lease.name, String(lease.epoch), hostId, atMs];
    const { records, epochs, counts: sums, counted } = this.#keys;
    const keys = [records, epochs, sums, this.#keys.countsOf(hostId), counted];
    for (let at = 0; at === 0 || at < all.length; at += COUNTS_PER_RUN) {
      const some = all.slice(at, at + COUNTS_PER_RUN).flat();
      const answer = await this.#use((redis) => this.#count.run(redis, keys, [...head, ...some]));
      if (answer !== 1) return false;
    }
    return true;
  }

  /** Of all hosts together; nothing for records of which nothing was counted. */
  async sums(keys: readonly RecordKey[]): Promise<ReadonlyMap<RecordKey, Count>> {
    const found = await this.#values(this.#keys.counts, keys);
    return new Map([...found].map(([key, text]) => [key, parse(text)]));
  }

  /** Keys of all records of which there are sums. */
  async counted(): Promise<readonly RecordKey[]> {
    return (await this.#use((redis) => redis.hkeys(this.#keys.counts))) as RecordKey[];
  }

  /** By host, of those that have counted anything of a record. */
  async byHost(key: RecordKey, hostIds: readonly string[]): Promise<ReadonlyMap<string, Count>> {
    const found = await this.#use((redis) =>
      Promise.all(hostIds.map((id) => redis.hget(this.#keys.countsOf(id), key))),
    );
    const counts = new Map<string, Count>();
    for (const [at, id] of hostIds.entries()) {
      const text = found[at];
      if (typeof text === 'string') counts.set(id, parse(text));
    }
    return counts;
  }

  /** By host: milliseconds since 1970 of its last reading; nothing for those never read. */
  async readAt(hostIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = await this.#values(this.#keys.counted, hostIds);
    return new Map([...found].map(([id, text]) => [id, Number(text)]));
  }

  /** Forgets the figures of records, those that are gone, in the sums and of these hosts. */
  async forget(keys: readonly RecordKey[], hostIds: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const hashes = [this.#keys.counts, ...hostIds.map((id) => this.#keys.countsOf(id))];
    await this.#use((redis) =>
      Promise.all(
        hashes.map((hash) => this.#forget.run(redis, [this.#keys.records, hash], [...keys])),
      ),
    );
  }

  /** What a host that is gone has counted stays in the sums. */
  async forgetHost(hostId: string): Promise<void> {
    await this.#use((redis) =>
      Promise.all([redis.del(this.#keys.countsOf(hostId)), redis.hdel(this.#keys.counted, hostId)]),
    );
  }

  async #values<F extends string>(
    hash: string,
    fields: readonly F[],
  ): Promise<ReadonlyMap<F, string>> {
    const values = new Map<F, string>();
    if (fields.length === 0) return values;
    const found = await this.#use((redis) => redis.hmget(hash, ...fields));
    for (const [at, field] of fields.entries()) {
      const text = found[at];
      if (typeof text === 'string') values.set(field, text);
    }
    return values;
  }
}

function parse(text: string): HostCount {
  const [packets, bytes, lastMs, memory = ''] = text.split(' ');
  return { packets: Number(packets), bytes: Number(bytes), lastMs: Number(lastMs), memory };
}
