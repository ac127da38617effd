/**
 * Ports that hosts show as plugged and that are not served, because a host would have to bear more
 * than it takes: known to whoever looks at the host, and tried again when there may be room.
 */
import type { Logger } from '../lib/log.ts';
import { type Change, isCostly, type Overrun, overrunError, splitKey } from '../topology/index.ts';

interface Refusal {
  readonly hostId: string;
  readonly reason: string;
}

/** Of one host, in one answer. */
const REASONS_MAX = 8;

export class Refusals {
  readonly #log: Logger;
  /** By port. */
  readonly #refusals = new Map<string, Refusal>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** What would be too much, if anything. A refusal is logged when it begins. */
  set(portId: string, overrun: Overrun | undefined): void {
    if (overrun === undefined) {
      this.#refusals.delete(portId);
      return;
    }
    const { hostId } = overrun;
    const reason = `port ${portId} is not served: ${overrunError(overrun).message}`;
    if (this.#refusals.get(portId)?.hostId !== hostId) {
      this.#log.warn('A port is not served: its host would bear too much.', {
        port: portId,
        ...overrun,
      });
    }
    this.#refusals.set(portId, { hostId, reason });
  }

  get size(): number {
    return this.#refusals.size;
  }

  ports(): IterableIterator<string> {
    return this.#refusals.keys();
  }

  reasons(hostId: string): string[] {
    const all = [...this.#refusals.values()].filter((refusal) => refusal.hostId === hostId);
    const told = all.slice(0, REASONS_MAX).map(({ reason }) => reason);
    const more = all.length - told.length;
    return more === 0 ? told : [...told, `${more} more ports are not served for such reasons`];
  }
}

/** Less of what costs hosts something, or another one in the place of one, is room. */
export function mayMakeRoom({ puts, deletes }: Change): boolean {
  const keys = [...puts.map(({ key }) => key), ...deletes];
  return keys.some((key) => isCostly(splitKey(key).kind));
}
