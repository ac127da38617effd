/** The counts of a region in memory: what `Counters` of the store does, for one process. */
import type { CounterStore } from '../../src/controller/hits/hit-keeper.ts';
import type { Count, CountReport, HostCount } from '../../src/store/index.ts';
import type { RecordKey } from '../../src/topology/index.ts';

export class MemoryCounters implements CounterStore {
  readonly hosts = new Map<string, Map<RecordKey, HostCount>>();
  /** Hosts that were told to forget something. */
  readonly forgotten: string[] = [];
  readonly #readAt = new Map<string, number>();

  async ofHost(hostId: string): Promise<ReadonlyMap<RecordKey, HostCount>> {
    return new Map(this.hosts.get(hostId));
  }

  async report({ hostId, atMs, counts }: CountReport): Promise<boolean> {
    const held = this.hosts.get(hostId) ?? new Map<RecordKey, HostCount>();
    for (const [key, count] of counts) held.set(key, count);
    this.hosts.set(hostId, held);
    this.#readAt.set(hostId, atMs);
    return true;
  }

  async sums(keys: readonly RecordKey[]): Promise<ReadonlyMap<RecordKey, Count>> {
    const sums = new Map<RecordKey, Count>();
    for (const key of keys) {
      for (const held of this.hosts.values()) {
        const count = held.get(key);
        if (count === undefined) continue;
        const { packets, bytes, lastMs } = sums.get(key) ?? { packets: 0, bytes: 0, lastMs: 0 };
        sums.set(key, {
          packets: packets + count.packets,
          bytes: bytes + count.bytes,
          lastMs: Math.max(lastMs, count.lastMs),
        });
      }
    }
    return sums;
  }

  async counted(): Promise<readonly RecordKey[]> {
    return [...this.hosts.values()].flatMap((held) => [...held.keys()]);
  }

  async byHost(key: RecordKey, hostIds: readonly string[]): Promise<ReadonlyMap<string, Count>> {
    return new Map(
      hostIds.flatMap((id) => {
        const count = this.hosts.get(id)?.get(key);
        return count === undefined ? [] : [[id, count] as const];
      }),
    );
  }

  async readAt(hostIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return new Map(
      hostIds.flatMap((id) => {
        const at = this.#readAt.get(id);
        return at === undefined ? [] : [[id, at] as const];
      }),
    );
  }

  async forget(keys: readonly RecordKey[], hostIds: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    for (const id of hostIds) {
      this.forgotten.push(id);
      for (const key of keys) this.hosts.get(id)?.delete(key);
    }
  }

  async forgetHost(hostId: string): Promise<void> {
    this.hosts.delete(hostId);
    this.#readAt.delete(hostId);
  }
}
